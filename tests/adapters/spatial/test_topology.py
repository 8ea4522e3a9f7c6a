"""New shapes: how they turn, where they begin and which points they keep."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.spatial.geometry import SpatialError
from spectra_emulator.adapters.spatial.simplifying import simplified
from spectra_emulator.adapters.spatial.text import as_text, from_text
from spectra_emulator.adapters.spatial.topology import (
    buffer,
    centroid,
    convex_hull,
    intersection,
    is_simple,
    is_valid,
    union,
)

BOX = "POLYGON((0 0,4 0,4 4,0 4,0 0))"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("POLYGON((0 0,9 9,0 18,0 0))", "POLYGON((0 0,1 0,0 1,0 0))", "POLYGON((0 0,0 18,9 9,0.5 0.5,1 0,0 0))"),
        (
            "POLYGON((0 0,1 0,2 0,2 2,0 0))",
            "POLYGON((9 9,10 9,9 10,9 9))",
            "MULTIPOLYGON(((0 0,2 2,2 0,1 0,0 0)),((9 9,9 10,10 9,9 9)))",
        ),
        ("POINT(1 2)", "POINT(3 3)", "MULTIPOINT((1 2),(3 3))"),
        (BOX, "POLYGON EMPTY", "POLYGON EMPTY"),
    ],
    ids=["straight-point-goes", "untouched-ring-stays", "points", "empty"],
)
def test_a_union_has_the_corners_of_both(left: str, right: str, expected: str) -> None:
    assert as_text(union(from_text(left), from_text(right))) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("LINESTRING(1 2,2 2,9 2)", "LINESTRING(1 2,2 2,4 2)"),
        ("LINESTRING(8 8,9 9)", "LINESTRING EMPTY"),
        ("POINT(9 9)", "POINT EMPTY"),
        ("POLYGON((2 2,6 2,6 6,2 6,2 2))", "POLYGON((2 2,2 4,4 4,4 2,2 2))"),
    ],
    ids=["line", "no-line", "no-point", "polygon"],
)
def test_what_is_common_with_a_box(other: str, expected: str) -> None:
    assert as_text(intersection(from_text(BOX), from_text(other))) == expected


def test_new_shapes_keep_the_spatial_reference() -> None:
    box = from_text(BOX, 3857)
    found = [buffer(box, 1), centroid(box), convex_hull(box), simplified(box, 0), union(box, box)]
    assert [one.srid for one in found if one is not None] == [3857] * 5


@pytest.mark.parametrize(("distance", "expected"), [(-1, "POLYGON((1 1,1 3,3 3,3 1,1 1))"), (-3, "POLYGON EMPTY")])
def test_a_buffer_may_shrink(distance: float, expected: str) -> None:
    assert as_text(buffer(from_text(BOX), distance)) == expected


def test_a_buffer_of_no_segments_is_not_guessed() -> None:
    with pytest.raises(SpatialError, match="not supported by the emulator"):
        buffer(from_text("POINT(0 0)"), 1, 0)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("POINT EMPTY", True),
        ("MULTIPOINT(1 1,EMPTY)", True),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),EMPTY)", True),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,9 0,9 9,0 9,0 0))", False),
        ("GEOMETRYCOLLECTION(LINESTRING(1 1,1 1))", False),
        ("POLYGON((0 0,1 1,0 0))", False),
    ],
)
def test_what_is_valid(text: str, valid: bool) -> None:
    assert is_valid(from_text(text)) is valid


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("POLYGON((0 0,1 0,1 0,1 1,0 0))", False),
        ("MULTIPOINT(EMPTY,EMPTY)", True),
        ("MULTILINESTRING((0 0,2 2),(0 2,2 0))", False),
        ("GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,2 2,2 0,0 2))", False),
    ],
)
def test_what_is_simple(text: str, simple: bool) -> None:
    assert is_simple(from_text(text)) is simple


def test_heights_and_measures_outlive_a_simplification() -> None:
    line = from_text("LINESTRING ZM (0 0 1 2,5 0 3 4,9 0 5 6)")
    assert as_text(simplified(line, 1)) == "LINESTRING ZM (0 0 1 2,9 0 5 6)"


@pytest.mark.parametrize(
    ("text", "tolerance", "expected"),
    [
        ("LINESTRING(0 0,1 2,1 1,2 2,2 1)", 1, "LINESTRING(0 0,1 2,2 1)"),
        ("POLYGON((0 0,5 1,9 0,9 9,0 9,0 0))", 2, "POLYGON((0 0,9 0,9 9,0 9,0 0))"),
        ("POLYGON((0 0,9 0,9 9,0 0),(5 1,6 1,6 2,5 1))", 3, "POLYGON((0 0,9 0,9 9,0 0))"),
        ("POLYGON((0 0,1 0,1 1,0 0))", 3, "POLYGON EMPTY"),
        ("MULTIPOINT(1 1,EMPTY)", 9, "MULTIPOINT((1 1),EMPTY)"),
        ("LINESTRING EMPTY", 1, "LINESTRING EMPTY"),
    ],
    ids=["line", "polygon", "small-hole", "small-polygon", "points", "empty"],
)
def test_what_is_left_of_a_simplified_geometry(text: str, tolerance: float, expected: str) -> None:
    assert as_text(simplified(from_text(text), tolerance)) == expected
