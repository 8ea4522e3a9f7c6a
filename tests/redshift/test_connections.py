"""How the server gets in, and whom it refuses to be."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.adapters.redshift.connection import opened
from spectra_emulator.adapters.redshift.credentials import Credentials, CredentialSources
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.backend_location import BackendLocation, Way
from spectra_emulator.domain.errors import InternalError

from tests.emulator import free_port
from tests.redshift.certificates import certificate
from tests.redshift.redshift_like import PASSWORD, RedshiftLike

pytestmark = pytest.mark.usefixtures("unconnected")


def refused(wire: Wire, login: Login) -> str:
    """Return what an operator reads of a statement that cannot be sent."""
    with pytest.raises(InternalError) as raised:
        wire.query(login, "SELECT 1", name="q", timeout=timedelta(seconds=20), begun=lambda: None)
    return str(raised.value)


def test_the_connection_says_who_it_is_and_is_encrypted(redshift: RedshiftLike) -> None:
    redshift.wire().query(redshift.login(), "SELECT 1", name="q", timeout=timedelta(seconds=20), begun=lambda: None)
    options = redshift.relay.started[-1]
    assert options[b"user"] == b"db_user_tenant-123"
    assert options[b"application_name"] == b"spectra-emulator"


def test_a_silent_connection_is_probed_before_a_load_balancer_forgets_it(redshift: RedshiftLike) -> None:
    login = redshift.login()
    connection = opened(
        redshift.location, Credentials(redshift.location, CredentialSources(redshift.passwords)).of(login)
    )
    link = connection._driver._usock  # noqa: SLF001 - the option is nowhere else to be seen
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    idle, interval, probes = (link.getsockopt(socket.IPPROTO_TCP, option) for option in options)
    connection.close()
    assert idle + interval * probes < 350


@pytest.mark.parametrize("name", ["localhost", "elsewhere"])
def test_a_server_whose_certificate_is_not_vouched_for_is_not_trusted(
    redshift: RedshiftLike, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, name).file))
    assert "its certificate cannot be trusted" in refused(redshift.wire(), redshift.login())
    assert os.environ["SSL_CERT_FILE"].startswith(str(tmp_path))


def test_a_certificate_of_another_host_is_not_trusted(redshift: RedshiftLike) -> None:
    elsewhere = BackendLocation(Way.WIRE, redshift.database, host="127.0.0.1", port=redshift.relay.port)
    assert "its certificate cannot be trusted" in refused(redshift.wire(location=elsewhere), redshift.login())


def test_nobody_listening_is_told_as_such(redshift: RedshiftLike) -> None:
    nowhere = BackendLocation(Way.WIRE, redshift.database, host="localhost", port=free_port())
    assert "Connection refused" in refused(redshift.wire(location=nowhere), redshift.login())


def test_a_user_without_a_password_is_told_what_to_set(redshift: RedshiftLike) -> None:
    wire = Wire(redshift.location, Credentials(redshift.location, CredentialSources()), 1)
    assert "set db_passwords or db_secret" in refused(wire, redshift.login())


def test_a_wrong_password_is_refused_without_a_word_about_it(redshift: RedshiftLike) -> None:
    sources = CredentialSources({redshift.login().db_user: "wrong-secret"})
    wire = Wire(redshift.location, Credentials(redshift.location, sources), 1)
    told = refused(wire, redshift.login())
    assert told.startswith("The warehouse refuses the tenant's database user")
    assert "wrong-secret" not in told
    assert "wrong-secret" not in repr(sources)


def test_a_superuser_is_refused(redshift: RedshiftLike) -> None:
    redshift.sql(f"DROP ROLE IF EXISTS db_user_super; CREATE ROLE db_user_super SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    assert "is a superuser" in refused(redshift.wire(), Login("super", "db_user_super"))
