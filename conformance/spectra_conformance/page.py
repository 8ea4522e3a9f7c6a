"""The list of requirements for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from spectra_conformance.deciders import by_requirement, profile_of
from spectra_conformance.requirements import Requirement, requirements

MOST_NAMED = 6
INTRODUCTION = """\
# What a deployment promises

<!-- Written by `spectra-conformance requirements --markdown`; a test holds it fresh. -->

**MUST** fails a deployment, **SHOULD** warns, **MAY** is only recorded. *Reference* is said by the API reference,
*interpretation* settles what it leaves open. *From* is the smallest profile in which it is decided; the last column
names the checks that decide it, as `--only` takes them."""


HEADING = ("| Id | Level | Promise | Source | From | Decided by |", "|---|---|---|---|---|---|")


def markdown() -> str:
    """Return the page, chapter by chapter."""
    return "\n".join([INTRODUCTION, *_chapters()]) + "\n"


def plain() -> str:
    """Return one line a requirement."""
    return "".join(f"{one.id:8} {one.level:6} {one.promise}\n" for one in requirements().values())


def _chapters() -> Iterator[str]:
    for chapter, group in groupby(requirements().values(), key=lambda one: one.chapter):
        yield from ("", f"## {chapter}", "", *HEADING)
        yield from (_row(requirement) for requirement in group)


def _row(one: Requirement) -> str:
    promise = one.promise.replace("|", "\\|")
    profile = "" if one.beyond else profile_of(one.id)
    return f"| {one.id} | {one.level} | {promise} | {one.source} | {profile} | {_deciders(one)} |"


def _deciders(one: Requirement) -> str:
    if one.beyond:
        return f"*{one.beyond}*"
    names = sorted({_of_all_operations(name) for name in by_requirement().get(one.id, ())})
    shown = ", ".join(f"`{name}`" for name in names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown


def _of_all_operations(check: str) -> str:
    """Return a check of one operation as the glob of all that are like it."""
    return f"{check.rpartition(':')[0]}:*" if check.startswith("contract:") else check
