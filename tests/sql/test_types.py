"""The types of results, as the guide's rules give them."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.type_names import duckdb_type, parsed_type, redshift_type
from spectra_emulator.sql.types import computed, unified

from tests.requirements import requirement
from tests.sql.warehouse import sales


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        ("SMALLINT", "+", "SMALLINT", "SMALLINT"),
        ("SMALLINT", "*", "INTEGER", "INTEGER"),
        ("INTEGER", "/", "BIGINT", "BIGINT"),
        ("REAL", "+", "REAL", "REAL"),
        ("REAL", "+", "INTEGER", "DOUBLE PRECISION"),
        ("DECIMAL(8,2)", "+", "DOUBLE PRECISION", "DOUBLE PRECISION"),
        ("DECIMAL(8,2)", "+", "DECIMAL(6,3)", "DECIMAL(10,3)"),
        ("DECIMAL(8,2)", "-", "INTEGER", "DECIMAL(13,2)"),
        ("DECIMAL(8,2)", "*", "SMALLINT", "DECIMAL(14,2)"),
        ("DECIMAL(8,2)", "/", "DECIMAL(8,2)", "DECIMAL(17,9)"),
        ("DECIMAL(38,2)", "/", "BIGINT", "DECIMAL(38,4)"),
        ("DECIMAL(38,2)", "+", "DECIMAL(38,2)", "DECIMAL(38,2)"),
    ],
)
def test_a_computation_has_the_type_of_the_guide(left: str, operator: str, right: str, result: str) -> None:
    assert computed(operator, parsed_type(left), parsed_type(right)) == parsed_type(result)


@pytest.mark.parametrize(
    ("types", "result"),
    [
        (("DECIMAL(7,2)", "DECIMAL(15,3)"), "DECIMAL(15,3)"),
        (("INTEGER", "BIGINT"), "BIGINT"),
        (("INTEGER", "DECIMAL(5,2)"), "DECIMAL(12,2)"),
        (("DECIMAL(5,2)", "REAL"), "DOUBLE PRECISION"),
        (("DATE", "TIMESTAMP"), "TIMESTAMP"),
        (("CHAR(3)", "VARCHAR(10)"), "VARCHAR(10)"),
    ],
)
def test_values_of_two_types_unify(types: tuple[str, str], result: str) -> None:
    assert unified(parsed_type(one) for one in types) == parsed_type(result)


def test_a_number_and_a_string_do_not_unify() -> None:
    assert unified([parsed_type("INTEGER"), parsed_type("VARCHAR(3)")]) is None


@requirement("TYP-01", "TYP-02", "TYP-03", "TYP-04", "QRY-22")
@pytest.mark.parametrize(
    ("expression", "name", "engine_type"),
    [
        ("AVG(qty)", "BIGINT", "BIGINT"),
        ("AVG(amount)", "DECIMAL", "DECIMAL(38,2)"),
        ("AVG(ratio)", "DOUBLE PRECISION", "DOUBLE"),
        ("SUM(qty)", "BIGINT", "BIGINT"),
        ("SUM(id)", "DECIMAL", "DECIMAL(38,0)"),
        ("SUM(amount)", "DECIMAL", "DECIMAL(38,2)"),
        ("COUNT(*)", "BIGINT", "BIGINT"),
        ("MAX(year)", "SMALLINT", "SMALLINT"),
        ("STDDEV(amount)", "DOUBLE PRECISION", "DOUBLE"),
        ("MAX(year + 1)", "INTEGER", "INTEGER"),
        ("MAX(year + year)", "SMALLINT", "SMALLINT"),
        ("MAX(amount / qty)", "DECIMAL", "DECIMAL(23,13)"),
        ("MAX(amount * qty)", "DECIMAL", "DECIMAL(23,2)"),
        ("MAX(LENGTH(region))", "INTEGER", "INTEGER"),
        ("MAX(CASE WHEN paid THEN 1 ELSE 0.5 END)", "DECIMAL", "DECIMAL(11,1)"),
        ("MAX(COALESCE(year, 0))", "INTEGER", "INTEGER"),
        ("MAX(DATEADD(day, 1, day))", "TIMESTAMP", "TIMESTAMP"),
        ("MAX(day + 1)", "DATE", "DATE"),
        ("MAX(day - day)", "INTEGER", "INTEGER"),
        ("BOOL_AND(paid)", "BOOLEAN", "BOOLEAN"),
        ("MAX(code)", "CHAR", "VARCHAR"),
        ("LISTAGG(region)", "VARCHAR", "VARCHAR"),
    ],
)
def test_a_result_has_redshifts_type_in_both_places(expression: str, name: str, engine_type: str) -> None:
    sql = f"SELECT {expression} FROM sales"
    assert [column.type for column in sales().translation(sql).columns] == [name]
    assert sales().engine_types(sql) == [engine_type]


@pytest.mark.parametrize(
    ("redshift", "duckdb"),
    [
        ("VARCHAR(64)", "VARCHAR"),
        ("CHARACTER VARYING(64)", "VARCHAR"),
        ("CHAR(3)", "VARCHAR"),
        ("NUMERIC(12,2)", "DECIMAL(12,2)"),
        ("DECIMAL", "DECIMAL(18,0)"),
        ("REAL", "FLOAT"),
        ("FLOAT8", "DOUBLE"),
        ("SUPER", "JSON"),
        ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"),
        ("bool", "BOOLEAN"),
    ],
)
def test_redshifts_types_have_a_spelling_in_duckdb(redshift: str, duckdb: str) -> None:
    assert duckdb_type(redshift) == duckdb


@pytest.mark.parametrize(
    ("duckdb", "redshift"),
    [("HUGEINT", "DECIMAL(38,0)"), ("DECIMAL(12,2)", "DECIMAL(12,2)"), ("DOUBLE", "DOUBLE PRECISION"), ("UUID", None)],
)
def test_duckdbs_types_read_back_as_redshifts(duckdb: str, redshift: str | None) -> None:
    assert redshift_type(duckdb) == redshift


@pytest.mark.parametrize("text", ["INTEGER(3)", "TIMESTAMP(3)", "VARCHAR(", "INT[]"])
def test_a_text_that_spells_no_type_is_refused(text: str) -> None:
    with pytest.raises(InvalidSql):
        parsed_type(text)
