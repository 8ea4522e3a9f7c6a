"""A browser, and pages of the console on the real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.clients.conftest import not_run
from tests.console.chromium import BINARY, running_chromium
from tests.console.pages import Visit, new_context, visited
from tests.emulator import Emulator, Emulators

OpenPage = Callable[..., Page]
expect.set_options(timeout=30_000)


# A browser's driver runs an event loop in its thread, so it ends with this folder: other tests run loops of their own.
@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not BINARY.is_file():
        not_run("Debian's Chromium packages (apt-get)")
    with running_chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="session")
def console_server(emulators: Emulators) -> Emulator:
    """Return a demo server whose clock, faults and journal are the console tests' own."""
    return emulators.start("--rate-limits", "off")


@pytest.fixture(scope="package")
def shared_context(browser: Browser) -> BrowserContext:
    """Return a browser that has its cache from test to test; what a tab keeps, each tab has for itself."""
    return new_context(browser)


@pytest.fixture(scope="package")
def shared_tab(shared_context: BrowserContext) -> Visit:
    """Return the tab that each test opens first: a new one would cost more than most of them do in it."""
    return Visit(shared_context.new_page())


@pytest.fixture
def open_page(browser: Browser, shared_tab: Visit, console_server: Emulator) -> Iterator[OpenPage]:
    """Open pages of the console; each must end without an error, a foreign request or a breach of its policy.

    With options of Playwright's, such as `color_scheme="dark"`, the browser is a new one.
    """
    opened: list[Visit] = []
    contexts: list[BrowserContext] = []

    def open_one(
        path: str = "query", server: Emulator = console_server, *, wait: bool = True, **options: object
    ) -> Page:
        if options:
            contexts.append(new_context(browser, **options))
        if options or shared_tab in opened:
            context = contexts[-1] if options else shared_tab.page.context
            opened.append(visited(context, server.url, path, wait=wait))
        else:
            opened.append(shared_tab)
            shared_tab.go(server.url, path, wait=wait)
        return opened[-1].page

    yield open_one
    for each in opened:
        each.leave() if each is shared_tab else each.close()
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Return the workbench."""
    return open_page()
