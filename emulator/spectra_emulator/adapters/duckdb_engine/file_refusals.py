"""The error for a file that the engine cannot read; worker side."""

from __future__ import annotations

import re

from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.sql.file_records import LONG_RECORD_BYTES

_PLACE = re.compile(r""",?( ?(in|of))? file ("[^"]*"|'[^']*')|["']/[^"']*["']""")
_JSON_POSITION = re.compile(r",? at byte \d+ in record/value \d+")
"""The engine counts from where a thread of its own began to read."""
_LIMIT = f"one may have {LONG_RECORD_BYTES} bytes at most"
_BY_WORDS = {
    "maximum_object_size": f"The file holds a JSON record that is too long: {_LIMIT}",
    "state machine reached an invalid state": (
        "The file is no valid CSV: its lines end in different ways; outside of quotes all must end in LF, all in CRLF"
        " or all in CR"
    ),
    "Out of Memory Error": f"The file's records are too long to be read together: {_LIMIT}, and few of them so many",
}


def broken(content_type: str, message: str) -> InvalidRequest:
    """Return the error without the file's place on this machine."""
    known = next((text for words, text in _BY_WORDS.items() if words in message), None)
    if known is not None:
        return InvalidRequest(known)
    first_line = _PLACE.sub("", message.partition("\n")[0])
    reason = _JSON_POSITION.sub("", first_line).rpartition("Error: ")[2].strip() or "it cannot be read"
    return InvalidRequest(f"The file is no valid {content_type}: {reason}")
