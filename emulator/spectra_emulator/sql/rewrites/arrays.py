"""Functions over the elements of SUPER arrays, which treat a null like any other element.

Source: "Array functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, failing
from spectra_emulator.sql.rewrites.json import super_value
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.rewrites.super_casts import NUMBERS, json_kind, plain_text
from spectra_emulator.sql.type_names import BIGINT, BOOLEAN, INTEGER, SUPER, VARCHAR, SqlType

Text = Callable[[Context, Call], str]
SORTS = (("BOOLEAN",), ("UBIGINT", "BIGINT", "DOUBLE"), ("VARCHAR",), ("ARRAY", "OBJECT"))
"""The kinds of JSON in the order in which ARRAY_SORT puts them."""
NULL_PLACES = (0, len(SORTS) + 1)


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def elements(text: str) -> str:
    """Return an array's elements as a list of JSON, NULL where it is no array."""
    return f"CAST(CASE WHEN {json_kind(text)} = 'ARRAY' THEN json_extract({text}, '$[*]') END AS JSON[])"


def array_of(listed: str) -> str:
    """Return a list of JSON as an array."""
    return f"CAST('[' || array_to_string({listed}, ',') || ']' AS JSON)"


def of_arrays(body: str) -> Text:
    """Return the rewrite that computes a list from the lists of one or two arrays, `a` and `b`."""

    def text(context: Context, call: Call) -> str:
        made = array_of(body)
        for name, place in reversed(list(zip("ab", range(len(call.arguments)), strict=False))):
            made = bound(name, elements(super_value(context, call, place)), made)
        return made

    return text


def array_concat(context: Context, call: Call) -> str:
    lists = [f"({elements(super_value(context, call, place))})" for place in range(len(call.arguments))]
    joined = " || ".join(lists)
    return array_of(joined)


DEEPEST_FLATTENED = 16


def flatten_text(context: Context, call: Call) -> str:
    """Flatten level by level; arrays that are nested very deep are refused."""
    inner = "CASE WHEN json_type(one) = 'ARRAY' THEN json_extract(one, '$[*]') ELSE [one] END"
    level = f"flatten(list_transform(flattened, lambda one: {inner}))"
    levels = f"list_transform(range({DEEPEST_FLATTENED}), lambda _: CAST([] AS JSON[]))"
    flat = f"CASE WHEN a IS NOT NULL THEN list_reduce({levels}, lambda flattened, _: {level}, a) END"
    deep = "len(list_filter(flat, lambda one: json_type(one) = 'ARRAY')) > 0"
    message = f"ARRAY_FLATTEN of arrays nested more than {DEEPEST_FLATTENED} deep is not supported by the emulator"
    body = bound("flat", flat, failing(deep, message, array_of("flat")))
    return bound("a", elements(super_value(context, call)), body)


def length_text(context: Context, call: Call) -> str:
    value = super_value(context, call)
    return f"CASE WHEN {json_kind(value)} = 'ARRAY' THEN CAST(json_array_length({value}) AS BIGINT) END"


def split_text(context: Context, call: Call) -> str:
    text = as_type(context, call.arguments[0], VARCHAR)
    delimiter = as_type(context, call.arguments[1], VARCHAR) if len(call.arguments) > 1 else "','"
    made = array_of(f"list_transform(string_split({text}, {delimiter}), lambda part: CAST(to_json(part) AS VARCHAR))")
    return failing(f"{delimiter} = ''", "the delimiter of SPLIT_TO_ARRAY must not be empty", made)


def subarray_text(context: Context, call: Call) -> str:
    """Return the elements from a place, counted from 0, on."""
    start = as_type(context, call.arguments[1], BIGINT)
    end = f"{start} + {as_type(context, call.arguments[2], BIGINT)}" if len(call.arguments) > 2 else "len(a)"  # noqa: PLR2004 - the length is the third
    made = array_of(f"a[{start} + 1 : {end}]")
    message = "SUBARRAY from a negative position, or of a negative length, is not supported by the emulator"
    guard = f"{start} < 0 OR {end} < {start} AND len(a) > {start}"
    return bound("a", elements(super_value(context, call)), failing(guard, message, made))


def boolean_argument(context: Context, call: Call, place: int, default: str) -> str:
    return as_type(context, call.arguments[place], BOOLEAN) if len(call.arguments) > place else default


