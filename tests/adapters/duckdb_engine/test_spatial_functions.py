"""Spatial functions in real workers: when they are loaded, how their values move through files, what goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.ports import Applied

from tests.adapters.duckdb_engine.desk import CSV, JSON, PARQUET, Desk

POINT = "0101000000000000000000F03F0000000000000040"
ON_EARTH = "0101000020E6100000000000000000F03F0000000000000040"
LIBRARIES = ("numpy", "shapely", "spectra_emulator.adapters.spatial.columns")


@pytest.fixture
def places(desk: Desk) -> Desk:
    desk.run("CREATE TABLE places (id INT, shape GEOMETRY, spot GEOGRAPHY)")
    return desk


@pytest.mark.parametrize("process", ["spectra_emulator.server", "spectra_emulator.adapters.duckdb_engine.fork_server"])
def test_no_process_loads_the_libraries_when_it_starts(process: str) -> None:
    code = f"import json, sys, {process}; print(json.dumps(sorted(set({LIBRARIES!r}) & set(sys.modules))))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(answer.stdout) == []


def maps_geos(desk: Desk) -> bool:
    pid = desk.engine._worker(desk.engine._database(desk.tenant_id))._pid  # noqa: SLF001 - no other way leads to the process
    return "shapely" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


def test_a_worker_loads_the_libraries_with_the_first_statement_that_needs_them(places: Desk) -> None:
    places.rows("SELECT id, shape FROM places")
    before = maps_geos(places)
    places.rows("SELECT ST_X(shape) FROM places")
    assert (before, maps_geos(places)) == (False, True)


def test_a_view_is_answered_by_a_worker_that_has_not_loaded_them_yet(places: Desk) -> None:
    places.run("CREATE VIEW texts AS SELECT ST_AsText(ST_Point(id, 2)) AS text FROM places")
    places.run("INSERT INTO places VALUES (1, NULL, NULL)")
    places.engine._worker(places.engine._database(places.tenant_id)).kill()  # noqa: SLF001 - no other way leads to the process
    assert places.rows("SELECT text FROM texts") == [{"text": "POINT(1 2)"}]


def test_a_table_with_a_geometry_by_default_outlives_its_worker(places: Desk) -> None:
    places.run("CREATE TABLE homes (id INT, shape GEOMETRY DEFAULT ST_Point(1, 2)); INSERT INTO homes (id) VALUES (1)")
    places.engine._worker(places.engine._database(places.tenant_id)).kill()  # noqa: SLF001 - no other way leads to the process
    places.run("INSERT INTO homes (id) VALUES (2)")
    assert places.rows("SELECT COUNT(DISTINCT ST_AsText(shape)) AS count FROM homes WHERE ST_X(shape) = 1") == [
        {"count": 1}
    ]


def test_statements_that_want_them_at_once_all_get_them(places: Desk) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(places.rows, f"SELECT ST_X(ST_Point({number}, 0)) AS x") for number in range(4)]
    assert [answer.result() for answer in answers] == [[{"x": f"{number}.0"}] for number in range(4)]


def test_a_script_is_one_transaction_though_it_loads_them(places: Desk) -> None:
    with pytest.raises(InvalidSql, match="POINT, not LINESTRING"):
        places.run(
            "INSERT INTO places VALUES (1, ST_Point(1, 2), NULL);"
            "INSERT INTO places VALUES (ST_X(ST_GeomFromText('LINESTRING(0 0,1 1)')), NULL, NULL)"
        )
    assert places.rows("SELECT COUNT(*) AS count FROM places") == [{"count": 0}]


def test_csv_and_json_hold_hexadecimal_digits(places: Desk) -> None:
    places.run(f"INSERT INTO places VALUES (1, DropBBox('{POINT}'::GEOMETRY), ST_GeogFromText('POINT(1 2)'))")
    query = "SELECT shape, spot FROM places"
    assert places.export(query).decode() == f"shape,spot\n{POINT},{ON_EARTH}\n"
    assert json.loads(places.export(query, JSON)) == [{"shape": POINT, "spot": ON_EARTH}]


@pytest.mark.parametrize("file_format", [CSV, JSON, PARQUET], ids=["csv", "json", "parquet"])
def test_what_was_exported_is_imported_again(places: Desk, file_format: object) -> None:
    places.run(f"INSERT INTO places VALUES (1, '{POINT}', ST_GeogFromText('POINT(1 2)')), (2, NULL, NULL)")
    content = places.export("SELECT * FROM places", file_format)
    places.run("TRUNCATE places")
    assert places.apply("insert", "places", content, file_format) == Applied(2, 0)
    expected = [{"id": 1, "shape": POINT, "spot": ON_EARTH}, {"id": 2, "shape": None, "spot": None}]
    assert places.rows("SELECT * FROM places ORDER BY id") == expected


def test_a_record_without_a_geometry_fails_alone(places: Desk) -> None:
    applied = places.apply("insert", "places", f"id,shape\n1,{POINT}\n2,{POINT[:-2]}\n3,POINT(1 2)\n")
    assert applied == Applied(1, 2)
    assert [record[-1] for record in places.failed()[1:]] == [
        f"column \"shape\" takes GEOMETRY, not '{POINT[:-2][:40]}'",
        "column \"shape\" takes GEOMETRY, not 'POINT(1 2)'",
    ]


def test_digits_without_an_srid_become_a_geography_of_4326(places: Desk) -> None:
    places.apply("insert", "places", f"id,spot\n1,{POINT}\n")
    assert places.rows("SELECT spot FROM places") == [{"spot": ON_EARTH}]


def test_a_column_of_numbers_is_no_geometry(places: Desk) -> None:
    assert places.apply("insert", "places", '[{"id": 1, "shape": 12}]', JSON) == Applied(0, 1)


def test_more_rows_than_a_vector_holds_are_all_answered(places: Desk) -> None:
    digits = ", ".join(f"({digit}, NULL, NULL)" for digit in range(10))
    places.run(f"INSERT INTO places VALUES {digits}")
    query = (
        "SELECT COUNT(*) AS count, SUM(ST_X(p)) AS sum FROM (SELECT ST_Point(a.id + 10*b.id + 100*c.id + 1000*d.id, 0) "
        "AS p FROM places a, places b, places c, places d) t WHERE ST_DWithin(p, ST_Point(0, 0), 4999)"
    )
    assert places.rows(query) == [{"count": 5000, "sum": "12497500.0"}]
