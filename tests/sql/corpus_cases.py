"""The cases of the corpus, read from `corpus/*.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "corpus"


class Number(str):
    """A JSON number as it is written: 1.50 is not 1.5, and 1 is not '1'."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return str(self)


class Loader(yaml.CSafeLoader):
    """YAML whose plain scalars mean what they mean in JSON, and otherwise are text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"null$"), ["n"])
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), ["t", "f"])
Loader.add_implicit_resolver(
    "!number", re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"), list("-0123456789")
)
Loader.add_constructor("!number", lambda _, node: Number(node.value))


@dataclass(frozen=True)
class Refusal:
    """The error that a case expects; `message` is a part of it."""

    code: str
    message: str
    sql_state: str | None = None


@dataclass(frozen=True)
class Case:
    """One fact of the developer guide: a statement and its answer, or its error.

    `rows` hold JSON values in the order of `columns`; without `sql`, the setup itself is refused.
    """

    id: str
    page: str
    sql: str | None = None
    setup: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    rows: tuple[tuple[Any, ...], ...] | None = None
    error: Refusal | None = None


@dataclass(frozen=True)
class Family:
    """One file; its tables are made once and not changed by any case."""

    name: str
    tables: str
    cases: tuple[Case, ...]


@cache
def families() -> tuple[Family, ...]:
    return tuple(_family(file) for file in sorted(FOLDER.glob("*.yaml")))


def _family(file: Path) -> Family:
    content = yaml.load(file.read_text(encoding="utf-8"), Loader)
    return Family(file.stem, content.get("tables") or "", tuple(_case(each) for each in content["cases"]))


def _case(written: Mapping[str, Any]) -> Case:
    parts = dict(written)
    for name in ("setup", "columns", "types"):
        if name in parts:
            parts[name] = tuple(parts[name])
    if "rows" in parts:
        parts["rows"] = tuple(map(tuple, parts["rows"]))
    if "error" in parts:
        parts["error"] = Refusal(**parts["error"])
    return Case(**parts)
