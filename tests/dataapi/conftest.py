"""A Data API for the tests of this folder, over the demo's tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ceph import RealS3
from tests.dataapi.deployment import Deployment, deployment
from tests.moto_s3 import running_moto


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[RealS3]:
    with running_moto() as s3:
        yield s3


@pytest.fixture(scope="session")
def deployed(moto_s3: RealS3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment(tmp_path_factory.mktemp("dataapi"), moto_s3) as whole:
        yield whole


@pytest.fixture(autouse=True)
def _untroubled(request: pytest.FixtureRequest) -> None:
    """Begin each test with a server that troubles nobody."""
    if "deployed" in request.fixturenames:
        whole: Deployment = request.getfixturevalue("deployed")
        whole.server.troubles.clear()
        whole.server.calls.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
