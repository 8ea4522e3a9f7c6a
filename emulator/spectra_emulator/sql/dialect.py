"""Redshift's own SQL, and no other dialect's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ParseError
from sqlglot.parser import SENTINEL_NONE
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.sql.functions import KNOWN
from spectra_emulator.sql.script_dialect import ScriptParser
from spectra_emulator.sql.vocabulary import is_redshift_keyword

FUNCTION = "function"
OPERATOR = "operator"
"""Mark a call with the name that was written, or as one that was written as an operator."""
INTERVAL_FIELDS = frozenset({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"})

_TYPED = frozenset(function.name for function in KNOWN.values() if function.family in ("aggregate", "window"))

_Parse = Callable[[Any], Any]


def _called(name: str, parse: _Parse) -> _Parse:
    """Return a parser of `name(…)` that leaves the name and its place on the node."""

    def parse_call(parser: Any) -> Any:
        token = parser.token_before(2)
        return _marked(parse(parser), name, token)

    return parse_call


def _bare(name: str, parse: _Parse) -> _Parse:
    """Return a parser of a function without parentheses that leaves the name and its place on the node."""

    def parse_word(parser: Any) -> Any:
        token = parser.token_before(1)
        return _marked(parse(parser), name, token)

    return parse_word


def _prior(parser: Any) -> exp.Expr | None:
    return parser.parse_prior()  # type: ignore[no-any-return]  # sqlglot's callbacks are untyped


def _constant(name: str, build: Callable[[], exp.Func]) -> Callable[[], exp.Func]:
    def build_constant() -> exp.Func:
        node = build()
        node.meta[FUNCTION] = name.lower()
        return node

    return build_constant


def _marked(node: exp.Expr | None, name: str, token: Token) -> exp.Expr | None:
    if isinstance(node, exp.Func):
        node.meta[FUNCTION] = name.lower()
        node.update_positions(token)
    return node


def function_name(node: exp.Expr) -> str | None:
    """Return the function's name in lower case as the client wrote it, or None for what was not written as a call."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    name = node.meta_get(FUNCTION)
    return None if name is None else str(name).lower()


