"""One visit to the console, and all that went wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

ALLOWED = ["clipboard-read", "clipboard-write"]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
_BREACH = """document.addEventListener('securitypolicyviolation',
    breach => console.error('breach of policy: ' + breach.violatedDirective))"""

_BROWSERS_OWN = (
    "the server responded with a status of",
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
)


@dataclass
class Visit:
    """`faults` are errors of scripts, breaches of the policy and requests that leave the server's origin."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def close(self) -> None:
        self.page.close()
        assert self.faults == []


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """Return a browser as if newly installed: `color_scheme` and the like are Playwright's options."""
    context = browser.new_context(**{"viewport": DESKTOP, "permissions": ALLOWED, **options})
    context.set_default_timeout(30_000)
    return context


def visited(context: BrowserContext, url: str, path: str, *, wait: bool = True) -> Visit:
    """Open the console at `path`, such as `tables/public.sales`, in a new tab, and wait until its screen is there."""
    page = context.new_page()
    visit = Visit(page)
    own = urlsplit(url).netloc
    page.add_init_script(_BREACH)
    page.on("pageerror", lambda error: visit.faults.append(str(error)))
    page.on("console", lambda message: visit.faults.extend(_serious(message.type, message.text)))
    page.on("request", lambda request: visit.faults.extend(_foreign(request.url, own)))
    page.on("dialog", lambda dialog: (visit.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(f"{url}/_spectra/ui#/{path}")
    if wait:
        page.locator("main[data-screen]").wait_for()
    return visit


def _serious(kind: str, text: str) -> list[str]:
    """Return errors, but for the browser's own lines about an answer of 4xx or 5xx, or a server that has ended."""
    return [text] if kind == "error" and not any(own in text for own in _BROWSERS_OWN) else []


def _foreign(address: str, own: str) -> list[str]:
    parts = urlsplit(address)
    return [] if parts.netloc == own or parts.scheme in {"data", "blob"} else [f"foreign request: {address}"]
