"""What may be an idempotency key."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.idempotency import checked

from tests.requirements import requirement


@requirement("IDM-10")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("k", id="one character"),
        pytest.param("k" * 128, id="128 characters"),
        pytest.param("a b/c:~!", id="printable ASCII"),
    ],
)
def test_a_printable_ascii_text_is_a_key(text: str) -> None:
    assert checked(text) == text


@requirement("IDM-10")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("k" * 129, id="129 characters"),
        pytest.param("schlüssel", id="not ASCII"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a\x7f", id="delete"),
        pytest.param("a\x00", id="NUL"),
    ],
)
def test_anything_else_is_refused_by_the_header_s_name(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(text)

    assert refused.value.details == {"field": "X-Idempotency-Key"}
