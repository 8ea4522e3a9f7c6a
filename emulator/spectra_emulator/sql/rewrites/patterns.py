"""Regular expressions: the POSIX operators, SIMILAR TO and the REGEXP functions.

The engine's RE2 reads both flavours. Of Perl's own forms it lacks, look-around is covered where it begins a pattern,
and look-ahead where it ends one.

Source: "POSIX operators", "SIMILAR TO", "REGEXP_COUNT", "REGEXP_INSTR", "REGEXP_REPLACE", "REGEXP_SUBSTR".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.alternatives import longest_first
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import (
    Context,
    Function,
    Rule,
    bare,
    failing,
    integer_literal,
    is_text_literal,
    quoted,
    untyped,
)
from spectra_emulator.sql.rewrites.lookaround import divided, has_lookaround, marked_by_scan
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.rewrites.repetitions import refuse_shorter
from spectra_emulator.sql.type_names import BOOLEAN, INTEGER, VARCHAR, SqlType

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Mark where a match begins and ends: characters that no text holds, by Unicode's rule."""

FLAGS = frozenset("ceip")
UNKNOWN_ALTERNATIVES = "a POSIX pattern with alternatives that is no literal is not supported by the emulator"
BACKREFERENCE = re.compile(r"\\[1-9]")


@dataclass(frozen=True)
class Search:
    """What a REGEXP function looks for: DuckDB's texts of the subject, of the pattern and of the first position.

    `literal` is the pattern where it is one; `group` tells that the first group counts instead of the whole match.
    """

    subject: str
    pattern: str
    literal: str | None
    position: str
    flags: str
    known_position: int | None

    @property
    def group(self) -> bool:
        return "e" in self.flags

    @property
    def prefix(self) -> str:
        """Return RE2's flags: a dot matches a line's end too, as in POSIX, unless the pattern is Perl's."""
        letters = ("i" if "i" in self.flags else "") + ("" if "p" in self.flags else "s")
        return f"(?{letters})" if letters else ""

    @property
    def expression(self) -> str:
        if self.literal is not None:
            return quoted(f"{self.prefix}{self.literal}")
        return f"({quoted(self.prefix)} || {self.pattern})"

    @property
    def tail(self) -> str:
        """Return the subject from the first position on."""
        return self.subject if self.known_position == 1 else f"substring({self.subject}, {self.position})"


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def flags_of(call: Call, place: int) -> str:
    """Return the letters of the parameters argument.

    Raises: InvalidSql.
    """
    if len(call.arguments) <= place:
        return ""
    argument = call.arguments[place]
    if not is_text_literal(argument):
        raise unsupported(call.node, f"{call.name} with parameters that are no literal")
    letters = bare(argument).name.lower()
    unknown = set(letters) - FLAGS
    if unknown:
        raise invalid(call.node, f"{call.name} knows no parameter {min(unknown)!r}: write c, e, i or p", "22023")
    return letters


def string(context: Context, node: exp.Expr) -> str:
    """Return a string that is searched with regard to case.

    Raises: InvalidSql for one that compares without.
    """
    if not untyped(node) and context.type(node).insensitive:
        raise unsupported(node, "a pattern's search in a case-insensitive string")
    return implicit(context, node, VARCHAR)


def search_of(context: Context, call: Call, position_place: int, flags_place: int) -> Search:
    """Return what a call looks for.

    Raises: InvalidSql.
    """
    pattern = call.arguments[1]
    literal = bare(pattern).name if is_text_literal(pattern) else None
    position: str = "1"
    known: int | None = 1
    if len(call.arguments) > position_place:
        position, known = positive(context, call, position_place)
    flags = flags_of(call, flags_place)
    refuse_backreferences(call.node, literal)
    text = string(context, pattern)
    if literal is None and "p" not in flags:
        text = failing(f"contains({text}, '|')", UNKNOWN_ALTERNATIVES, text)
    elif literal is not None and "p" not in flags:
        literal = longest_first(call.node, literal)
        refuse_shorter(call.node, literal)
    return Search(string(context, call.arguments[0]), text, literal, position, flags, known)


def refuse_backreferences(node: exp.Expr, literal: str | None) -> None:
    if literal is not None and BACKREFERENCE.search(literal.replace("\\\\", "")):
        raise unsupported(node, "a regular expression with a back-reference")


def positive(context: Context, call: Call, place: int) -> tuple[str, int | None]:
    """Return a whole number from 1 on, and its value where it is written out."""
    argument = call.arguments[place]
    known = integer_literal(argument)
    message = f"argument {place + 1} of {call.name} must be greater than zero"
    if known is not None and known < 1:
        raise invalid(call.node, message, "22023")
    text = as_type(context, argument, INTEGER)
    return (text, known) if known is not None else (failing(f"{text} < 1", message, text), None)


def matches(search: Search) -> str:
    """Return all matches from the position on, as a list."""
    if search.literal is not None and has_lookaround(search.literal):
        return f"list_transform({parts(search)}[2:], lambda part: split_part(part, '{CLOSE}', 1))"
    return f"regexp_extract_all({search.tail}, {search.expression})"


