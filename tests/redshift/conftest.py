"""PostgreSQL in Redshift's place."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator

import pytest

from tests.postgres import Postgres
from tests.redshift.certificates import Certificate, certificate
from tests.redshift.redshift_like import RedshiftLike, redshift_like

DRIVERS_OWN = r"ignore:ssl\.(SSLContext|PROTOCOL_TLS):DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bear with one warning of redshift_connector."""
    for item in items:
        if __package__ in item.nodeid.replace("/", "."):
            item.add_marker(pytest.mark.filterwarnings(DRIVERS_OWN))


@pytest.fixture
def unconnected() -> Iterator[None]:
    """Collect what the driver leaves of connections that come to nothing."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificate]:
    """Return a certificate that this process trusts, as an operator's own authority would be."""
    made = certificate(tmp_path_factory.mktemp("certificate"))
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(made.file)
    yield made
    del os.environ["SSL_CERT_FILE"]
    os.environ.update({} if before is None else {"SSL_CERT_FILE": before})


@pytest.fixture(scope="session")
def redshift(postgres: Postgres, trusted: Certificate) -> Iterator[RedshiftLike]:
    """Return a database that the tests of this folder share."""
    with redshift_like(postgres, trusted) as like:
        yield like
