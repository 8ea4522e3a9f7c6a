"""The spatial functions that the emulator has, each with the arguments it takes.

A form is a letter for each argument and one for the result: g GEOMETRY, o GEOGRAPHY, a several GEOMETRY values,
d DOUBLE PRECISION, i INTEGER, l BIGINT, s VARCHAR, v VARBYTE, b BOOLEAN.

Source: Amazon Redshift Database Developer Guide, "Spatial functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from spectra_emulator.sql.type_names import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    GEOGRAPHY,
    GEOMETRY,
    INTEGER,
    VARBYTE,
    VARCHAR,
    SqlType,
)

PREFIX = "spatial__"
"""What the engine's own names of the functions begin with."""

TYPES: Mapping[str, SqlType] = {
    "g": GEOMETRY,
    "o": GEOGRAPHY,
    "d": DOUBLE,
    "i": INTEGER,
    "l": BIGINT,
    "s": VARCHAR,
    "v": VARBYTE,
    "b": BOOLEAN,
}
_FORMS = """
    addbbox g>g
    dropbbox g>g
    geometrytype g>s
    st_addpoint gg>g ggi>g
    st_angle ggg>d gggg>d
    st_area g>d o>d
    st_asbinary g>v o>v
    st_asewkb g>v o>v
    st_asewkt g>s gi>s o>s oi>s
    st_asgeojson g>s gi>s o>s oi>s
    st_ashexewkb g>s o>s
    st_ashexwkb g>s o>s
    st_astext g>s gi>s o>s oi>s
    st_azimuth gg>d
    st_boundary g>g
    st_buffer gd>g gdi>g
    st_centroid g>g
    st_collect gg>g
    st_contains gg>b
    st_containsproperly gg>b
    st_convexhull g>g
    st_coveredby gg>b
    st_covers gg>b
    st_crosses gg>b
    st_dimension g>i
    st_disjoint gg>b
    st_distance gg>d oo>d
    st_distancesphere gg>d ggd>d
    st_dwithin ggd>b
    st_endpoint g>g
    st_envelope g>g
    st_equals gg>b
    st_exteriorring g>g
    st_force2d g>g
    st_force3d g>g
    st_force3dm g>g
    st_force3dz g>g
    st_force4d g>g
    st_geogfromtext s>o
    st_geogfromwkb s>o
    st_geohash g>s gi>s
    st_geometryn gi>g
    st_geometrytype g>s
    st_geomfromewkb s>g
    st_geomfromewkt s>g
    st_geomfromgeohash s>g si>g
    st_geomfromgeojson s>g
    st_geomfromgeosquare l>g li>g
    st_geomfromtext s>g si>g
    st_geomfromwkb s>g si>g
    st_geosquare g>l gi>l
    st_interiorringn gi>g
    st_intersection gg>g
    st_intersects gg>b
    st_isclosed g>b
    st_iscollection g>b
    st_isempty g>b
    st_ispolygonccw g>b
    st_ispolygoncw g>b
    st_isring g>b
    st_issimple g>b
    st_isvalid g>b
    st_length g>d o>d
    st_length2d g>d
    st_lengthsphere g>d
    st_linefrommultipoint g>g
    st_lineinterpolatepoint gd>g
    st_m g>d
    st_makeenvelope dddd>g ddddi>g
    st_makeline gg>g
    st_makepoint dd>g ddd>g dddd>g
    st_makepolygon g>g gg>g
    st_mmax g>d
    st_mmin g>d
    st_multi g>g
    st_ndims g>i
    st_npoints g>i o>i
    st_nrings g>i
    st_numgeometries g>i
    st_numinteriorrings g>i
    st_numpoints g>i
    st_perimeter g>d o>d
    st_perimeter2d g>d
    st_point dd>g
    st_pointn gi>g
    st_points g>g
    st_polygon gi>g
    st_removepoint gi>g
    st_reverse g>g
    st_setpoint gig>g
    st_setsrid gi>g
    st_simplify gd>g
    st_srid g>i o>i
    st_startpoint g>g
    st_touches gg>b
    st_union gg>g
    st_within gg>b
    st_x g>d
    st_xmax g>d
    st_xmin g>d
    st_y g>d
    st_ymax g>d
    st_ymin g>d
    st_z g>d
    st_zmax g>d
    st_zmin g>d
    supportsbbox g>b
"""
COLLECT = "a>g"
"""The form of ST_COLLECT that aggregates."""
INTERNAL: Mapping[str, tuple[str, ...]] = {
    "st_collect": (COLLECT, "gg>g"),
    "to_geography": ("g>o",),
    "geography_from_hex": ("s>o",),
    "read_geometry": ("s>g", "v>g"),
    "read_geography": ("s>o", "v>o"),
}


@dataclass(frozen=True)
class Form:
    """One list of arguments that a function takes."""

    name: str
    letters: str
    result_letter: str

    @property
    def engine_name(self) -> str:
        return f"{PREFIX}{self.name}_{self.letters}"

    @property
    def result(self) -> SqlType:
        return TYPES[self.result_letter]


def form(name: str, spelt: str) -> Form:
    letters, _, result = spelt.partition(">")
    return Form(name, letters, result)


FORMS: Mapping[str, tuple[Form, ...]] = MappingProxyType(
    {
        name: tuple(form(name, one) for one in spelt)
        for name, *spelt in (line.split() for line in _FORMS.strip().splitlines())
    }
)
"""By the function's name in lower case."""


READING: Mapping[tuple[str, str], Form] = {
    ("VARCHAR", "GEOMETRY"): form("read_geometry", "s>g"),
    ("BLOB", "GEOMETRY"): form("read_geometry", "v>g"),
    ("VARCHAR", "GEOGRAPHY"): form("read_geography", "s>o"),
    ("BLOB", "GEOGRAPHY"): form("read_geography", "v>o"),
}
"""What reads a file's values, of a kind of the engine's, as values of a type: NULL where they are none."""


def engine_forms() -> Iterator[Form]:
    """Yield every form that the engine must know."""
    for name, forms in FORMS.items():
        if name not in INTERNAL:
            yield from forms
    for name, spelt in INTERNAL.items():
        yield from (form(name, one) for one in spelt)
