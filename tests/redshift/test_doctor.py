"""What `spectra-emulator doctor` says of a warehouse."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.ceph import RealS3
from tests.emulator import COMMAND, OWN_FIXTURES, bare_environment, free_port
from tests.moto_s3 import BUCKET, running_moto
from tests.redshift.redshift_like import PASSWORD, RedshiftLike


@dataclass(frozen=True)
class Report:
    code: int
    lines: list[str]

    def found(self, words: str) -> str:
        """Return the first word of the one line that says so."""
        (line,) = [line for line in self.lines if words in line]
        return line.partition(" ")[0]


@pytest.fixture(scope="module")
def s3() -> Iterator[RealS3]:
    with running_moto() as started:
        yield started


def doctor(redshift: RedshiftLike, s3: RealS3, *more: str, password: str = "") -> Report:
    flags = ["--backend", redshift.url, "--fixtures", str(OWN_FIXTURES), "--s3", f"{s3.url}/{BUCKET}"]
    keys = ["--s3-access-key-id", s3.access_key_id, "--s3-secret-access-key", s3.secret_access_key]
    passwords = {user: password or usual for user, usual in redshift.passwords.items()}
    environ = {**bare_environment(), "SPECTRA_DB_PASSWORDS": json.dumps(passwords)}
    done = subprocess.run(
        [COMMAND, "doctor", *flags, *keys, *more], capture_output=True, text=True, env=environ, timeout=120, check=False
    )
    return Report(done.returncode, (done.stdout + done.stderr).splitlines())


def test_what_is_well_and_what_is_missing_is_a_sentence_each(redshift: RedshiftLike, s3: RealS3) -> None:
    redshift.sql('CREATE SCHEMA IF NOT EXISTS "db_user_tenant-456" AUTHORIZATION "db_user_tenant-456"')
    report = doctor(redshift, s3, "--tenant", "tenant-123", "--tenant", "tenant-456", "--tenant", "nobody")
    assert report.code == 1
    assert report.found("the object store takes, tells and deletes objects") == "ok"
    assert report.found("tenant-123 connects as db_user_tenant-123, which is no superuser") == "ok"
    assert report.found('CREATE SCHEMA "db_user_tenant-123" AUTHORIZATION "db_user_tenant-123"') == "missing"
    assert report.found("tenant-456 may make tables in db_user_tenant-456") == "ok"
    assert report.found("tenant-123 sees all rows of public.numbers") == "look"
    assert not any("public.sales" in line for line in report.lines)
    assert report.found("nobody: The database user has no password") == "missing"


def test_a_warehouse_that_cannot_unload_is_told(redshift: RedshiftLike, s3: RealS3) -> None:
    report = doctor(redshift, s3, "--tenant", "tenant-123")
    assert report.found('syntax error at or near "UNLOAD"') == "missing"


def test_a_role_that_takes_a_tenant_out_of_row_level_security_is_told(redshift: RedshiftLike, s3: RealS3) -> None:
    redshift.sql("INSERT INTO redshift.granted_roles VALUES ('db_user_tenant-456', 'auditors', 'IGNORE RLS')")
    report = doctor(redshift, s3, "--tenant", "tenant-123", "--tenant", "tenant-456")
    redshift.sql("DELETE FROM redshift.granted_roles")
    assert report.found('REVOKE ROLE "auditors" FROM "db_user_tenant-456"') == "missing"
    assert len([line for line in report.lines if "whatever a policy says" in line]) == 1


SECRET = "a-wrong-password"
TROUBLES = {
    "wrong password": ((), "tenant-123: The warehouse refuses the tenant's database user"),
    "no S3": (("--s3", "http://localhost:{free}/bucket"), "the object store: "),
    "host down": (("--backend", "redshift://localhost:{free}/dev"), "The warehouse cannot be reached: localhost:"),
    "no such database": (("--backend", "redshift://localhost:{port}/nowhere"), "tenant-123: The warehouse "),
    "no such bucket": (("--s3", "{s3}/nowhere"), "the object store: The bucket nowhere does not exist"),
    "not trusted": (("--backend", "redshift://127.0.0.1:{port}/dev"), "SSL_CERT_FILE names"),
    "superuser": (("--tenant", "super"), "super: The tenant's database user is a superuser"),
}


@pytest.mark.parametrize(("flags", "told"), TROUBLES.values(), ids=TROUBLES)
def test_each_trouble_is_one_sentence_without_a_secret(
    redshift: RedshiftLike, s3: RealS3, flags: tuple[str, ...], told: str
) -> None:
    redshift.sql(f"DROP ROLE IF EXISTS db_user_super; CREATE ROLE db_user_super SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    names = {"free": free_port(), "port": redshift.relay.port, "s3": s3.url}
    password = SECRET if not flags else ""
    report = doctor(
        redshift, s3, "--tenant", "tenant-123", *(flag.format(**names) for flag in flags), password=password
    )
    assert (report.code, report.found(told)) == (1, "missing")
    assert {line.partition(" ")[0] for line in report.lines} <= {"ok", "look", "missing"}
    assert not [line for line in report.lines if any(word in line for word in (SECRET, PASSWORD, s3.secret_access_key))]


def test_a_region_that_nobody_names_is_one_sentence(redshift: RedshiftLike, s3: RealS3) -> None:
    report = doctor(redshift, s3, "--backend", "redshift-data://wg/dev", "--tenant", "tenant-123")
    assert report.found("tenant-123: No AWS region is known: set AWS_DEFAULT_REGION") == "missing"


def test_a_user_in_the_url_is_told_to_be_of_no_use(redshift: RedshiftLike, s3: RealS3) -> None:
    report = doctor(redshift, s3, "--backend", f"redshift://bob@localhost:{free_port()}/dev", "--tenant", "tenant-123")
    assert report.found("the user bob in the backend's URL is not used") == "look"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        pytest.param(("--tenant", "t", "--backend", "duckdb"), "the embedded engine is always well", id="engine"),
        pytest.param((), "name at least one tenant", id="tenant"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    redshift: RedshiftLike, s3: RealS3, flags: tuple[str, ...], told: str
) -> None:
    report = doctor(redshift, s3, *flags)
    assert report.code == 2
    assert told in report.lines[0]
