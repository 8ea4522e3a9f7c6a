"""OBJECT_TRANSFORM: an object of some paths of another, and of paths with new values.

A kept path that the object lacks is left out. Source: "OBJECT_TRANSFORM function".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, is_text_literal, quoted
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.rewrites.super_casts import json_kind
from spectra_emulator.sql.type_names import SUPER, SqlType

PATH = re.compile(r'"((?:[^"\\]|\\.)+)"(?:\.|$)')
INPUT = "transformed"
BARE_PATH = 'a path of OBJECT_TRANSFORM must be a literal of quoted keys such as \'"a"."b"\''


@dataclass
class Branch:
    """Members by key, each a branch or DuckDB's text of the member's JSON text, which is NULL where it is left out."""

    members: dict[str, Branch | str] = field(default_factory=dict)


def transform_type(_context: Context, _node: exp.Expr) -> SqlType:
    return SUPER


def transform_rule(context: Context, node: exp.Expr) -> str:
    """Return the input itself where it is no object, or where nothing is kept and nothing set."""
    keep, pairs = node.args.get("keep") or [], node.args.get("set_") or []
    if len(pairs) % 2:
        raise invalid(node, "SET of OBJECT_TRANSFORM needs a value for each path", "42601")
    if not keep and not pairs:
        return as_type(context, node.this, SUPER)
    root = Branch()
    for path in keep:
        put(root, path, kept(path_of(path)))
    for path, value in zip(pairs[::2], pairs[1::2], strict=True):
        put(root, path, f"COALESCE(CAST({as_type(context, value, SUPER)} AS VARCHAR), 'null')")
    made = f"CAST(COALESCE({written(root)}, '{{}}') AS JSON)"
    body = f"CASE WHEN {json_kind(INPUT)} = 'OBJECT' THEN {made} ELSE {INPUT} END"
    return bound(INPUT, as_type(context, node.this, SUPER), body)


def path_of(node: exp.Expr) -> tuple[str, ...]:
    """Return the keys of a path such as '"a"."b"'.

    Raises: InvalidSql.
    """
    text = bare(node).name if is_text_literal(node) else ""
    keys = tuple(PATH.findall(text))
    if not keys or ".".join(f'"{key}"' for key in keys) != text:
        raise invalid(node, 'a path of OBJECT_TRANSFORM must be a literal of quoted keys such as \'"a"."b"\'', "22023")
    return keys


def put(root: Branch, node: exp.Expr, text: str) -> None:
    """Place a member; a value that is set takes the place of one that is kept."""
    *outer, last = path_of(node)
    branch = root
    for key in outer:
        inner = branch.members.setdefault(key, Branch())
        if not isinstance(inner, Branch):
            raise overlapping(node)
        branch = inner
    if isinstance(branch.members.get(last), Branch):
        raise overlapping(node)
    branch.members[last] = text


def overlapping(node: exp.Expr) -> Exception:
    return unsupported(node, "OBJECT_TRANSFORM of a path within another path")


def kept(keys: tuple[str, ...]) -> str:
    path = "$" + "".join(f'."{key}"' for key in keys)
    return f"CAST(json_extract({INPUT}, {quoted(path)}) AS VARCHAR)"


def written(branch: Branch) -> str:
    """Return the text of an object's JSON, NULL where it has no members."""
    members = ", ".join(
        f"""{quoted(f'"{key}":')} || {written(value) if isinstance(value, Branch) else value}"""
        for key, value in branch.members.items()
    )
    return f"('{{' || nullif(array_to_string([{members}], ','), '') || '}}')"


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.ObjectTransform: Rule(transform_type, transform_rule, frozenset({"this", "keep", "set_"}))
}
