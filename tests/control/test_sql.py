"""What the control plane tells of a tenant's SQL and of the server."""

from __future__ import annotations

import pytest
from spectra_emulator import __version__

from tests.emulator import Emulator, Emulators


def test_a_query_is_explained_without_being_run(server: Emulator) -> None:
    told = server.control("POST", "/tenants/tenant-123/explain", {"sql": "SELECT 5 / 2 AS n FROM sales"}).json

    assert told["columns"] == [{"name": "n", "type": "INTEGER"}]
    assert told["sql"].endswith('FROM "public"."sales" AS "sales"')
    assert {"family", "construct", "summary", "before", "after", "times"} == set(told["rewrites"][0])


@pytest.mark.parametrize(
    ("sql", "code"),
    [("SELECT regoin FROM sales", "INVALID_SQL"), ("DROP TABLE sales", "SQL_BLOCKED"), ("", "INVALID_SQL")],
    ids=["unknown column", "forbidden", "empty"],
)
def test_what_the_api_refuses_is_refused_alike(server: Emulator, sql: str, code: str) -> None:
    explained = server.control("POST", "/tenants/tenant-123/explain", {"sql": sql})

    assert explained.code == code
    assert sql == "" or explained.json == server.query(sql).json


def test_tables_are_listed_with_their_columns(server: Emulator) -> None:
    tables = server.control("GET", "/tenants/tenant-123/tables").json["tables"]
    markets = next(table for table in tables if table["name"] == "markets")

    assert [table["name"] for table in tables] == sorted(table["name"] for table in tables)
    assert (markets["schema"], markets["view"], markets["primary_key"]) == ("public", False, [])
    assert markets["columns"][1] == {"name": "region", "type": "VARCHAR(16)", "nullable": False, "default": ""}


def test_functions_are_those_that_translate(server: Emulator) -> None:
    names = {each["name"] for each in server.control("GET", "/functions").json["functions"]}

    assert {"listagg", "dateadd", "nvl2"} <= names
    assert "pg_get_cols" not in names


def test_the_demo_tells_its_public_keys(server: Emulator) -> None:
    told = server.control("GET", "/server").json

    assert told["version"] == __version__
    assert told["identities"][0] == {"tenant_id": "tenant-123", "api_key": "spk_tenant-123_demo", "permissions": None}
    assert {"tenant_id": "tenant-456", "api_key": "spk_tenant-456_demo", "permissions": None} in told["identities"]


def test_of_a_file_of_ones_own_only_the_first_key_is_told(emulators: Emulators) -> None:
    folder = emulators.folder / "own-fixtures"
    folder.mkdir()
    keys = "".join(f'[[api_keys]]\nkey = "{name}"\ntenant_id = "mine"\n' for name in ("first", "second"))
    (folder / "tenants.toml").write_text(f'[[tenants]]\ntenant_id = "mine"\n{keys}', encoding="utf-8")
    own = emulators.start("--fixtures", str(folder))

    assert own.control("GET", "/server").json["identities"] == [
        {"tenant_id": "mine", "api_key": "first", "permissions": None}
    ]
    own.stop()


def test_what_the_server_tells_and_what_the_console_asks_leave_no_entry(server: Emulator) -> None:
    server.control("GET", "/clock")
    last = server.control("GET", "/requests?limit=1").json["requests"][0]["number"]
    server.control("GET", "/server")
    server.request("GET", "/_spectra/tenants/tenant-123/tables", None, {"X-Spectra-Console": "1"})

    assert server.control("GET", f"/requests?after={last}").json["requests"] == []


def test_what_the_console_does_is_in_the_journal(server: Emulator) -> None:
    server.control("GET", "/clock")
    last = server.control("GET", "/requests?limit=1").json["requests"][0]["number"]
    server.request("DELETE", "/_spectra/faults", None, {"X-Spectra-Console": "1"})
    entries = server.control("GET", f"/requests?after={last}").json["requests"]

    assert [entry["operation"] for entry in entries] == ["removeFaults"]
