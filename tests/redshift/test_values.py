"""Values and types, over all engines: what one answers the other answers, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.adapters.redshift.values import rows_json
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.ports import QueryEngine

from tests.redshift.asking import asked
from tests.redshift.redshift_like import RedshiftLike
from tests.requirements import requirement

MIB = 1024**2
COMMON = [
    ("SELECT 1::smallint AS x", "SMALLINT", b"1"),
    ("SELECT 2147483647 AS x", "INTEGER", b"2147483647"),
    ("SELECT 9223372036854775807::bigint AS x", "BIGINT", b"9223372036854775807"),
    ("SELECT 1.50::decimal(10,2) AS x", "DECIMAL", b"1.50"),
    ("SELECT -0.005::decimal(5,3) AS x", "DECIMAL", b"-0.005"),
    (
        "SELECT 12345678901234567890123456789012345678::decimal(38,0) AS x",
        "DECIMAL",
        b"1" + b"2345678901234567890123456789012345678",
    ),
    ("SELECT 1.5::float8 AS x", "DOUBLE PRECISION", b"1.5"),
    ("SELECT 1e20::float8 AS x", "DOUBLE PRECISION", b"1.0e20"),
    ("SELECT 0.1::real AS x", "REAL", b"0.1"),
    ("SELECT 0.0000012::float8 AS x", "DOUBLE PRECISION", b"1.2e-6"),
    ("SELECT true AS x", "BOOLEAN", b"true"),
    ("SELECT 'Zoë \"q\"'::varchar AS x", "VARCHAR", '"Zoë \\"q\\""'.encode()),
    ("SELECT ''::varchar AS x", "VARCHAR", b'""'),
    ("SELECT 'it''s'::varchar AS x", "VARCHAR", b'"it\'s"'),
    ("SELECT 'a\\\\b'::varchar AS x", "VARCHAR", b'"a\\\\b"'),
    ("SELECT 'ab'::char(4) AS x", "CHAR", b'"ab"'),
    ("SELECT DATE '2024-01-15' AS x", "DATE", b'"2024-01-15"'),
    ("SELECT TIMESTAMP '2024-01-15 10:00:00' AS x", "TIMESTAMP", b'"2024-01-15T10:00:00"'),
    ("SELECT TIMESTAMP '2024-01-15 10:00:00.5' AS x", "TIMESTAMP", b'"2024-01-15T10:00:00.500"'),
    ("SELECT TIMESTAMP '2024-01-15 10:00:00.123456' AS x", "TIMESTAMP", b'"2024-01-15T10:00:00.123456"'),
    ("SELECT TIMESTAMPTZ '2024-01-15 10:00:00+02' AS x", "TIMESTAMPTZ", b'"2024-01-15T08:00:00Z"'),
    ("SELECT TIME '10:00:01.25' AS x", "TIME", b'"10:00:01.250"'),
    ("SELECT INTERVAL '3 days 04:05:06.7' AS x", "INTERVAL", b'"3 days 04:05:06.7"'),
    ("SELECT NULL::integer AS x", "INTEGER", b"null"),
]


@pytest.fixture(scope="module")
def engines(redshift: RedshiftLike, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, QueryEngine]]:
    folder = tmp_path_factory.mktemp("engine")
    limits = WorkerLimits(memory_bytes=512 * MIB, threads=1, lanes=2)
    embedded = DuckDbEngine(folder / "tenants", FixtureFiles(folder / "none"), limits, max_workers=1)
    yield {"duckdb": embedded, "wire": redshift.engine()}
    embedded.close()


@requirement(
    "TYP-01", "TYP-02", "TYP-03", "TYP-04", "TYP-05", "TYP-06", "TYP-07", "TYP-08", "TYP-09", "TYP-10", "TYP-13"
)
@pytest.mark.parametrize("name", ["duckdb", "wire"])
@pytest.mark.parametrize(("sql", "kind", "value"), COMMON, ids=[sql for sql, _, _ in COMMON])
def test_a_value_is_written_alike(
    engines: dict[str, QueryEngine], name: str, sql: str, kind: str, value: bytes
) -> None:
    answer = asked(engines[name], sql)
    assert (answer.rows_json, answer.column_types) == (b'[{"x":%b}]' % value, (kind,))


@requirement("TYP-15")
@pytest.mark.parametrize("name", ["duckdb", "wire"])
def test_of_two_columns_of_one_name_the_row_keeps_the_last(engines: dict[str, QueryEngine], name: str) -> None:
    answer = asked(engines[name], "SELECT 1 AS a, 2 AS b, 3 AS a")
    assert answer.columns == ("a", "b", "a")
    assert answer.rows_json == b'[{"b":2,"a":3}]'


def test_a_moment_whose_utc_is_before_the_year_1_stays_as_it_is_told() -> None:
    column, text = Column("x", "TIMESTAMPTZ"), "0001-01-01 00:00:00+01"
    assert rows_json([column], [[text]]) == b'[{"x":"%b"}]' % text.encode()


@requirement("TYP-11", "TYP-12")
@pytest.mark.parametrize(
    ("column", "kind", "value"),
    [
        ("""'{"a":[1,null,"x"]}'::json""", "SUPER", b'{"a":[1,null,"x"]}'),
        ("decode('616263', 'hex')", "VARBYTE", b'"616263"'),
        ("'10:00:00.123-05:30'::timetz", "TIMETZ", b'"15:30:00.123+00"'),
        ("'NaN'::float8", "DOUBLE PRECISION", b"null"),
        ("'-Infinity'::real", "REAL", b"null"),
        ("'0044-03-15 BC'::date", "DATE", b'"0044-03-15 BC"'),
        ("'12000-01-01'::timestamp", "TIMESTAMP", b'"12000-01-01 00:00:00"'),
        ("'12000-01-01 00:00:00+00'::timestamptz", "TIMESTAMPTZ", b'"12000-01-01 00:00:00+00"'),
        ("'24:00:00+00'::timetz", "TIMETZ", b'"24:00:00+00"'),
    ],
)
def test_a_value_that_only_a_warehouse_has_or_writes_so(
    redshift: RedshiftLike, engines: dict[str, QueryEngine], column: str, kind: str, value: bytes
) -> None:
    redshift.sql(f"DROP VIEW IF EXISTS held; CREATE VIEW held AS SELECT {column} AS x; GRANT SELECT ON held TO PUBLIC")
    answer = asked(engines["wire"], "SELECT x FROM held")
    assert (answer.rows_json, answer.column_types) == (b'[{"x":%b}]' % value, (kind,))
