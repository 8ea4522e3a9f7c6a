"""VARBYTE values: literals, casts, functions, operators."""

from __future__ import annotations

from tests.requirements import requirement
from tests.sql.warehouse import Warehouse


@requirement("TYP-12")
def test_a_column_of_bytes_has_redshifts_type() -> None:
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE raw (a VARBYTE(4)); INSERT INTO raw VALUES ('ab'::VARBYTE), (X'00ff')")

    assert warehouse.rows("SELECT a FROM raw ORDER BY a") == [(b"\x00\xff",), (b"ab",)]
    assert [column.type for column in warehouse.translation("SELECT a FROM raw").columns] == ["VARBYTE"]
