"""The catalogue views, as a tool sees them over the API."""

from __future__ import annotations

import json

import pytest

from tests.credentials import OTHER_TENANT
from tests.emulator import TENANT, Emulator, Emulators
from tests.requirements import requirement

VIEWS = (
    *("information_schema.tables", "information_schema.columns", "information_schema.schemata"),
    *("information_schema.views", "information_schema.table_constraints", "information_schema.key_column_usage"),
    *("pg_table_def", "svv_tables", "svv_columns", "svv_table_info", "svv_all_tables", "svv_all_columns"),
    *("svv_redshift_tables", "svv_redshift_columns"),
)


@pytest.fixture(scope="module")
def permissive(emulators: Emulators) -> Emulator:
    started = emulators.start("--rate-limits", "off", "--sql-security-level", "permissive")
    started.sql("CREATE TABLE mine_alone (id INT)", TENANT)
    started.sql("CREATE TABLE of_the_other (id INT)", OTHER_TENANT)
    return started


@requirement("SQL-09")
@pytest.mark.parametrize("view", VIEWS)
def test_a_catalogue_view_needs_the_level_permissive(server: Emulator, permissive: Emulator, view: str) -> None:
    assert server.query(f"SELECT COUNT(*) FROM {view}").code == "SQL_BLOCKED"
    assert permissive.query(f"SELECT * FROM {view}").status == 200


@pytest.mark.parametrize("view", ["information_schema.tables", "svv_tables", "svv_all_tables"])
def test_a_tenant_sees_its_own_tables_alone(permissive: Emulator, view: str) -> None:
    answer = permissive.query(f"SELECT table_name FROM {view}")
    names = {row["table_name"] for row in answer.json["data"]}
    assert {"sales", "mine_alone"} <= names
    assert "of_the_other" not in names


@pytest.mark.parametrize("view", VIEWS[:3])
def test_nothing_of_the_emulator_shows(permissive: Emulator, view: str) -> None:
    shown = json.dumps(permissive.query(f"SELECT * FROM {view}", limit=1000).json).lower()
    assert "spectra_internal" not in shown
    assert "duckdb" not in shown


def test_a_new_table_shows_at_once(permissive: Emulator) -> None:
    find = "SELECT COUNT(*) AS n FROM pg_table_def WHERE tablename = 'made_later'"
    before = permissive.query(find).json["data"]
    permissive.sql("CREATE TABLE made_later (a INT, b INT)")
    assert (before, permissive.query(find).json["data"]) == ([{"n": 0}], [{"n": 2}])
