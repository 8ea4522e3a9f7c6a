"""`spectra-emulator demo`: a server with data and jobs to show, and its console in the browser."""

from __future__ import annotations

import argparse
import sys
import threading
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from spectra_emulator.command_line import Command, Invocation
from spectra_emulator.commands import demo_jobs
from spectra_emulator.settings import Settings
from spectra_emulator.settings_flags import add_flags
from spectra_emulator.settings_sources import SettingsError

_CONSOLE = "/_spectra/ui"
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
_EPILOG = """\
The server has the demo's tables, queries and bulk jobs that have ended each in
its own way, and one that runs until it is advanced. Nothing is kept.
The other options are those of serve, without --fixtures and --data-dir."""


def demo(invocation: Invocation) -> int:
    """Serve the demonstration until it is stopped.

    Raises: SettingsError.
    """
    settings = shown(invocation.loaded().settings)
    browser = not invocation.options.no_browser and has_screen(invocation.environ, sys.platform)
    from spectra_emulator.server import serve  # noqa: PLC0415 - the server costs every other command 0.3 s

    def when_ready(url: str) -> None:
        if settings.console_enabled:
            _invite((settings.public_url or url).rstrip("/") + _CONSOLE, browser=browser)

    return serve(settings, when_ready)


def shown(settings: Settings) -> Settings:
    """Return the settings with the demonstration's seed hook.

    Raises: SettingsError where the demonstration could not be what it says.
    """
    if settings.fixtures is not None or settings.data_dir is not None:
        raise SettingsError("the demo has data of its own and keeps nothing; fixtures and data_dir are for serve")
    if not settings.control_enabled:
        raise SettingsError("the demo needs the control plane; listen on 127.0.0.1 or set control_token")
    return replace(settings, seed_hook=(Path(demo_jobs.__file__), *settings.seed_hook))


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser has somewhere to open; a terminal's own would take the terminal."""
    return platform != "linux" or any(environ.get(name) for name in _SCREENS)


def _invite(console: str, *, browser: bool) -> None:
    """Say where the console is, and open it beside the requests that come already."""
    print(f"Console: {console}", flush=True)
    if browser:
        threading.Thread(target=webbrowser.open, args=(console,), daemon=True).start()


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-browser", action="store_true", help="Open no browser.")
    add_flags(parser)


DEMO = Command("Serve a demonstration and open its console.", demo, _options, _EPILOG)
