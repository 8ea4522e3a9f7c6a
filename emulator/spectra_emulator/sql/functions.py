"""Every function that Redshift has, by name.

Source: Amazon Redshift Database Developer Guide, "SQL functions reference" and "System administration functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from spectra_emulator.sql.vocabulary import words


@dataclass(frozen=True)
class Function:
    """A function of Redshift; `strict` says that the level strict admits it."""

    name: str
    family: str
    strict: bool


_FAMILIES: Mapping[str, str] = {
    "aggregate": """
        any_value approximate avg bit_and bit_or bool_and bool_or count grouping grouping_id listagg max median
        min percentile_cont percentile_disc stddev stddev_pop stddev_samp sum var_pop var_samp variance
    """,
    "window": """
        cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank ratio_to_report
        row_number
    """,
    "conditional": "case coalesce decode greatest least nullif nvl nvl2",
    "conversion": "cast convert date text_to_int_alt text_to_numeric_alt to_char to_date to_number try_cast",
    "date and time": """
        add_months age convert_timezone current_date current_time current_timestamp date_add date_cmp
        date_cmp_timestamp date_cmp_timestamptz date_diff date_part date_part_year date_trunc dateadd datediff
        extract getdate interval_cmp isfinite last_day localtime localtimestamp months_between next_day now
        pgdate_part sysdate timeofday timestamp_cmp timestamp_cmp_date timestamp_cmp_timestamptz timestamptz_cmp
        timestamptz_cmp_date timestamptz_cmp_timestamp timezone to_timestamp
    """,
    "math": """
        abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp dlog1 dlog10 exp floor ln log mod pi pow
        power radians random round sign sin sqrt tan trunc
    """,
    "string": """
        ascii bpcharcmp btrim bttext_pattern_cmp char_length character_length charindex chr collate concat
        difference get_bit get_byte initcap left len length lower lpad ltrim octet_length octetindex position
        quote_ident quote_literal regexp_count regexp_instr regexp_replace regexp_substr repeat replace
        replicate reverse right rpad rtrim set_bit set_byte soundex split_part strpos strtol substr substring
        textlen to_ascii translate trim upper
    """,
    "hash": "checksum crc32 farm_fingerprint64 farmfingerprint64 fnv_hash func_sha1 md5 murmur3_32_hash sha sha1 sha2",
    "sketch": "hll hll_cardinality hll_combine hll_combine_sketches hll_create_sketch",
    "varbyte": "from_hex from_varbyte getbit to_hex to_varbyte",
    "json": """
        can_json_parse is_valid_json is_valid_json_array json_array_length json_extract_array_element_text
        json_extract_path_text json_parse json_serialize json_serialize_to_varbyte
    """,
    "array": """
        array array_concat array_contains array_distinct array_except array_flatten array_intersection
        array_position array_positions array_sort array_union arrays_overlap get_array_length
        get_number_attributes split_to_array subarray
    """,
    "super": """
        decimal_precision decimal_scale is_array is_bigint is_boolean is_char is_decimal is_float is_integer
        is_object is_scalar is_smallint is_varchar json_size json_typeof lower_attribute_names object
        object_transform size upper_attribute_names
    """,
    "spatial": """
        addbbox dropbbox geometrytype h3_boundary h3_center h3_fromlonglat h3_frompoint h3_isvalid h3_kring
        h3_polyfill h3_resolution h3_topointid h3_tochildren h3_toparent st_addpoint st_angle st_area st_asbinary
        st_asewkb st_asewkt st_asgeojson st_ashexewkb st_ashexwkb st_astext st_azimuth st_boundary st_buffer st_centroid
        st_collect st_contains st_containsproperly st_convexhull st_coveredby st_covers st_crosses st_dimension
        st_disjoint st_distance st_distancesphere st_dwithin st_endpoint st_envelope st_equals st_exteriorring
        st_force2d st_force3d st_force3dm st_force3dz st_force4d st_geogfromtext st_geogfromwkb st_geohash
        st_geometryn st_geometrytype st_geomfromewkb st_geomfromewkt st_geomfromgeohash st_geomfromgeojson
        st_geomfromgeosquare st_geomfromtext st_geomfromwkb st_geosquare st_interiorringn st_intersection
        st_intersects st_isclosed st_iscollection st_isempty st_ispolygonccw st_ispolygoncw st_isring
        st_issimple st_isvalid st_length st_length2d st_lengthsphere st_linefrommultipoint
        st_lineinterpolatepoint st_m st_makeenvelope st_makeline st_makepoint st_makepolygon st_memsize st_mmax
        st_mmin st_multi st_ndims st_npoints st_nrings st_numgeometries st_numinteriorrings st_numpoints
        st_perimeter st_perimeter2d st_point st_pointn st_points st_polygon st_quantizecoordinates st_reduce
        st_removepoint st_reverse st_scale st_setpoint st_setsrid st_simplify st_srid st_startpoint st_touches
        st_transform st_translate st_union st_within st_x st_xmax st_xmin st_y st_ymax st_ymin st_z st_zmax
        st_zmin supportsbbox
    """,
    "machine learning": "explain_model",
    "system": """
        change_query_priority change_session_priority change_user_priority current_aws_account current_database
        current_namespace current_schema current_schemas current_session_arn current_setting current_user
        current_user_id default_iam_role generate_series has_assumerole_privilege has_database_privilege
        has_schema_privilege has_table_privilege last_user_query_id pg_backend_pid pg_cancel_backend pg_get_cols
        pg_get_grantee_by_iam_role pg_get_iam_role_by_user pg_get_late_binding_view_cols pg_get_session_roles
        pg_last_copy_count pg_last_copy_id pg_last_query_id pg_last_unload_count pg_last_unload_id
        pg_terminate_backend reboot_cluster role_is_member_of session_user set_config slice_num user
        user_is_member_of version
    """,
}

_STRICT = words(
    """
    avg count listagg max median min stddev stddev_pop stddev_samp sum var_pop var_samp variance
    case cast coalesce convert decode greatest least nullif nvl nvl2 to_char to_date to_number try_cast
    add_months current_date date date_part date_trunc dateadd datediff extract getdate last_day months_between sysdate
    dense_rank first_value lag last_value lead ntile rank row_number
    abs ceil ceiling exp floor ln log mod power round sign sqrt trunc
    btrim char_length charindex concat initcap left len length lower ltrim position replace right rtrim split_part
    strpos substring trim upper
    """
)

KNOWN: Mapping[str, Function] = MappingProxyType(
    {
        name: Function(name, family, strict=name in _STRICT)
        for family, names in _FAMILIES.items()
        for name in names.split()
    }
)
"""The functions of Redshift by lower-case name."""

FORBIDDEN: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export"),
            "Functions that reach the file system are not allowed",
        ),
        **dict.fromkeys(
            (
                *("pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "reboot_cluster"),
                *("change_query_priority", "change_session_priority", "change_user_priority"),
            ),
            "Functions that act on the server are not allowed",
        ),
        **dict.fromkeys(
            ("inet_client_addr", "inet_server_addr", "current_setting", "set_config"),
            "Functions that read or change the session are not allowed",
        ),
        **dict.fromkeys(
            ("pg_sleep", "pg_sleep_for", "pg_sleep_until", "sleep", "sleep_ms", "benchmark", "waitfor"),
            "Functions that only delay are not allowed",
        ),
    }
)
"""The functions refused at every level, each with the reason."""
