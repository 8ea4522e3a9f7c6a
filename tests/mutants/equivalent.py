"""Mutants that no caller can tell from the emulator as it should be, each with the reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    "query:any-content-type": "a body of another content type may be refused or read: both are tolerated",
    "query:a-timeout-of-301": "a timeout above the most may be refused or lowered, and no answer tells which was used",
    "sql:copy-and-unload-are-no-kind": "both are refused all the same, with the same code; only the words differ",
    "sql:truncate-runs": "the parsed statement is refused as well, with the same code and rule",
}
