"""The error for a file that the engine cannot read; worker side."""

from __future__ import annotations

import re

from spectra_emulator.domain.errors import InvalidRequest

_PLACE = re.compile(r""",?( ?(in|of))? file ("[^"]*"|'[^']*')|["']/[^"']*["']""")


def broken(content_type: str, message: str) -> InvalidRequest:
    """Return the error without the file's place on this machine."""
    first_line = _PLACE.sub("", message.partition("\n")[0])
    reason = first_line.rpartition("Error: ")[2].strip() or "it cannot be read"
    return InvalidRequest(f"The file is no valid {content_type}: {reason}")
