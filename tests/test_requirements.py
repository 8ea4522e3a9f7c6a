"""Every rule that a test names stands in the list of requirements."""

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
LEVELS = {"MUST", "SHOULD", "MAY"}
SOURCES = {"reference", "interpretation"}


def named_ids(path: Path) -> Iterator[str]:
    """Yield the ids that the `requirement(...)` calls of a test file name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "requirement":
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def test_every_id_that_a_test_names_is_listed() -> None:
    listed = {entry["id"] for entry in ENTRIES}
    named = {id_: path.name for path in (ROOT / "tests").rglob("*.py") for id_ in named_ids(path)}

    assert {id_: name for id_, name in named.items() if id_ not in listed} == {}


def test_no_id_is_listed_twice() -> None:
    counted = Counter(entry["id"] for entry in ENTRIES)

    assert [id_ for id_, count in counted.items() if count > 1] == []


def test_every_entry_is_well_formed() -> None:
    malformed = [
        entry
        for entry in ENTRIES
        if entry.keys() != {"id", "level", "source", "promise"}
        or not ID.fullmatch(entry["id"])
        or entry["level"] not in LEVELS
        or entry["source"] not in SOURCES
        or not entry["promise"].endswith(".")
    ]

    assert malformed == []
