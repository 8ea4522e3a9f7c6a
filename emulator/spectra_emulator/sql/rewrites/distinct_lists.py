"""Lists whose strings stand only where they stand first, blanks or not.

Source: "LISTAGG" (DISTINCT), "Character types" (significance of trailing blanks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ASCENDING, DESCENDING = " ASC NULLS LAST", " DESC NULLS FIRST"
SLICES: Mapping[str, str] = {ASCENDING: "", DESCENDING: "[:-:-1]"}
"""What brings a list that is sorted upwards into a direction."""

KEYED = "list_sort(list_transform(l, lambda v, i: {'k': rtrim(v, ' '), 'i': i, 'v': v}))"
"""Brings equal strings together, the first of them in front."""
FIRSTS = "list_filter(s, lambda e, i: i = 1 OR s[i - 1]['k'] <> e['k'])"
IN_ORDER = f"list_sort(list_transform({FIRSTS}, lambda e: {{'i': e['i'], 'v': e['v']}}))"


def distinct_list(argument: str, separator: str, order: Sequence[str], over: str) -> str:
    """Return the aggregate of a string's rows, or of those of a window, as one string."""
    members = different(argument, order, over) if over or is_own(argument, order) else ordered(argument, order)
    keyed = f"list_transform([{members}], lambda l: {KEYED})[1]"
    kept = f"list_transform([{keyed}], lambda s: list_transform({IN_ORDER}, lambda e: e['v']))[1]"
    return f"list_aggregate({kept}, 'string_agg', {separator})"


def is_own(argument: str, order: Sequence[str]) -> bool:
    """Tell whether a string is ordered by itself, if at all."""
    return all(one in {argument + ASCENDING, argument + DESCENDING} for one in order)


def ordered(argument: str, order: Sequence[str], over: str = "") -> str:
    """Return a list of all strings in their order."""
    listed = f" ORDER BY {', '.join(order)}" if order else ""
    return f"list({argument}{listed}) FILTER (WHERE {argument} IS NOT NULL){over}"


def different(argument: str, order: Sequence[str], over: str) -> str:
    """Return a list of the strings with their sort keys, each pair once, where these all sort in one direction.

    It is as short as they are few, so that each row of a window may have one; a window of all its rows is quadratic.
    """
    direction = next((one for one in SLICES if all(key.endswith(one) for key in order)), None)
    if direction is None:
        return ordered(argument, order, over)
    keys = [key.removesuffix(direction) for key in order]
    fields = ", ".join(f"'k{place}': {key}" for place, key in enumerate([*keys, argument]))
    pairs = f"map_keys(histogram({{{fields}}}) FILTER (WHERE {argument} IS NOT NULL){over})"
    return f"list_transform({pairs}, lambda p: p['k{len(keys)}']){SLICES[direction]}"
