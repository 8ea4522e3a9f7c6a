"""The statements that generated requests carry, with the rows each gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class KnownQuery:
    """`types` is empty where the deployment is free to choose them."""

    sql: str
    rows: tuple[Mapping[str, Any], ...]
    types: tuple[str, ...]
    promises: tuple[str, ...]


@cache
def known_queries() -> Mapping[str, KnownQuery]:
    """Return the known queries by their text."""
    listed = yaml.safe_load((files(__package__) / "known_queries.yaml").read_text(encoding="utf-8"))
    return {one["sql"]: _known(one) for one in listed}


def _known(listed: Mapping[str, Any]) -> KnownQuery:
    rows = tuple(listed["rows"])
    return KnownQuery(listed["sql"], rows, tuple(listed.get("types", ())), tuple(listed["promises"]))
