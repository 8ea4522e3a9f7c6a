"""Query patterns of TPC-H and TPC-DS, against DuckDB SQL in which Redshift's types are spelt out by casts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.sql.warehouse import Warehouse

FOLDER = Path(__file__).parent
PATTERNS = sorted(file.stem for file in (FOLDER / "redshift").glob("*.sql"))


@cache
def warehouse() -> Warehouse:
    filled = Warehouse()
    filled.run((FOLDER / "schema.sql").read_text())
    filled.connection.execute("SET search_path = 'public'")
    filled.connection.execute((FOLDER / "rows.sql").read_text())
    return filled


def answered(sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    relation = warehouse().connection.sql(sql)
    return [str(kind) for kind in relation.types], relation.fetchall()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_answered_in_redshifts_types(pattern: str) -> None:
    ours = warehouse().translation((FOLDER / "redshift" / f"{pattern}.sql").read_text()).sql
    kinds, rows = answered(ours)
    assert rows
    assert (kinds, rows) == answered((FOLDER / "duckdb" / f"{pattern}.sql").read_text())


def test_all_of_tpc_h_and_thirty_of_tpc_ds_are_there() -> None:
    assert [one for one in PATTERNS if one.startswith("h")] == [f"h{number:02}" for number in range(1, 23)]
    assert len([one for one in PATTERNS if one.startswith("ds")]) >= 30
