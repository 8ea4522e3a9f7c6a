"""The files that the console is made of."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).with_name("assets")
_NAME = re.compile(r"([a-z_]+/)?[a-z_]+\.(html|js|css)")
_MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
STYLES = "styles.css"
"""All style sheets in one: a browser waits for each before it shows anything."""

_FIRST_STYLES = ("theme", "base", "frame", "components")


@dataclass(frozen=True)
class Asset:
    """A file as it is served; `tag` changes with its content."""

    content: bytes
    media_type: str
    tag: str


def asset(name: str) -> Asset | None:
    """Return the file of that name, such as `screens/query.js`, where there is one; no other name reaches any file."""
    content = _styles() if name == STYLES else _file(name)
    if content is None:
        return None
    return Asset(content, _MEDIA_TYPES[Path(name).suffix], f'"{hashlib.sha256(content).hexdigest()[:16]}"')


def _file(name: str) -> bytes | None:
    try:
        return (_FOLDER / name).read_bytes() if _NAME.fullmatch(name) else None
    except OSError:
        return None


def _styles() -> bytes:
    """Return the sheets that others build upon, then those of the screens."""
    first = [_FOLDER / "styles" / f"{name}.css" for name in _FIRST_STYLES]
    others = sorted(set((_FOLDER / "styles").glob("*.css")) - set(first))
    return b"\n".join(file.read_bytes() for file in (*first, *others))
