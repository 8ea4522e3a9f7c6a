"""Passwords, secrets and temporary credentials, from AWS's own protocols as moto speaks them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from spectra_emulator.adapters.redshift.credentials import Credential, Credentials, CredentialSources
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.backend_location import BackendLocation, Way, backend_location
from spectra_emulator.domain.errors import InternalError

from tests.redshift.serverless import Serverless, serverless

CLUSTER = backend_location("redshift://cluster-one.abc.us-east-1.redshift.amazonaws.com/dev")
WORKGROUP = backend_location("redshift://wg-one.123456789012.us-east-1.redshift-serverless.amazonaws.com/dev")
PLAIN = BackendLocation(Way.WIRE, "dev", host="localhost", region="us-east-1")
LOGIN = Login("tenant-1", "db_user_tenant-1")
ROLE = "arn:aws:iam::123456789012:role/spectra-{tenant}"


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


@pytest.fixture
def cluster(aws: None) -> None:  # noqa: ARG001 - AWS must be there first
    boto3.client("redshift", region_name="us-east-1").create_cluster(
        ClusterIdentifier="cluster-one", NodeType="ra3.large", MasterUsername="admin", MasterUserPassword="Password1"
    )


def secret(content: str | dict[str, str]) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    client = boto3.client("secretsmanager", region_name="us-east-1")
    client.create_secret(Name=f"spectra/{LOGIN.db_user}", SecretString=text)
    return client


def of_secret(now: Now | None = None) -> Credentials:
    return Credentials(PLAIN, CredentialSources(secret="spectra/{db_user}"), now or Now())


def test_a_password_that_is_set_comes_first() -> None:
    credentials = Credentials(CLUSTER, CredentialSources({LOGIN.db_user: "known"}, secret="spectra/{db_user}"))
    assert credentials.of(LOGIN) == Credential(LOGIN.db_user, "known")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("content", ["bare", {"password": "bare"}, {"username": LOGIN.db_user, "password": "bare"}])
def test_a_secret_holds_the_password_alone_or_in_the_form_of_databases(content: str | dict[str, str]) -> None:
    secret(content)
    assert of_secret().of(LOGIN) == Credential(LOGIN.db_user, "bare")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param({"username": "admin", "password": "x"}, "belongs to another database user", id="another user"),
        pytest.param({"username": LOGIN.db_user}, "holds no password", id="no password"),
    ],
)
def test_a_secret_that_is_not_the_users_is_refused(content: dict[str, str], told: str) -> None:
    secret(content)
    with pytest.raises(InternalError, match=told):
        of_secret().of(LOGIN)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_is_not_there_is_told_as_such() -> None:
    with pytest.raises(InternalError, match="secretsmanager"):
        of_secret().of(LOGIN)


@pytest.mark.usefixtures("aws")
def test_a_secret_is_read_again_once_it_was_refused_and_after_some_minutes() -> None:
    now = Now()
    credentials, client = of_secret(now), secret("first")
    assert credentials.of(LOGIN).password == "first"
    client.put_secret_value(SecretId=f"spectra/{LOGIN.db_user}", SecretString="second")
    assert credentials.of(LOGIN).password == "first"
    credentials.forget(LOGIN)
    assert credentials.of(LOGIN).password == "second"
    client.put_secret_value(SecretId=f"spectra/{LOGIN.db_user}", SecretString="third")
    now.at += timedelta(minutes=6).total_seconds()
    assert credentials.of(LOGIN).password == "third"


@pytest.mark.usefixtures("cluster")
def test_a_cluster_gives_temporary_credentials_of_the_tenants_user() -> None:
    now = Now()
    credentials = Credentials(CLUSTER, CredentialSources(), now)
    first = credentials.of(LOGIN)
    assert first.user == f"IAM:{LOGIN.db_user}"
    assert credentials.of(LOGIN) == first
    now.at += timedelta(minutes=59).total_seconds()
    assert credentials.of(LOGIN).password != first.password


@pytest.mark.usefixtures("cluster")
def test_a_role_of_the_tenants_own_is_assumed_for_it() -> None:
    credentials = Credentials(CLUSTER, CredentialSources(role=ROLE))
    session = credentials.session(LOGIN)
    identity = session.client("sts").get_caller_identity()["Arn"]
    assert identity == "arn:aws:sts::123456789012:assumed-role/spectra-tenant-1/tenant-1"
    assert credentials.session(LOGIN) is session
    assert credentials.of(LOGIN).user == f"IAM:{LOGIN.db_user}"


@pytest.mark.usefixtures("aws")
def test_a_cluster_that_is_not_there_is_told_as_such() -> None:
    with pytest.raises(InternalError, match="redshift"):
        Credentials(CLUSTER, CredentialSources()).of(LOGIN)


def test_without_any_source_the_settings_are_named() -> None:
    with pytest.raises(InternalError, match="set db_passwords or db_secret"):
        Credentials(PLAIN, CredentialSources()).of(LOGIN)


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(CredentialSources({"u": "hush"})) + repr(Credential("u", "hush"))


@pytest.fixture
def workgroup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serverless]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with serverless() as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", started.url)
        yield started


def test_a_workgroup_gives_temporary_credentials_of_the_tenants_role(workgroup: Serverless) -> None:
    workgroup.db_user = "IAMR:spectra-tenant-1"
    login = Login("tenant-1", workgroup.db_user)
    assert Credentials(WORKGROUP, CredentialSources()).of(login) == Credential(workgroup.db_user, workgroup.password)
    assert workgroup.asked == [{"workgroupName": "wg-one", "dbName": "dev", "durationSeconds": 3600}]


def test_a_workgroups_credentials_of_another_user_are_refused(workgroup: Serverless) -> None:
    workgroup.db_user = "IAMR:somebody"
    with pytest.raises(InternalError, match="another database user"):
        Credentials(WORKGROUP, CredentialSources()).of(LOGIN)