def with_element(found: str, nothing: str) -> Text:
    """Return the rewrite that computes from an array's list `a` and an element `e`.

    `nothing` is the result of a search without a match. Where nulls do not match, a search for one gives NULL, and so
    does a search without a match in an array that holds one.
    """

    def text(context: Context, call: Call) -> str:
        matching = boolean_argument(context, call, 2, "TRUE")
        element = f"COALESCE(CAST({as_type(context, call.arguments[1], SUPER)} AS VARCHAR), 'null')"
        texts = f"list_transform({elements(super_value(context, call))}, lambda one: CAST(one AS VARCHAR))"
        unknown = f"NOT ({matching}) AND (e = 'null' OR list_contains(a, 'null') AND NOT list_contains(a, e))"
        body = f"CASE WHEN a IS NULL OR {unknown} THEN NULL WHEN list_contains(a, e) THEN {found} ELSE {nothing} END"
        return bound("a", texts, bound("e", element, body))

    return text


def rank_of(one: str, nulls: str) -> str:
    kinds = " ".join(
        f"WHEN json_type({one}) IN ({', '.join(map(repr, kinds))}) THEN {rank}" for rank, kinds in enumerate(SORTS, 1)
    )
    return f"CASE {kinds} ELSE {nulls} END"


def sort_text(context: Context, call: Call) -> str:
    """Sort by kind, then by value; two arrays or objects are refused, whose order the guide leaves open."""
    ascending = boolean_argument(context, call, 1, "TRUE")
    nulls_first = boolean_argument(context, call, 2, f"NOT ({ascending})")
    first, last = NULL_PLACES
    nulls = f"CASE WHEN ({nulls_first}) = ({ascending}) THEN {first} ELSE {last} END"
    number = f"CASE WHEN {json_kind('one')} IN {NUMBERS} THEN CAST(CAST(one AS VARCHAR) AS DOUBLE) ELSE 0 END"
    word = f"COALESCE({plain_text('one')}, '')"
    key = f"{{'rank': {rank_of('one', nulls)}, 'number': {number}, 'word': {word}, 'one': one}}"
    keys = f"list_transform(a, lambda one: {key})"
    listed = f"CASE WHEN {ascending} THEN list_sort({keys}) ELSE list_reverse_sort({keys}) END"
    made = array_of(f"list_transform({listed}, lambda sorted: sorted.one)")
    nested = "len(list_filter(a, lambda one: json_type(one) IN ('ARRAY', 'OBJECT'))) > 1"
    message = "ARRAY_SORT of more than one array or object is not supported by the emulator"
    return bound("a", elements(super_value(context, call)), failing(nested, message, made))


def union_text(context: Context, call: Call) -> str:
    joined = " || ".join(f"({elements(super_value(context, call, place))})" for place in range(2))
    return bound("a", joined, array_of(DISTINCT_A))


def overlap_text(context: Context, call: Call) -> str:
    first, second = (elements(super_value(context, call, place)) for place in range(2))
    return f"list_has_any({first}, {second})"


POSITIONS = "list_transform(list_filter(range(len(a)), lambda place: a[place + 1] = e), lambda place: place::VARCHAR)"
AS_SUPER, AS_BOOLEAN = fixed(SUPER), fixed(BOOLEAN)
DISTINCT_A = "list_filter(a, lambda one, i: list_position(a, one) = i)"
IN_B = "list_contains(b, one)"
FUNCTIONS: Mapping[str, Function] = {
    "array_concat": Function(AS_SUPER, array_concat, 2, None),
    "array_flatten": Function(AS_SUPER, flatten_text),
    "array_distinct": Function(AS_SUPER, of_arrays(DISTINCT_A)),
    "array_intersection": Function(AS_SUPER, of_arrays(f"list_filter({DISTINCT_A}, lambda one: {IN_B})"), 2, 2),
    "array_except": Function(AS_SUPER, of_arrays(f"list_filter({DISTINCT_A}, lambda one: NOT {IN_B})"), 2, 2),
    "array_union": Function(AS_SUPER, union_text, 2, 2),
    "array_sort": Function(AS_SUPER, sort_text, 1, 3),
    "arrays_overlap": Function(AS_BOOLEAN, overlap_text, 2, 2),
    "array_contains": Function(AS_BOOLEAN, with_element("TRUE", "FALSE"), 2, 3),
    "array_position": Function(fixed(INTEGER), with_element("CAST(list_position(a, e) - 1 AS INTEGER)", "-1"), 2, 3),
    "array_positions": Function(AS_SUPER, with_element(array_of(POSITIONS), "CAST('[]' AS JSON)"), 2, 3),
    "get_array_length": Function(fixed(BIGINT), length_text),
    "split_to_array": Function(AS_SUPER, split_text, 1, 2),
    "subarray": Function(AS_SUPER, subarray_text, 2, 3),
}
