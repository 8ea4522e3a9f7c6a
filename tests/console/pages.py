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


@dataclass(eq=False)
class Visit:
    """A tab; `faults` are errors of scripts, breaches of the policy and requests that leave the server's origin."""

    page: Page
    origin: str = ""
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.page
        page.add_init_script(_BREACH)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.extend(_serious(message.type, message.text)))
        page.on("request", lambda request: self.faults.extend(_foreign(request.url, self.origin)))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def go(self, url: str, path: str, *, wait: bool = True) -> None:
        """Open the console at `path`, such as `tables/public.sales`, and wait until its screen is there."""
        self.origin = urlsplit(url).netloc
        self.page.goto(f"{url}/_spectra/ui#/{path}")
        if wait:
            self.page.locator("main[data-screen]").wait_for()

    def leave(self) -> None:
        """Leave the tab as if it were new."""
        self.page.unroute_all()
        self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        faults, self.faults = self.faults, []
        assert faults == []

    def close(self) -> None:
        self.page.close()
        assert self.faults == []


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """Return a browser as if newly installed: `color_scheme` and the like are Playwright's options."""
    context = browser.new_context(**{"viewport": DESKTOP, "permissions": ALLOWED, **options})
    context.set_default_timeout(30_000)
    return context


def visited(context: BrowserContext, url: str, path: str, *, wait: bool = True) -> Visit:
    """Open the console in a new tab."""
    visit = Visit(context.new_page())
    visit.go(url, path, wait=wait)
    return visit


def _serious(kind: str, text: str) -> list[str]:
    """Return errors, but for the browser's own lines about an answer of 4xx or 5xx, or a server that has ended."""
    return [text] if kind == "error" and not any(own in text for own in _BROWSERS_OWN) else []


def _foreign(address: str, own: str) -> list[str]:
    parts = urlsplit(address)
    return [] if parts.netloc == own or parts.scheme in {"data", "blob", "about"} else [f"foreign request: {address}"]
