"""All hand-written mutants."""

from __future__ import annotations

from tests.mutants.hand import answers, bulk, identities, jobs, limits, links, queries
from tests.mutants.mutant import Mutant


def hand_written() -> list[Mutant]:
    """Return every hand-written mutant; each has a name of its own."""
    families = (queries, answers, jobs, bulk, links, identities, limits)
    return [Mutant(*row) for family in families for row in family.MUTANTS]
