"""VARBYTE values: literals, casts, functions, operators."""

from __future__ import annotations

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.requirements import requirement
from tests.sql.warehouse import Warehouse, sales

VALUES = [
    ("X'0a0B'", b"\x0a\x0b"),
    ("x''", b""),
    ("'é'::VARBYTE", b"\xc3\xa9"),
    ("'abc'::VARBYTE(2)", b"ab"),
    ("'abc'::VARBINARY::VARCHAR", "abc"),
    ("CAST('ab' AS BINARY VARYING(1))", b"a"),
    ("TO_VARBYTE('ff00', 'hex')", b"\xff\x00"),
    ("TO_VARBYTE('110', 'binary')", b"\x06"),
    ("TO_VARBYTE('YQ==', 'base64')", b"a"),
    ("TO_VARBYTE('a', 'UTF8')", b"a"),
    ("FROM_VARBYTE(X'ff00', 'hex')", "ff00"),
    ("FROM_VARBYTE(X'05', 'binary')", "00000101"),
    ("FROM_VARBYTE(X'61', 'base64')", "YQ=="),
    ("FROM_VARBYTE(X'61', 'utf-8')", "a"),
    ("FROM_HEX('6A')", b"j"),
    ("TO_HEX(X'6A')", "6a"),
    ("TO_HEX(255)", "ff"),
    ("TO_HEX(-1)", "ffffffff"),
    ("TO_HEX(-1::BIGINT)", "ffffffffffffffff"),
    ("GETBIT(X'05', 2)", 1),
    ("GETBIT(X'05', 1)", 0),
    ("LEN(X'0102')", 2),
    ("OCTET_LENGTH(X'0102')", 2),
    ("CONCAT(X'01', X'02')", b"\x01\x02"),
    ("X'01' || X'02'", b"\x01\x02"),
    ("X'01' + X'02'", b"\x01\x02"),
    ("SUBSTRING(X'010203', 2)", b"\x02\x03"),
    ("SUBSTRING(X'010203', 2, 1)", b"\x02"),
    ("SUBSTRING(X'010203', -1, 3)", b"\x01"),
    ("SUBSTRING(X'010203', -9, 3)", b""),
    ("STRPOS(X'01aabb', X'bb')", 3),
    ("POSITION(X'1a' IN X'01aa')", 0),
    ("REVERSE(X'0102')", b"\x02\x01"),
    ("X'01' < X'02'", True),
    ("X'61' = 'a'", True),
    ("X'05' & X'04'", b"\x04"),
    ("X'05' | X'02'", b"\x07"),
    ("~X'0f'", b"\xf0"),
    ("6 & 3", 2),
    ("6 | 3", 7),
    ("~6", -7),
    ("LEN(NULL::VARBYTE)", None),
]


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_bytes_answer_as_the_guide_says(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


@requirement("TYP-12")
def test_a_column_of_bytes_has_redshifts_type() -> None:
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE raw (a VARBYTE(4)); INSERT INTO raw VALUES ('ab'::VARBYTE), (X'00ff')")

    assert warehouse.rows("SELECT a FROM raw ORDER BY a") == [(b"\x00\xff",), (b"ab",)]
    assert [column.type for column in warehouse.translation("SELECT a FROM raw").columns] == ["VARBYTE"]


@pytest.mark.parametrize("expression", ["FROM_HEX('6')", "GETBIT(X'05', 8)", "TO_VARBYTE('12', 'binary')"])
def test_a_value_that_spells_no_bytes_raises(expression: str) -> None:
    with pytest.raises(duckdb.InvalidInputException):
        sales().rows(f"SELECT {expression}")


@pytest.mark.parametrize(
    "expression", ["X'123'", "1::VARBYTE", "TO_VARBYTE('a', 'rot13')", "TO_HEX(1.5)", "UPPER(X'61')", "X'01' & 1"]
)
def test_what_is_not_covered_is_refused(expression: str) -> None:
    with pytest.raises(InvalidSql):
        sales().translation(f"SELECT {expression}")
