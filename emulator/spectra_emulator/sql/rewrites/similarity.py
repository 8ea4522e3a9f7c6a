"""SIMILAR TO, whose patterns become regular expressions.

Source: "SIMILAR TO".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, failing, is_text_literal, quoted
from spectra_emulator.sql.rewrites.patterns import string
from spectra_emulator.sql.type_names import BOOLEAN, SqlType

SIMILAR_WILDCARDS = {"%": ".*", "_": "."}
UNKNOWN_BRACKETS = (
    "SIMILAR TO with a pattern that is no literal and holds a bracket or an escape is not supported by the emulator"
)


def boolean_type(_context: Context, _node: exp.Expr) -> SqlType:
    return BOOLEAN


def similar_regex(node: exp.Expr, pattern: str, escape: str) -> str:
    """Return the regular expression of a SIMILAR TO pattern."""
    written, escaped, bracketed = [], False, False
    for letter in pattern:
        if escaped or letter == escape:
            written += [re.escape(letter)] if escaped else []
            escaped = not escaped
            continue
        bracketed = (bracketed or letter == "[") and letter != "]"
        literal = not bracketed and letter in ".^$\\"
        written.append(f"\\{letter}" if literal else letter if bracketed else SIMILAR_WILDCARDS.get(letter, letter))
    if escaped:
        raise invalid(node, "a SIMILAR TO pattern must not end with its escape character", "22025")
    return f"(?s)^(?:{''.join(written)})$"


def similar_rule(context: Context, node: exp.Expr) -> str:
    return similar_match(context, node, "\\")


def similar_match(context: Context, node: exp.Expr, escape: str) -> str:
    if is_text_literal(node.expression):
        pattern = quoted(similar_regex(node, bare(node.expression).name, escape))
    else:
        pattern = computed_regex(string(context, node.expression), escape)
    return f"regexp_matches({string(context, node.this)}, {pattern})"


def computed_regex(pattern: str, escape: str) -> str:
    """Return the regular expression of a SIMILAR TO pattern that is known only as it runs."""
    plain = f"regexp_replace({pattern}, '([.^$])', '\\\\\\1', 'g')"
    for wildcard, written in SIMILAR_WILDCARDS.items():
        plain = f"replace({plain}, '{wildcard}', '{written}')"
    escaped = f"contains({pattern}, {quoted(escape)}) OR " if escape else ""
    special = f"{escaped}regexp_matches({pattern}, '[\\[\\\\]')"
    return failing(special, UNKNOWN_BRACKETS, f"('(?s)^(?:' || {plain} || ')$')")


RULES: Mapping[type[exp.Expr], Rule] = {exp.SimilarTo: Rule(boolean_type, similar_rule)}
