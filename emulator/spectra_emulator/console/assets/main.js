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

async function meetServer() {
  try {
    offer((await control("GET", "/server")).json.identities);
  } catch (error) {
    toast(error instanceof Refusal ? error.message : String(error), "bad");
  }
}

applyTheme();
drawFrame(part("navigation"), part("top"));
listenToKeys();
bind(frameKeys());
await meetServer();
if (current.get() === null) await askForIdentity();
follow(part("main"));
current.watch(reload);
