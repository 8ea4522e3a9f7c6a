"""Which database user a tenant is, and where the warehouse lies."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.redshift.users import Users
from spectra_emulator.domain.backend_location import BackendLocation, Way, backend_location
from spectra_emulator.domain.errors import Forbidden

SERVERLESS = "wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com"
CLUSTER = "prod.abc123.us-east-1.redshift.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "tenant_id", "db_user", "user"),
    [
        pytest.param("db_user_{tenant}", "acme", "ignored", "db_user_acme", id="pattern"),
        pytest.param("IAMR:spectra-{tenant}", "acme", "", "IAMR:spectra-acme", id="role"),
        pytest.param("acme=alice, globex=bob", "globex", "ignored", "bob", id="list"),
        pytest.param("token", "acme", "carol", "carol", id="token"),
    ],
)
def test_a_tenant_is_the_user_that_the_mapping_says(text: str, tenant_id: str, db_user: str, user: str) -> None:
    assert Users(text).login(tenant_id, db_user).db_user == user


@pytest.mark.parametrize(
    ("text", "tenant_id", "db_user"),
    [
        pytest.param("db_user_{tenant}", "Acme", "", id="folded into another"),
        pytest.param("acme=alice", "globex", "", id="not listed"),
        pytest.param("token", "acme", "", id="not in the token"),
        pytest.param("token", "acme", "a\nb", id="unprintable"),
        pytest.param("db_user_{tenant}", "a" * 120, "", id="too long"),
    ],
)
def test_a_tenant_without_a_user_of_its_own_is_refused(text: str, tenant_id: str, db_user: str) -> None:
    with pytest.raises(Forbidden, match="no database user"):
        Users(text).login(tenant_id, db_user)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("redshift://h/db", BackendLocation(Way.WIRE, "db", host="h")),
        ("redshift://u%40x@h:5440/my%20db", BackendLocation(Way.WIRE, "my db", host="h", port=5440, user="u@x")),
        (f"redshift://{CLUSTER}/db", BackendLocation(Way.WIRE, "db", CLUSTER, cluster="prod", region="us-east-1")),
        (
            f"redshift://{SERVERLESS}/db",
            BackendLocation(Way.WIRE, "db", SERVERLESS, workgroup="wg", region="eu-west-1"),
        ),
        ("redshift://h/db?cluster=c&region=r", BackendLocation(Way.WIRE, "db", host="h", cluster="c", region="r")),
        ("redshift-data://wg/db", BackendLocation(Way.DATA_API, "db", workgroup="wg")),
        ("redshift-data://c/db?cluster", BackendLocation(Way.DATA_API, "db", cluster="c")),
    ],
)
def test_a_url_says_where_the_warehouse_lies(url: str, location: BackendLocation) -> None:
    assert backend_location(url) == location


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://h/db", "is neither duckdb nor a URL"),
        ("redshift://h", "names no database"),
        ("redshift://h/a/b", "names no database"),
        ("redshift://u:p@h/db", "holds a password"),
        ("redshift://h/db?sslmode=disable", "names sslmode"),
        ("redshift-data://c/db?cluster&workgroup", "both a cluster and a workgroup"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        backend_location(url)
