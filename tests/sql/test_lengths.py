"""Lengths of strings, as they are declared."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales

LENGTHS = ["VARCHAR(0)", "VARCHAR(65536)", "CHAR(0)", "CHAR(4097)", "NVARCHAR(70000)", "CHARACTER VARYING(65536)"]


@pytest.mark.parametrize("kind", LENGTHS)
@pytest.mark.parametrize("sql", ["SELECT CAST('a' AS {})", "CREATE TABLE t (a {})"])
def test_a_length_that_redshift_has_not_is_refused(sql: str, kind: str) -> None:
    with pytest.raises(InvalidSql, match="must be between 1 and") as caught:
        Warehouse().run(sql.format(kind))
    assert caught.value.details["sql_state"] == "22023"


@pytest.mark.parametrize("kind", ["VARCHAR(65535)", "VARCHAR(MAX)", "CHAR(4096)", "CHAR", "TEXT"])
def test_the_longest_length_is_taken(kind: str) -> None:
    assert sales().text(f"SELECT CAST('a' AS {kind})") == "a"
