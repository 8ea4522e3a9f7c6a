"""Mutants that no caller can tell from the emulator as it should be, each with the reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
