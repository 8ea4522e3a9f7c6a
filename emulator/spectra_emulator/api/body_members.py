"""What members a part of a request body may have."""

from __future__ import annotations

from difflib import get_close_matches

from msgspec import inspect


def hint(shape: type, path: str, unknown: str) -> str:
    """Return what the object at a path, such as `match.header`, takes instead of an unknown member."""
    allowed = _members(shape, path)
    if not allowed:
        return ""
    near = get_close_matches(unknown, allowed, 1)
    meant = f"; did you mean `{near[0]}`?" if near else "."
    return f"{meant} There are {', '.join(allowed)}"


def _members(shape: type, path: str) -> list[str]:
    found = _object(inspect.type_info(shape))
    for word in filter(None, path.split(".")):
        if found is None:
            return []
        name = word.partition("[")[0]
        found = _object(next((field.type for field in found.fields if field.encode_name == name), None))
    return [] if found is None else [field.encode_name for field in found.fields]


def _object(kind: inspect.Type | None) -> inspect.StructType | None:
    """Return the object that a type is, holds as its items or takes beside null."""
    if isinstance(kind, inspect.UnionType):
        return next(filter(None, map(_object, kind.types)), None)
    if isinstance(kind, inspect.ListType):
        return _object(kind.item_type)
    return kind if isinstance(kind, inspect.StructType) else None
