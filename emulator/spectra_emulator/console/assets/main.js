// @ts-check
/** Starts the console. */

import { toast } from "./components/toast.js";
import { drawFrame, frameKeys } from "./frame.js";
import { current, offer } from "./identity.js";
import { askForIdentity } from "./identity_menu.js";
import { bind, listenToKeys } from "./keyboard.js";
import { follow, reload } from "./router.js";
import { control, Refusal } from "./server.js";
import { applyTheme } from "./theme.js";

/** @param {string} id */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** @type {Promise<void> | null} */
let met = null;

/** @param {boolean} quietly */
function meetServer(quietly) {
  return quietly ? offered(true) : (met ??= offered(false).then(settled));
}

/** @param {boolean} quietly */
async function offered(quietly) {
  try {
    offer((await control("GET", "/server", { unasked: quietly })).json.identities);
  } catch (error) {
    if (!quietly) toast(error instanceof Refusal ? error.message : String(error), "bad");
  }
}

async function settled() {
  if (current.get() === null) await askForIdentity();
  current.watch(reload);
}

applyTheme();
drawFrame(part("navigation"), part("top"));
listenToKeys();
bind(frameKeys());
follow(part("main"), meetServer);
