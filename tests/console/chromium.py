"""Debian's Chromium, unpacked and driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

UNPACKED = Path(__file__).parents[2] / ".tools" / "chromium" / "root"
"""What `unpack_chromium.sh` leaves, by way of `make test`."""

BINARY = UNPACKED / "usr" / "lib" / "chromium" / "chromium"
_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu")
_FLAGS = (
    "--no-sandbox",  # root has none, and the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
)
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <test name="family" qual="all" compare="not_contains"><string>Mono</string></test>
    <test name="family" qual="all" compare="not_eq"><string>monospace</string></test>
    <edit name="family" mode="append" binding="strong"><string>Liberation Sans</string></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>monospace</string></test>
    <edit name="family" mode="append" binding="strong"><string>DejaVu Sans Mono</string></edit>
  </match>
</fontconfig>
"""


@contextmanager
def running_chromium(folder: Path) -> Iterator[Browser]:
    """Run the browser with its own fonts, so that a page looks the same on every machine."""
    fonts = folder / "fonts.conf"
    fonts.write_text(_FONTS.format(fonts=UNPACKED / "usr/share/fonts", cache=folder / "fonts"), encoding="utf-8")
    libraries = ":".join(str(UNPACKED / each) for each in _LIBRARIES)
    environ = {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(fonts)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BINARY, args=_FLAGS, env={**environ})
        try:
            yield browser
        finally:
            browser.close()
