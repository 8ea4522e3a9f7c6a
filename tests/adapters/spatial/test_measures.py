"""Measures and codes against the figures that Redshift's developer guide prints."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.spatial.geohash import from_geohash, geohash
from spectra_emulator.adapters.spatial.geosquare import from_geosquare, geosquare
from spectra_emulator.adapters.spatial.measures import (
    geography_distance,
    on_spheroid,
    perimeter_by,
    sphere_step,
    spheroid_step,
)
from spectra_emulator.adapters.spatial.text import as_text, from_text

RELATIVE = 1e-12


def test_the_distance_of_points_on_the_spheroid() -> None:
    points = (from_text("POINT(1 1)", 4326), from_text("POINT(-21.32 121.2)", 4326))
    assert geography_distance(*points) == pytest.approx(13090291.8796529, rel=RELATIVE)


def test_the_perimeter_of_a_triangle_on_the_spheroid() -> None:
    triangle = from_text("POLYGON((0 0,1 0,0 1,0 0))", 4326)
    assert on_spheroid(perimeter_by(spheroid_step), "ST_Perimeter")(triangle) == pytest.approx(
        378790.428393693, rel=RELATIVE
    )


def test_the_length_of_a_line_on_the_sphere() -> None:
    assert sphere_step((10, 10), (45, 45)) == pytest.approx(5127736.08292556, rel=RELATIVE)


def test_opposite_places_are_half_a_turn_apart() -> None:
    assert sphere_step((0, 0), (180, 0), 1) == pytest.approx(3.141592653589793)
    assert spheroid_step((0, 90), (0, -90)) == pytest.approx(20003931.4, abs=30)


def test_a_place_is_no_way_from_itself() -> None:
    assert (sphere_step((1, 2), (1, 2)), spheroid_step((1, 2), (1, 2))) == (0, 0)


def test_a_long_geohash_ends_where_numbers_do() -> None:
    assert geohash(from_text("POINT(45 -45)"), 25) == "m000000000000000000000gzz"


@pytest.mark.parametrize(
    ("code", "kind"), [("9qqj7nmxncgyy4d0dbxqz0", "POLYGON"), ("9qqj7nmxncgyy4d0dbxqz00", "POINT")]
)
def test_a_geohash_comes_down_to_a_point(code: str, kind: str) -> None:
    assert from_geohash(code).kind.name == kind


@pytest.mark.parametrize(("depth", "number"), [(32, -4410772491521635895), (10, 797852)])
def test_a_geosquare_has_the_number_of_the_guide(depth: int, number: int) -> None:
    assert geosquare(from_text("POINT(13.5 52.5)"), depth) == number


def test_a_geosquare_is_the_square_of_the_guide() -> None:
    square = "POLYGON((13.359375 52.3828125,13.359375 52.734375,13.7109375 52.734375,13.7109375 52.3828125,13.359375 52.3828125))"  # noqa: E501 - one figure of the guide
    assert as_text(from_geosquare(797852)) == square


@pytest.mark.parametrize("place", ["180 90", "-180 -90", "0 0", "-0.0000001 0.0000001"])
def test_every_place_lies_in_its_square(place: str) -> None:
    x, y = map(float, place.split())
    west, south, _ = *from_geosquare(geosquare(from_text(f"POINT({place})"))).rings[0][0], 0
    assert west <= x <= west + 1e-6
    assert south <= y <= south + 1e-6