class SyntaxFault(ParseError):
    """A parse error that knows its token; `token` is falsy where the statement ended too early."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.token = token


class SpectraRedshiftParser(ScriptParser):
    """Redshift's grammar without the words, types, operators and functions that sqlglot lends it from elsewhere.

    Aggregates, window functions and functions with a syntax of their own have nodes of their own. Every other call
    stays as it was written: sqlglot's builders drop arguments they do not expect and translate formats.
    """

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: build for name, build in RedshiftParser.FUNCTIONS.items() if name.lower() in _TYPED
    }
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: _called(name, RedshiftParser.FUNCTION_PARSERS[name])
        for name in (
            "CAST",
            "CONVERT",
            "DATE_PART",
            "EXTRACT",
            "OBJECT_TRANSFORM",
            "POSITION",
            "SUBSTRING",
            "TRIM",
            "TRY_CAST",
        )
    }
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        "ANY": RedshiftParser.NO_PAREN_FUNCTION_PARSERS["ANY"],
        **{
            name: _bare(name, RedshiftParser.NO_PAREN_FUNCTION_PARSERS[name])
            for name in ("APPROXIMATE", "CASE", "SYSDATE")
        },
        "PRIOR": _prior,
    }
    UNARY_PARSERS: ClassVar[dict[TokenType, Callable[..., Any]]] = {
        **RedshiftParser.UNARY_PARSERS,
        TokenType.PARAMETER: lambda parser: parser.parse_absolute(),
    }
    BITWISE: ClassVar[dict[TokenType, type[exp.Binary]]] = {
        **RedshiftParser.BITWISE,
        TokenType.HASH: exp.BitwiseXor,
    }
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Callable[..., Any]]] = {
        token_type: _constant(token_type.name, build)
        for token_type, build in RedshiftParser.NO_PAREN_FUNCTIONS.items()
        if token_type.name.lower() in KNOWN
    }

    def _parse_function_call(self, *arguments: Any, **options: Any) -> exp.Expr | None:
        """Leave its place on a function without parentheses, too."""
        token = self._curr
        node: exp.Expr | None = super()._parse_function_call(*arguments, **options)
        if node is not None and token.token_type in self.NO_PAREN_FUNCTIONS:
            node.update_positions(token)
        return node

    def raise_error(self, message: str, token: Token = SENTINEL_NONE) -> None:
        """Raise the first fault with its token: no text is copied into the message."""
        raise SyntaxFault(message, token or self._curr)

    def parse_absolute(self) -> exp.Expr:
        """Return the call of ABS that the operator @ stands for."""
        if self._prev.text != "@" or self._match(TokenType.PARAMETER, advance=False):
            self.raise_error("The operator @ takes one operand", self._prev)
        call = self.expression(exp.Anonymous(this="abs", expressions=[self._parse_unary()]))
        call.meta[OPERATOR] = True
        return call

    def _parse_cube_or_rollup(self, with_prefix: bool = False) -> exp.Cube | exp.Rollup | None:
        """Read CUBE and ROLLUP, whose items may be conditions."""
        if not self._match_set((TokenType.CUBE, TokenType.ROLLUP)):
            return None
        kind = exp.Cube if self._prev.token_type == TokenType.CUBE else exp.Rollup
        items = [] if with_prefix else self._parse_wrapped_csv(self._parse_disjunction)
        return self.expression(kind(expressions=items))

    def parse_prior(self) -> exp.Prior | None:
        """Return PRIOR and its operand in a statement with CONNECT BY; elsewhere the word is a name."""
        if not any(token.token_type == TokenType.CONNECT_BY for token in self._tokens):
            self._retreat(self._index - 1)
            return None
        return self.expression(exp.Prior(this=self._parse_bitwise()))

    def _parse_object_transform(self) -> exp.ObjectTransform:
        """Read KEEP and SET, which are names elsewhere."""
        this = self._parse_column()
        keep = self._parse_csv(self._parse_primary) if self._match_text_seq("KEEP") else []
        pairs = self._parse_csv(self._parse_disjunction) if self._match_text_seq("SET") else []
        return self.expression(exp.ObjectTransform(this=this, keep=keep, set_=pairs))

    def _parse_pivot(self) -> exp.Pivot | None:
        """Leave out the columns that sqlglot foresees: their names are told from the values."""
        pivot = super()._parse_pivot()
        if pivot is not None:
            pivot.set("columns", None)
        return pivot

    def _parse_connect_with_prior(self) -> exp.Expr | None:
        """Leave the table of parsers alone, which all threads share."""
        return self._parse_disjunction()

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> exp.Interval | None:  # noqa: ARG002 - sqlglot passes it
        """Keep an interval's text whole, with its qualifier: sqlglot splits it into units and drops what is left."""
        if require_interval and not self._match(TokenType.INTERVAL):
            return None
        if not self._match(TokenType.STRING, advance=False):
            if require_interval:
                self._retreat(self._index - 1)
            return None
        text = self._parse_string()
        return self.expression(exp.Interval(this=text, unit=self._parse_qualifier()))

    def _parse_qualifier(self) -> exp.Var | None:
        if self._curr is None or self._curr.text.upper() not in INTERVAL_FIELDS:
            return None
        words = [self._parse_field_word()]
        if self._match_text_seq("TO"):
            words += ["TO", self._parse_field_word()]
        if self._match_pair(TokenType.L_PAREN, TokenType.NUMBER):
            words.append(self._prev.text)
            self._match_r_paren()
        return self.expression(exp.Var(this=" ".join(words)))

    def _parse_field_word(self) -> str:
        if self._curr is None or self._curr.text.upper() not in INTERVAL_FIELDS:
            self.raise_error("An interval's field is expected", self._curr)
        self._advance()
        return str(self._prev.text.upper())

    def _parse_limit(
        self, this: exp.Expr | None = None, top: bool = False, skip_limit_token: bool = False
    ) -> exp.Expr | None:
        limit = super()._parse_limit(this, top=top, skip_limit_token=skip_limit_token)
        if isinstance(limit, exp.Limit) and limit.args.get("offset"):
            self.raise_error("LIMIT takes one number", self._prev)
        return limit

    def _parse_join(
        self,
        skip_join_token: bool = False,
        parse_bracket: bool = False,
        alias_tokens: Collection[TokenType] | None = None,
    ) -> exp.Join | None:
        first = self._curr
        join = super()._parse_join(skip_join_token, parse_bracket, alias_tokens)
        if join is not None and first.token_type != TokenType.COMMA and not _says_how(join):
            self.raise_error("JOIN needs ON or USING")
        return join

    def _parse_type(self, parse_interval: bool = True, fallback_to_identifier: bool = False) -> exp.Expr | None:
        """Apply the casts behind a typed literal to the literal's value, where sqlglot casts the text inside."""
        typed = self._curr is not None and self._curr.token_type in self.TYPE_TOKENS
        node = super()._parse_type(parse_interval, fallback_to_identifier)
        return _regrouped(node) if typed and isinstance(node, exp.Cast) else node

    def _parse_id_var(self, any_token: bool = True, tokens: Collection[TokenType] | None = None) -> exp.Expr | None:
        """Take no string for a name after AS, either."""
        if self._curr is not None and self._curr.token_type == TokenType.STRING:
            return None
        return super()._parse_id_var(any_token, tokens)

    def _parse_primary(self) -> exp.Expr | None:
        """Make one string of strings in several lines."""
        node: exp.Expr | None = super()._parse_primary()
        if isinstance(node, exp.Concat) and all(part.is_string for part in node.expressions):
            return exp.Literal.string("".join(part.name for part in node.expressions))
        return node

    def _parse_string_as_identifier(self) -> None:
        """Take no string for a name: Redshift quotes names with double quotes."""

    def _warn_unsupported(self) -> None:
        """Say nothing: what is unsupported is refused where the tree is read."""


def _says_how(join: exp.Join) -> bool:
    """Tell whether a join names its rows' condition, or that it has none."""
    named = any(join.args.get(part) for part in ("on", "using", "method"))
    return named or join.kind == "CROSS"


def _regrouped(outer: exp.Cast) -> exp.Expr:
    """Turn type(cast(text)) into cast(type(text))."""
    innermost = outer
    while isinstance(innermost.this, exp.Cast):
        innermost = innermost.this
    if innermost is outer or not isinstance(innermost.this, exp.Literal):
        return outer
    casts: exp.Expr = outer.this
    outer.set("this", innermost.this)
    innermost.set("this", outer)
    return casts


class SpectraRedshift(Redshift):
    """Redshift's SQL and no other dialect's.

    A node written as a function call keeps its written name, see `function_name`.
    """

    ORIGINAL_NAME_META_KEY = FUNCTION

    class Tokenizer(Redshift.Tokenizer):
        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            keyword: token_type
            for keyword, token_type in Redshift.Tokenizer.KEYWORDS.items()
            if is_redshift_keyword(keyword)
        }

        COMMANDS: ClassVar[set[TokenType]] = set()
        HEX_STRINGS: ClassVar[list[str | tuple[str, str]]] = [("x'", "'"), ("X'", "'")]

    Parser = SpectraRedshiftParser


DIALECT = SpectraRedshift()
