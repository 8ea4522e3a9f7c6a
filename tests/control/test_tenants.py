"""Tenants made and removed while the server runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator import Answer, Emulator, Emulators


@pytest.fixture(scope="module")
def server(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


def made(server: Emulator, **members: object) -> tuple[str, str]:
    answer = server.control("POST", "/tenants", members)
    assert answer.status == 201, answer.content
    return answer.json["tenant_id"], answer.json["api_key"]


def query(server: Emulator, tenant: str, key: str, sql: str = "SELECT COUNT(*) AS n FROM sales") -> Answer:
    return server.call("POST", "/queries", {"sql": sql}, key=key, tenant=tenant)


@pytest.mark.parametrize("tenant_id", [".", "..", ".hidden"])
def test_an_id_that_begins_with_a_dot_is_refused(server: Emulator, tenant_id: str) -> None:
    answer = server.control("POST", "/tenants", {"tenant_id": tenant_id})

    assert (answer.status, answer.details["field"]) == (400, "tenant_id")


def test_a_made_tenant_has_its_own_key_and_the_shared_tables(server: Emulator) -> None:
    tenant, key = made(server)

    assert query(server, tenant, key).json["data"] == [{"n": 0}]
    assert query(server, "tenant-123", key).status == 403
    assert tenant in server.control("GET", "/tenants").json["tenants"]


def test_a_key_has_the_permissions_that_were_asked_for(server: Emulator) -> None:
    tenant, key = made(server, permissions=["bulk:read"])

    assert query(server, tenant, key).code == "FORBIDDEN"


def test_what_one_made_tenant_writes_no_other_sees(server: Emulator) -> None:
    (one, one_key), (other, other_key) = made(server), made(server)
    server.sql("CREATE TABLE mine AS SELECT 1 AS n", one)

    assert query(server, one, one_key, "SELECT n FROM mine").json["data"] == [{"n": 1}]
    assert query(server, other, other_key, "SELECT n FROM mine").details["sql_state"] == "42P01"


def test_a_removed_tenant_s_key_and_tables_are_gone(server: Emulator) -> None:
    tenant, key = made(server, tenant_id="brief")
    server.sql("CREATE TABLE mine (n INT)", tenant)
    removed = server.control("DELETE", f"/tenants/{tenant}").status
    again = made(server, tenant_id="brief")[1]

    assert removed == 200
    assert query(server, tenant, key).status == 401
    assert query(server, tenant, again, "SELECT * FROM mine").details["sql_state"] == "42P01"


@pytest.mark.parametrize(
    ("body", "status"),
    [({"tenant_id": "tenant-123"}, 409), ({"tenant_id": "no/slash"}, 400), ({"permissions": ["fly"]}, 400)],
    ids=["known", "no id", "no permission"],
)
def test_a_tenant_that_cannot_be_made_is_refused(server: Emulator, body: object, status: int) -> None:
    assert server.control("POST", "/tenants", body).status == status


def test_an_unknown_tenant_cannot_be_removed(server: Emulator) -> None:
    assert server.control("DELETE", "/tenants/nobody").status == 404


def test_made_keys_outlive_the_server_where_data_does(emulators: Emulators, tmp_path: Path) -> None:
    flags = ("--data-dir", str(tmp_path / "data"))
    first = emulators.start(*flags)
    tenant, key = made(first)
    first.stop()
    second = emulators.start(*flags)

    assert query(second, tenant, key).status == 200
    assert key not in "".join(file.read_text(errors="replace") for file in tmp_path.rglob("*.json"))


def test_a_tenant_made_ahead_is_nobodys_until_it_is_asked_for(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--data-dir", str(tmp_path))
    before = server.control("GET", "/tenants").json["tenants"]
    made = [server.control("POST", "/tenants", {}).json["tenant_id"] for _ in range(4)]
    ran = {server.sql("CREATE TABLE mine AS SELECT 1 AS n", tenant_id).status for tenant_id in made}
    server.kill()
    after = emulators.start("--data-dir", str(tmp_path)).control("GET", "/tenants").json["tenants"]

    assert (len(set(made)), ran) == (4, {200})
    assert after == sorted([*before, *made])
