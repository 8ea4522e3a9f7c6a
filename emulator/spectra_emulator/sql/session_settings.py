"""Session settings that a script may set: those that change no answer, and the values that are in force anyway."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql

WITHOUT_EFFECT = frozenset(
    {
        "analyze_threshold_percent",
        "application_name",
        "enable_result_cache_for_session",
        "max_concurrency_scaling_clusters",
        "max_cursor_result_set_size",
        "mv_enable_aqmv_for_session",
        "query_group",
        "stored_proc_log_min_messages",
        "wlm_query_slot_count",
    }
)
IN_FORCE: Mapping[str, frozenset[str]] = {
    "datestyle": frozenset({"iso", "iso, mdy"}),
    "describe_field_name_in_uppercase": frozenset({"off", "false"}),
    "downcase_delimited_identifier": frozenset({"on", "true"}),
    "enable_case_sensitive_identifier": frozenset({"off", "false"}),
    "enable_case_sensitive_super_attribute": frozenset({"off", "false"}),
    "enable_numeric_rounding": frozenset({"off", "false"}),
    "enable_vacuum_boost": frozenset({"off", "false"}),
    "extra_float_digits": frozenset({"0"}),
    "navigate_super_null_on_error": frozenset({"on", "true"}),
    "parse_super_null_on_error": frozenset({"off", "false"}),
    "search_path": frozenset({"public", "$user, public"}),
    "statement_timeout": frozenset({"0"}),
    "timezone": frozenset({"utc", "gmt", "default"}),
}
"""Source: Configuration reference, chapter by chapter of the developer guide."""


def check(name: str, value: exp.Expr) -> None:
    """Pass a setting that leaves every answer as it is.

    Raises: InvalidSql.
    """
    written = value.name.lower()
    if name in WITHOUT_EFFECT or written in IN_FORCE.get(name, ()):
        return
    known = name in IN_FORCE
    held = f": it is {' or '.join(sorted(IN_FORCE[name]))} and stays so" if known else ""
    raise InvalidSql(f"SET {name} TO {written} is not supported by the emulator{held}", sql_state="0A000")
