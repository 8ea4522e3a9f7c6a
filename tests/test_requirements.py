"""Every rule that a test names stands in the list of requirements, and every listed one is tested or says why not."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
ENTRIES = yaml.safe_load((ROOT / "conformance" / "requirements.yaml").read_text())
ID = re.compile(r"[A-Z]{2,4}-\d{2}")
UNTESTED = {
    "BLK-29": "How often to ask is the client's choice.",
    "AUTH-13": "A key is revoked by a restart, so none outlives its revocation.",
    "LIM-11": "The emulator limits no tenant's bulk jobs.",
    "LIM-15": "There are no sessions to show.",
}
"""Why no test decides a listed rule; a rule that gets its test leaves this list, and none may join it."""

MOST_UNTESTED = 4
LEVELS = {"MUST", "SHOULD", "MAY"}
SOURCES = {"reference", "interpretation"}


def named_ids(path: Path) -> Iterator[str]:
    """Yield the ids that the `requirement(...)` calls of a test file name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "requirement":
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def named() -> dict[str, str]:
    """Return every id that a test names, with one file that does."""
    return {id_: path.name for path in (ROOT / "tests").rglob("*.py") for id_ in named_ids(path)}


def test_every_id_that_a_test_names_is_listed() -> None:
    listed = {entry["id"] for entry in ENTRIES}

    assert {id_: name for id_, name in named().items() if id_ not in listed} == {}


def test_every_listed_id_is_named_by_a_test_or_says_why_not() -> None:
    listed = {entry["id"] for entry in ENTRIES}

    assert listed - named().keys() == UNTESTED.keys()


def test_the_untested_do_not_grow_in_number() -> None:
    assert len(UNTESTED) <= MOST_UNTESTED


def test_no_id_is_listed_twice() -> None:
    counted = Counter(entry["id"] for entry in ENTRIES)

    assert [id_ for id_, count in counted.items() if count > 1] == []


def test_every_entry_is_well_formed() -> None:
    malformed = [
        entry
        for entry in ENTRIES
        if entry.keys() - {"beyond"} != {"id", "level", "source", "promise"}
        or not ID.fullmatch(entry["id"])
        or entry["level"] not in LEVELS
        or entry["source"] not in SOURCES
        or not entry["promise"].endswith(".")
    ]

    assert malformed == []
