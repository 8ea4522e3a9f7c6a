"""Time zones: abbreviations with a fixed offset, names with a calendar of their own, POSIX-style offsets.

Source: "AT TIME ZONE function", "CONVERT_TIMEZONE function" (usage notes), "TIMEZONE function", "Time zone
abbreviations".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, Rule, bare, is_text_literal, quoted
from spectra_emulator.sql.rewrites.date_range import in_range
from spectra_emulator.sql.rewrites.zone_names import ABBREVIATIONS
from spectra_emulator.sql.type_names import TIMESTAMP, TIMESTAMPTZ, SqlType

CALENDARS = frozenset({"PST8PDT", "MST7MDT", "CST6CDT", "EST5EDT"})
NAME = re.compile(r"[A-Za-z]+(?:[/_-][A-Za-z_-]+)*(?:/[A-Za-z_+-]+\d*)?")
POSIX = re.compile(r"[A-Za-z_/]+ ?([+-]?)(\d{1,2})(?::(\d{2}))?")
UTC_MINUTES = 0


@dataclass(frozen=True)
class Zone:
    """`minutes` east of UTC where the offset is fixed, else `name` of a calendar."""

    name: str
    minutes: int | None


def zone_of(text: str) -> Zone | None:
    """Return the zone that a text names, or None where it names none; an abbreviation never heeds summer time."""
    spelt = text.strip()
    if spelt.upper() in ABBREVIATIONS:
        return Zone(spelt, ABBREVIATIONS[spelt.upper()])
    posix = POSIX.fullmatch(spelt)
    if posix is not None and "etc/" not in spelt.lower():
        return Zone(spelt, posix_minutes(posix))
    if spelt.upper() in CALENDARS or NAME.fullmatch(spelt):
        return Zone(spelt, None)
    return None


def posix_minutes(match: re.Match[str]) -> int:
    """Return minutes east of UTC; a POSIX offset counts westwards."""
    sign, hours, minutes = match.groups()
    west = int(hours) * 60 + int(minutes or 0)
    return west if sign == "-" else -west


def named_zone(node: exp.Expr) -> Zone:
    """Return the zone that a literal names.

    Raises: InvalidSql.
    """
    if not is_text_literal(node):
        raise unsupported(node, "a time zone that is no literal")
    zone = zone_of(bare(node).name)
    if zone is None:
        raise invalid(node, f'time zone "{bare(node).name}" not recognized', "22023")
    return zone


def at_utc(text: str, zone: Zone) -> str:
    """Return a zone's local TIMESTAMP as the TIMESTAMP of the same moment in UTC."""
    if zone.minutes is None:
        return f"timezone('UTC', timezone({quoted(zone.name)}, {text}))"
    return shifted(text, -zone.minutes)


def local(text: str, zone: Zone) -> str:
    """Return a TIMESTAMP in UTC as the zone's local one."""
    if zone.minutes is None:
        return f"timezone({quoted(zone.name)}, timezone('UTC', {text}))"
    return shifted(text, zone.minutes)


def shifted(text: str, minutes: int) -> str:
    return text if minutes == UTC_MINUTES else f"({text} + to_minutes({minutes}))"


def in_utc(context: Context, node: exp.Expr) -> str:
    """Return a TIMESTAMPTZ as the TIMESTAMP of the same moment in UTC."""
    return f"timezone('UTC', {as_type(context, node, TIMESTAMPTZ)})"


def zoned_type(context: Context, moment: exp.Expr) -> SqlType:
    found = TIMESTAMP if is_text_literal(moment) else context.type(moment)
    if found.name not in {"DATE", "TIMESTAMP", "TIMESTAMPTZ"}:
        raise unsupported(moment, f"AT TIME ZONE of {found.name}")
    return TIMESTAMP if found == TIMESTAMPTZ else TIMESTAMPTZ


def zoned_text(context: Context, moment: exp.Expr, zone: Zone) -> str:
    if zoned_type(context, moment) == TIMESTAMP:
        return in_range(local(in_utc(context, moment), zone), TIMESTAMP)
    return in_range(f"timezone('UTC', {at_utc(as_type(context, moment, TIMESTAMP), zone)})", TIMESTAMPTZ)


def at_time_zone_type(context: Context, node: exp.Expr) -> SqlType:
    return zoned_type(context, node.this)


def at_time_zone_rule(context: Context, node: exp.Expr) -> str:
    return zoned_text(context, node.this, named_zone(node.args["zone"]))


def timezone_type(context: Context, call: Call) -> SqlType:
    return zoned_type(context, call.arguments[1])


def timezone_text(context: Context, call: Call) -> str:
    return zoned_text(context, call.arguments[1], named_zone(call.arguments[0]))


def convert_type(_context: Context, _call: Call) -> SqlType:
    return TIMESTAMP


def convert_text(context: Context, call: Call) -> str:
    """Read a timestamp in one zone and write it in another; without a first one, in UTC."""
    *zones, moment = call.arguments
    source, target = [Zone("UTC", 0), *map(named_zone, zones)][-2:]
    return in_range(local(at_utc(as_type(context, moment, TIMESTAMP), source), target), TIMESTAMP)


FUNCTIONS: Mapping[str, Function] = {
    "convert_timezone": Function(convert_type, convert_text, 2, 3),
    "timezone": Function(timezone_type, timezone_text, 2, 2),
}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.AtTimeZone: Rule(at_time_zone_type, at_time_zone_rule, frozenset({"this", "zone"}))
}
