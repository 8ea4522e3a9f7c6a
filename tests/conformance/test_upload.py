"""A file goes up whatever its link was signed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.deployments import Received, Reply, answering
from tests.conformance.kit import session_on


@pytest.mark.parametrize("signed_for", ["text/csv", "application/octet-stream", None])
def test_a_link_is_tried_with_each_content_type_that_it_may_be_signed_for(tmp_path: Path, signed_for: str) -> None:
    def reply(received: Received) -> Reply:
        return Reply(200 if received.headers.get("content-type") == signed_for else 403)

    with answering(reply) as deployment, session_on("http://127.0.0.1:1", tmp_path) as (session, _):
        put = session.client(None).upload_as_signed(f"{deployment.url}/file", b"id")

    assert put.status == 200
    assert [one.headers.get("authorization") for one in deployment.received] == [None] * len(deployment.received)
