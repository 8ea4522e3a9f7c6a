"""Well-known binary: what goes in comes out, and nothing broken goes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectra_emulator.adapters.spatial.binary import decoded, encoded, from_hexadecimal, has_box, with_box, without_box
from spectra_emulator.adapters.spatial.geometry import SpatialError
from spectra_emulator.adapters.spatial.text import as_extended_text, from_extended_text

TEXTS = [
    "POINT(1 2)",
    "SRID=4326;POINT Z EMPTY",
    "LINESTRING M (1 2 3,4 5 6)",
    "SRID=3857;POLYGON((0 0,9 0,9 9,0 0),(5 1,6 1,6 2,5 1))",
    "MULTIPOINT ZM ((1 2 3 4),EMPTY)",
    "MULTILINESTRING((0 0,1 1),EMPTY)",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
    "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION(MULTIPOINT((3 4))))",
    "SRID=1;GEOMETRYCOLLECTION EMPTY",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_geometry_is_the_same_after_a_way_through_bytes(text: str) -> None:
    geometry = from_extended_text(text)
    assert as_extended_text(geometry) == text
    assert decoded(encoded(geometry)) == geometry


@pytest.mark.parametrize("text", TEXTS)
def test_the_mark_of_no_box_changes_nothing_else(text: str) -> None:
    octets = encoded(from_extended_text(text))
    assert (has_box(octets), has_box(without_box(octets))) == (True, False)
    assert decoded(without_box(octets)) == decoded(octets)
    assert with_box(without_box(octets)) == octets


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        ("", "cut off"),
        ("02010000000000000000000000", "byte order"),
        ("0108000000", "no subtype"),
        ("0102000000FFFFFFFF", "cut off"),
        ("01040000000100000001020000000000000000", "cannot hold a LINESTRING"),
        ("01010000000000000000000000000000000000000000", "after its end"),
        ("010700000001000000" * 40, "nested"),
    ],
    ids=["nothing", "byte-order", "subtype", "count", "member", "rest", "depth"],
)
def test_what_is_no_geometry_is_refused(digits: str, message: str) -> None:
    with pytest.raises(SpatialError, match=message):
        from_hexadecimal(digits)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(octets: bytes) -> None:
    try:
        geometry = decoded(octets)
    except SpatialError:
        return
    assert len(encoded(geometry)) >= 9


@given(st.text(alphabet="POINTZM EMPTY(),.0123456789-e", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        geometry = from_extended_text(text)
    except SpatialError:
        return
    assert decoded(encoded(geometry)).kind == geometry.kind
