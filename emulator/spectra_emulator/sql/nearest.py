"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the candidate most like `word`, whatever its case, or None where none is.

    `cutoff` is difflib's ratio: 0 likes everything, 1 only the same word.
    """
    spellings = {candidate.lower(): candidate for candidate in candidates}
    matches = get_close_matches(word.lower(), spellings, n=1, cutoff=cutoff)
    return spellings[matches[0]] if matches else None
