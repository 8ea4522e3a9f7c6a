"""The functions that Redshift has, told from those it has not."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql, SqlBlocked
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.functions import FORBIDDEN, KNOWN
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.vocabulary import words

from tests.requirements import requirement

STANDARD = SqlRules()
SYNTAX_OF_THEIR_OWN = words(
    "approximate case cast convert current_date current_time current_timestamp current_user current_user_id date_part"
    " extract localtime localtimestamp object_transform position session_user sysdate try_cast user"
)
TYPED = ("aggregate", "window")
PLAIN = sorted(
    function.name
    for function in KNOWN.values()
    if function.family not in TYPED and function.name not in SYNTAX_OF_THEIR_OWN | FORBIDDEN.keys()
    if not function.name.startswith("pg_")
)
FOREIGN = words(
    "levenshtein getenv current_query write_log nextval read_csv read_text list_transform unnest string_agg hash"
    " factorial strftime mode bitstring json_structure query query_table struct_pack columns if ifnull iff char"
    " any_value_of array_agg epoch_ms"
)


@pytest.mark.parametrize("name", PLAIN)
def test_a_function_of_redshift_passes_whatever_its_arguments(name: str) -> None:
    assert parse_read_only(f"SELECT {name}(a, b) FROM t", STANDARD)


@pytest.mark.parametrize("name", sorted(name for name in KNOWN if KNOWN[name].family == "window"))
def test_a_window_function_passes(name: str) -> None:
    argument = {"nth_value": "a, 2", "row_number": "", "rank": ""}.get(name, "a")

    assert parse_read_only(f"SELECT {name}({argument}) OVER (ORDER BY b) FROM t", STANDARD)


@pytest.mark.parametrize(
    "name", sorted(name for name in KNOWN if KNOWN[name].family == "aggregate" and name != "approximate")
)
def test_an_aggregate_passes(name: str) -> None:
    assert parse_read_only(f"SELECT {name}(a) FROM t", STANDARD)


@pytest.mark.parametrize(
    "call",
    [
        "APPROXIMATE COUNT(DISTINCT a)",
        "CASE WHEN a THEN 1 END",
        "CAST(a AS INT)",
        "CONVERT(INT, a)",
        "TRY_CAST(a AS INT)",
        "CURRENT_DATE",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "USER",
        "SESSION_USER",
        "SYSDATE",
        "DATE_PART('year', a)",
        "DATE_PART(year, a)",
        "EXTRACT(epoch FROM a)",
        "POSITION('x' IN a)",
        "SUBSTRING(a FROM 1 FOR 2)",
        "TRIM(BOTH 'x' FROM a)",
        "LISTAGG(DISTINCT a, ',') WITHIN GROUP (ORDER BY a)",
        "LAG(a, 1) IGNORE NULLS OVER (PARTITION BY b ORDER BY c)",
        "SUM(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
    ],
)
def test_a_function_with_a_syntax_of_its_own_passes(call: str) -> None:
    assert parse_read_only(f"SELECT {call} FROM t", STANDARD)


@requirement("QRY-60")
@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_a_function_of_another_engine_does_not_exist(name: str) -> None:
    with pytest.raises(InvalidSql) as raised:
        parse_read_only(f"SELECT 1, {name}('x')", STANDARD)

    assert raised.value.message == f"function {name} does not exist in Redshift"
    assert raised.value.details["position"] == 11


def test_quoting_its_name_brings_no_function_into_being() -> None:
    with pytest.raises(InvalidSql, match="function getenv does not exist"):
        parse_read_only("SELECT \"getenv\"('HOME')", STANDARD)


def test_the_nearest_function_is_named() -> None:
    with pytest.raises(InvalidSql) as raised:
        parse_read_only("SELECT date_tranc('month', a) FROM t", STANDARD)

    assert raised.value.details["hint"] == "Did you mean date_trunc?"


@requirement("SQL-10", "SQL-11")
@pytest.mark.parametrize("level", SecurityLevel)
@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_forbidden_function_is_blocked_at_every_level(name: str, level: SecurityLevel) -> None:
    with pytest.raises(SqlBlocked) as raised:
        parse_read_only(f"SELECT {name}(1)", SqlRules(security_level=level))

    assert raised.value.details["pattern"] == name
    assert raised.value.details["rule"] == "FORBIDDEN_FUNCTION"


@requirement("SQL-09")
def test_system_functions_need_the_level_permissive() -> None:
    with pytest.raises(SqlBlocked) as raised:
        parse_read_only("SELECT pg_backend_pid()", STANDARD)

    assert "sql_security_level=permissive" in str(raised.value.details["reason"])
    assert parse_read_only("SELECT pg_backend_pid()", SqlRules(security_level=SecurityLevel.PERMISSIVE))


@requirement("SQL-14")
def test_the_level_strict_admits_the_common_functions_only() -> None:
    strict = SqlRules(security_level=SecurityLevel.STRICT)

    assert parse_read_only("SELECT SUM(a), NVL(b, 1), UPPER(c), CAST(d AS INT) FROM t", strict)
    with pytest.raises(SqlBlocked) as raised:
        parse_read_only("SELECT MD5(a) FROM t", strict)
    assert raised.value.details["rule"] == "FUNCTION_NOT_ALLOWED"
    assert "sql_security_level=standard" in str(raised.value.details["reason"])


@pytest.mark.parametrize("call", ["REPEAT('a', 65536)", "RPAD('a', 2000000000)", "LPAD('a', " + "9" * 5000 + ")"])
def test_no_text_longer_than_redshifts_longest_can_be_asked_for(call: str) -> None:
    with pytest.raises(InvalidSql) as raised:
        parse_read_only(f"SELECT {call}", STANDARD)

    assert raised.value.details["limit"] == 65535


@pytest.mark.parametrize("call", ["REPEAT('a', 65535)", "RPAD(a, 10, 'x')", "LPAD(a, b)", "REPEAT('a', 0065535)"])
def test_lengths_that_redshift_takes_pass(call: str) -> None:
    assert parse_read_only(f"SELECT {call} FROM t", STANDARD)


def test_a_function_of_the_tenants_own_is_admitted_below_strict() -> None:
    assert parse_read_only("SELECT f_own(a) FROM t", STANDARD, {"f_own"})

    with pytest.raises(InvalidSql, match="f_other does not exist"):
        parse_read_only("SELECT f_other(a) FROM t", STANDARD, {"f_own"})
    with pytest.raises(SqlBlocked):
        parse_read_only("SELECT f_own(a) FROM t", SqlRules(security_level=SecurityLevel.STRICT), {"f_own"})