def marked(node: exp.Expr, search: Search) -> str:
    """Return the text from the position on with each match between two marks."""
    if search.literal is not None and has_lookaround(search.literal):
        division = divided(node, search.literal)
        return marked_by_scan(division, search.tail, search.prefix, (OPEN, CLOSE))
    literal = quoted(f"{search.prefix}(?:{search.literal})") if search.literal is not None else None
    pattern = literal or f"({quoted(search.prefix + '(?:')} || {search.pattern} || ')')"
    return f"regexp_replace({search.tail}, {pattern}, '{OPEN}\\0{CLOSE}', 'g')"


def parts(search: Search) -> str:
    """Return the text before the first match, then each match with what follows it."""
    return f"string_split({marked(exp.null(), search)}, '{OPEN}')"


def count_text(context: Context, call: Call) -> str:
    search = search_of(context, call, 2, 3)
    return f"CAST(len({matches(search)}) AS INTEGER)"


def substring_text(context: Context, call: Call) -> str:
    """Return the n-th match, or its first group; an empty string where there is none."""
    search = search_of(context, call, 2, 4)
    occurrence = positive(context, call, 3)[0] if len(call.arguments) > 3 else "1"  # noqa: PLR2004 - the fourth
    if search.group:
        if search.literal is not None and has_lookaround(search.literal):
            raise unsupported(call.node, "REGEXP_SUBSTR of a group with look-around")
        found = f"regexp_extract_all({search.tail}, {search.expression}, 1)[{occurrence}]"
    else:
        found = f"{matches(search)}[{occurrence}]"
    nothing = f"{search.subject} IS NULL OR {search.pattern} IS NULL"
    return f"CASE WHEN {nothing} THEN NULL ELSE COALESCE({found}, '') END"


def position_text(context: Context, call: Call) -> str:
    """Return where the n-th match begins, or the place after its end, 0 where there is none."""
    search = search_of(context, call, 2, 5)
    occurrence = positive(context, call, 3)[0] if len(call.arguments) > 3 else "1"  # noqa: PLR2004 - the fourth
    option = end_option(call)
    before = f"array_to_string(pieces[1 : {occurrence}], '')"
    start = f"length(replace({before}, '{CLOSE}', '')) + {search.position}"
    ended = f" + length(split_part(pieces[{occurrence} + 1], '{CLOSE}', 1))" if option else ""
    found = (
        f"CASE WHEN len(pieces) > {occurrence} THEN CAST({start}{ended} AS INTEGER) WHEN pieces IS NOT NULL THEN 0 END"
    )
    return bound("pieces", parts(search), found)


def end_option(call: Call) -> int:
    if len(call.arguments) < 5:  # noqa: PLR2004 - the option is the fifth
        return 0
    option = integer_literal(call.arguments[4])
    if option is None or option not in {0, 1}:
        raise invalid(call.node, "the option of regexp_instr must be 0 or 1", "22023")
    return option


def replaced_text(context: Context, call: Call) -> str:
    r"""Replace every match from the position on; `\1` or `$1` in the replacement is the first group."""
    search = search_of(context, call, 3, 4)
    text = replacement(context, call)
    if search.literal is not None and has_lookaround(search.literal):
        if "\\\\" in text or "$" in text:
            raise unsupported(call.node, "a group in the replacement of a pattern with look-around")
        marks = f"{OPEN}[^{CLOSE}]*{CLOSE}"
        changed = f"regexp_replace({marked(call.node, search)}, '{marks}', {text}, 'g')"
    else:
        changed = f"regexp_replace({search.tail}, {search.expression}, {text}, 'g')"
    return changed if search.known_position == 1 else f"(left({search.subject}, {search.position} - 1) || {changed})"


def replacement(context: Context, call: Call) -> str:
    if len(call.arguments) < 3:  # noqa: PLR2004 - the replacement is the third
        return "''"
    argument = call.arguments[2]
    if not is_text_literal(argument):
        return f"regexp_replace({string(context, argument)}, '\\$(\\d)', '\\\\\\1', 'g')"
    written = re.sub(r"\$(\d)", r"\\\1", bare(argument).name)
    if re.search(r"\\(?![\d\\])", written):
        raise unsupported(call.node, "this escape in a replacement")
    return quoted(written)


def boolean_type(_context: Context, _node: exp.Expr) -> SqlType:
    return BOOLEAN


def operator_rule(flags: str) -> Callable[[Context, exp.Expr], str]:
    """Return the rule of `~` or `~*`, which find a match anywhere."""

    def text(context: Context, node: exp.Expr) -> str:
        literal = bare(node.expression).name if is_text_literal(node.expression) else None
        refuse_backreferences(node, literal)
        search = Search(string(context, node.this), string(context, node.expression), literal, "1", flags, 1)
        return f"regexp_matches({search.subject}, {search.expression})"

    return text


FUNCTIONS: Mapping[str, Function] = {
    "regexp_count": Function(fixed(INTEGER), count_text, 2, 4),
    "regexp_instr": Function(fixed(INTEGER), position_text, 2, 6),
    "regexp_replace": Function(fixed(VARCHAR), replaced_text, 2, 5),
    "regexp_substr": Function(fixed(VARCHAR), substring_text, 2, 5),
}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.RegexpLike: Rule(boolean_type, operator_rule("")),
    exp.RegexpILike: Rule(boolean_type, operator_rule("i")),
}
