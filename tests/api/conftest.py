"""What the tests of the API share."""

from __future__ import annotations

import pytest

from tests.api.bulk_client import BulkClient
from tests.emulator import Emulator


@pytest.fixture
def bulk(server: Emulator) -> BulkClient:
    return BulkClient(server)
