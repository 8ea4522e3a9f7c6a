"""No secret and no signed link is in anything that the kit writes."""

from __future__ import annotations

import pytest
from spectra_conformance.answer import Answer
from spectra_conformance.masking import (
    masked_headers,
    masked_text,
    masked_url,
    never_show,
    show_queries_of,
    show_variable,
)

BASE = "https://masking.example/v1"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
LINK = "https://bucket.s3.example/exports/a.csv?X-Amz-Credential=AKID&X-Amz-Signature=5ecre7"
OTHER_LINK = "https://files.example/a.csv?sig=5ecre7"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param(f"Authorization: Bearer {TOKEN}", TOKEN, id="bearer"),
        pytest.param(f"the token {TOKEN} is refused", TOKEN, id="JWT"),
        pytest.param(f'{{"download_url": "{LINK}"}}', "5ecre7", id="S3 link"),
        pytest.param(f'{{"download_url": "{OTHER_LINK}"}}', "5ecre7", id="any other link"),
        pytest.param("authorization: AWS4-HMAC-SHA256 Credential=AKID/x, Signature=5ecre7", "5ecre7", id="SigV4"),
    ],
)
def test_a_secret_by_its_form_is_masked(text: str, secret: str) -> None:
    assert secret not in masked_text(text)


def test_a_secret_that_was_given_is_masked_wherever_it_stands() -> None:
    never_show(["canary-of-masking"])

    assert masked_text("a canary-of-masking sings") == "a *** sings"
    assert masked_url("https://a.example/canary-of-masking") == "https://a.example/***"


def test_a_query_string_of_the_api_itself_is_shown() -> None:
    show_queries_of(BASE)

    assert masked_url(f"{BASE}/bulk/jobs?limit=5") == f"{BASE}/bulk/jobs?limit=5"


def test_headers_show_variables_in_the_place_of_secrets() -> None:
    sent = {"authorization": f"Bearer {TOKEN}", "x-idempotency-key": "abc", "x-tenant-id": "t", "host": "h"}

    assert masked_headers(sent) == {
        "authorization": "Bearer $SPECTRA_API_KEY",
        "x-idempotency-key": "$SPECTRA_IDEMPOTENCY_KEY",
        "x-tenant-id": "t",
    }


def test_a_header_shows_the_variable_of_its_own_credential() -> None:
    show_variable("key-of-a-second-tenant", "SPECTRA_PEER_API_KEY")
    shown = masked_headers({"authorization": "Bearer key-of-a-second-tenant"})

    assert shown == {"authorization": "Bearer $SPECTRA_PEER_API_KEY"}


def test_a_curl_line_repeats_the_request_without_its_secret() -> None:
    show_queries_of(BASE)
    answer = Answer(
        method="POST",
        url=f"{BASE}/queries",
        status=400,
        headers={},
        body=b"",
        elapsed=0.1,
        sent_headers={"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        sent_body=b'{"sql": "SELECT \'a\'"}',
    )

    assert answer.curl == (
        "curl -sS -i -X POST -H \"authorization: Bearer $SPECTRA_API_KEY\" -H 'content-type: application/json' "
        f"""--data-raw '{{"sql": "SELECT '"'"'a'"'"'"}}' {BASE}/queries"""
    )
