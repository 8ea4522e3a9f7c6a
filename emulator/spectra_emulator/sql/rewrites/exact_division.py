"""Division of DECIMALs by DECIMALs and of sums by counts, exact and in 64 bits where the digits allow it.

DuckDB divides 128-bit integers bit by bit, a hundred times slower than 64-bit ones; so the quotient's fraction is
worked out as on paper, some digits at a time, each step within 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.rewrites.named_values import named, with_values
from spectra_emulator.sql.type_names import MAX_PRECISION, SqlType
from spectra_emulator.sql.types import decimal, digits

INT64_DIGITS = 18
MAX_STEPS = 5
MAX_OPERAND_TEXT = 1_000


@dataclass(frozen=True)
class Whole:
    """A number as DuckDB's text of a whole one, of at most `digits` digits."""

    text: str
    digits: int


def quotient(dividend: tuple[str, SqlType], divisor: tuple[str, SqlType], result: SqlType, room: int = 0) -> str:
    """Return a quotient cut at the result's scale, NULL where the divisor is zero.

    With `room` each step gives as many digits of the fraction, and fails where the divisor is too long for that.
    """
    (p1, s1), (p2, s2) = digits(dividend[1]), digits(divisor[1])
    common = max(s1, s2)
    widths = (p1 + common - s1, p2 + common - s2)
    steps = list(chunks(result.scale, max(INT64_DIGITS - widths[1], room))) if max(widths) < INT64_DIGITS else []
    fits = max(widths) + result.scale <= INT64_DIGITS
    if fits or not 0 < len(steps) <= MAX_STEPS or len(dividend[0] + divisor[0]) > MAX_OPERAND_TEXT:
        return at_once(dividend, divisor, result)
    sides = [
        Whole(scaled(unscaled(text, *digits(kind), "BIGINT"), common - kind.scale, "BIGINT"), width)
        for (text, kind), width in zip((dividend, divisor), widths, strict=True)
    ]
    return by_steps(sides[0], sides[1], steps, result)


def chunks(scale: int, room: int) -> Iterator[int]:
    """Yield how many digits of a fraction each step gives."""
    while scale > 0 and room > 0:
        yield min(scale, room)
        scale -= room


def by_steps(dividend: Whole, divisor: Whole, steps: list[int], result: SqlType) -> str:
    """Add up a quotient from its whole part, as wide as the result, and the digits that the steps give."""
    room = decimal(min(dividend.digits + result.scale, MAX_PRECISION), result.scale).duckdb
    whole = f"CAST({dividend.text} // {divisor.text} AS {room})"
    rest, place = f"({dividend.text} % {divisor.text})", 0
    parts = []
    for count in steps:
        place += count
        step = f"{rest} * {10**count}"
        parts.append((f"({step} // {divisor.text})", place))
        rest = f"({step} % {divisor.text})"
    return f"CAST({' + '.join([whole, *fractions(parts)])} AS {result.duckdb})"


def fractions(parts: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Yield the digits after the point as DECIMALs, of as many steps at a time as 64 bits hold."""
    waiting: list[tuple[str, int]] = []
    before = 0
    for part in parts:
        if waiting and part[1] - before > INT64_DIGITS:
            before = waiting[-1][1]
            yield fraction(waiting)
            waiting = []
        waiting.append(part)
    yield fraction(waiting)


def fraction(parts: Sequence[tuple[str, int]]) -> str:
    end = parts[-1][1]
    digits_of_all = " + ".join(f"{text} * {10 ** (end - place)}" if place < end else text for text, place in parts)
    return f"CAST({digits_of_all} AS DECIMAL({INT64_DIGITS},0)) * {unit(end)}"


def at_once(dividend: tuple[str, SqlType], divisor: tuple[str, SqlType], result: SqlType) -> str:
    """Divide the whole numbers that two DECIMALs' digits are."""
    (p1, s1), (p2, s2) = digits(dividend[1]), digits(divisor[1])
    shift = result.scale + s2 - s1
    width = max(p1 + max(shift, 0), p2 + max(-shift, 0))
    whole = "BIGINT" if width <= INT64_DIGITS else "HUGEINT"
    above = scaled(unscaled(dividend[0], p1, s1, whole), shift, whole)
    below = scaled(unscaled(divisor[0], p2, s2, whole), -shift, whole)
    return rescaled(f"({above} // {below})", result)


def unscaled(text: str, precision: int, scale: int, whole: str) -> str:
    """Return the digits of a DECIMAL as a whole number."""
    widened = f"CAST({text} AS {decimal(precision + scale, scale).duckdb}) * {10**scale}"
    return f"CAST({widened} AS {whole})" if scale else f"CAST({text} AS {whole})"


def scaled(text: str, shift: int, whole: str) -> str:
    return f"({text} * CAST({10**shift} AS {whole}))" if shift > 0 else text


def unit(scale: int) -> str:
    """Return the smallest DECIMAL of a scale."""
    return f"CAST({quoted('0.' + '1'.zfill(scale))} AS {decimal(scale, scale).duckdb})"


def rescaled(text: str, result: SqlType) -> str:
    """Return a whole number as the DECIMAL of the same digits, in 64 bits where it has no more."""
    if not result.scale:
        return f"CAST({text} AS {result.duckdb})"
    room = INT64_DIGITS if (result.size or MAX_PRECISION) <= INT64_DIGITS else MAX_PRECISION
    return f"CAST(CAST({text} AS DECIMAL({room},0)) * {unit(result.scale)} AS {result.duckdb})"


def quick_average(total: str, count: str, result: SqlType) -> str | None:
    """Return an average that fails where its sum is not small, None where hardly any would be."""
    return narrow_average(total, count, result) if 2 * result.scale < INT64_DIGITS else None


def average(total: str, count: str, result: SqlType) -> str:
    """Return a sum divided by a count and cut at the result's scale; within 64 bits where the sum is small enough."""
    return with_values({"total": total, "count": count}, mean(named("total"), named("count"), result))


def mean(total: str, count: str, result: SqlType) -> str:
    scale = result.scale
    whole = unscaled(total, MAX_PRECISION - scale, scale, "HUGEINT")
    slow = rescaled(f"({whole} // nullif({count}, 0))", result)
    digits_left = INT64_DIGITS - 2 * scale
    if digits_left <= 0:
        return slow
    small = f"{total} BETWEEN -{10**digits_left} AND {10**digits_left}"
    return f"CASE WHEN {small} THEN {narrow_average(total, count, result)} ELSE {slow} END"


def narrow_average(total: str, count: str, result: SqlType) -> str:
    if not result.scale:
        return f"CAST(CAST({total} AS BIGINT) // {count} AS {result.duckdb})"
    narrow = decimal(INT64_DIGITS, result.scale).duckdb
    whole = f"CAST(CAST({total} AS {narrow}) * {10**result.scale} AS BIGINT)"
    return (
        f"CAST(CAST({whole} // {count} AS {decimal(INT64_DIGITS, 0).duckdb}) * {unit(result.scale)} AS {result.duckdb})"
    )
