from __future__ import annotations

from pathlib import Path

import pytest
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.settings import SETTINGS, AuthMode, ConsoleMode, ControlMode, LogFormat, Settings
from spectra_emulator.settings_sources import Loaded, SettingsError, loaded

from tests.requirements import requirement

FILE = "spectra-emulator.toml"
MIB = 1024**2
LONG_SECRET = "a-secret-of-forty-characters-for-hs256-x"


def written(folder: Path, text: str) -> Path:
    path = folder / FILE
    path.write_text(text, encoding="utf-8")
    return path


def from_environment(**environ: str) -> Loaded:
    return loaded({}, environ, Path("/nowhere"))


def refusal(flags: dict[str, str], environ: dict[str, str], folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(flags, environ, folder)
    return str(caught.value)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_described_in_one_sentence(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.doc.endswith(".")
    assert "\n" not in setting.doc
    assert setting.group
    assert setting.kind.name


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_is_written_as_it_is_read(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.kind.read(setting.kind.written(setting.default)) == setting.default


def test_nothing_given_is_the_defaults(tmp_path: Path) -> None:
    found = loaded({}, {}, tmp_path)
    assert found.settings == Settings()
    assert set(found.origins.values()) == {"default"}
    assert found.origins.keys() == SETTINGS.keys()
    assert found.warnings == ()


@requirement("LIM-02", "LIM-05", "LIM-06", "LIM-07", "LIM-14", "RTL-01")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_timeout_seconds", 60),
        ("max_body_bytes", 6 * MIB),
        ("sql_max_length", 100_000),
        ("idempotency_ttl_seconds", 24 * 60 * 60),
        ("retention_days", 7),
        ("result_store_bytes", 256 * MIB),
        ("rate_limit_queries", 100),
        ("rate_limit_jobs", 300),
        ("rate_limit_bulk_create", 10),
        ("rate_limit_bulk_read", 100),
        ("rate_limit_window_seconds", 60),
    ],
)
def test_a_limit_is_by_default_the_documented_one(name: str, value: int) -> None:
    assert getattr(Settings(), name) == value


@pytest.mark.parametrize(
    ("flag", "variable", "file", "value", "origin"),
    [
        pytest.param("1", "2", "port = 3", 1, "flag", id="flag-over-all"),
        pytest.param("1", "2", "", 1, "flag", id="flag-over-environment"),
        pytest.param("1", "", "port = 3", 1, "flag", id="flag-over-file"),
        pytest.param("", "2", "port = 3", 2, "environment SPECTRA_PORT", id="environment-over-file"),
        pytest.param("", "2", "", 2, "environment SPECTRA_PORT", id="environment-over-default"),
        pytest.param("", "", "port = 3", 3, f"file {FILE}", id="file-over-default"),
        pytest.param("", "", "", 8439, "default", id="default"),
    ],
)
def test_the_stronger_source_wins(flag: str, variable: str, file: str, value: int, origin: str, tmp_path: Path) -> None:
    written(tmp_path, file)
    flags = {name: text for name, text in {"port": flag}.items() if text}
    found = loaded(flags, {"SPECTRA_PORT": variable}, tmp_path)
    assert (found.settings.port, found.origins["port"]) == (value, origin)


@pytest.mark.parametrize(
    "text",
    ["sql_allow_union = true", "sql.allow_union = true", "[sql]\nallow_union = true", 'sql_allow_union = "on"'],
    ids=["key", "dotted", "table", "text"],
)
def test_a_key_of_the_file_may_be_dotted(text: str, tmp_path: Path) -> None:
    written(tmp_path, text)
    assert loaded({}, {}, tmp_path).settings.sql_allow_union is True


def test_a_key_set_flat_and_in_a_table_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "sql_allow_union = true\n[sql]\nallow_union = false")
    assert refusal({}, {}, tmp_path) == f"{FILE}: sql_allow_union is set twice, as a key and in a table; keep one"


def test_the_flag_names_the_file_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("port = 1")
    (tmp_path / "two.toml").write_text("port = 2")
    found = loaded({"config": "one.toml"}, {"SPECTRA_CONFIG": "two.toml"}, tmp_path)
    assert (found.settings.port, found.origins["port"]) == (1, "file one.toml")


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text("port = 2")
    assert loaded({}, {"SPECTRA_CONFIG": str(tmp_path / "two.toml")}, Path("/nowhere")).settings.port == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"sql_alow_union = true", f"{FILE}: unknown key sql_alow_union; did you mean sql_allow_union?"),
        (b"[rate_limits]\nqueries = 5", f"{FILE}: unknown key rate_limits_queries; did you mean rate_limit_queries?"),
        (b"zzz = 1", f"{FILE}: unknown key zzz"),
        (b"port = ", f"{FILE}: Invalid value (at end of document)"),
        (b'host = "\xff"', f"{FILE}: the file is not UTF-8 text"),
        (b"port = 80.5", f"{FILE}: port: 80.5 is not a whole number"),
        (b"port = true", f"{FILE}: port: true is not a whole number"),
        (b"host = 1", f"{FILE}: host: 1 is not text"),
        (b"allow_reset = 1", f"{FILE}: allow_reset: 1 is not on or off"),
        (b"retention_days = 2024-01-01", f'{FILE}: retention_days: "2024-01-01" is not a whole number'),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert refusal({}, {}, tmp_path) == message


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    assert refusal({"config": "absent.toml"}, {}, tmp_path) == "cannot read absent.toml: No such file or directory"


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("SPECTRA_PORT", "abc", '"abc" is not a whole number'),
        ("SPECTRA_PORT", "65536", '"65536" is not a whole number from 0 to 65535'),
        ("SPECTRA_PORT", "-1", '"-1" is not a whole number from 0 to 65535'),
        ("SPECTRA_PORT", "1_000", '"1_000" is not a whole number'),
        ("SPECTRA_DEFAULT_TIMEOUT_SECONDS", "301", '"301" is not a whole number from 1 to 300'),
        ("SPECTRA_RETENTION_DAYS", "0", '"0" is not a whole number from 1 to 36500'),
        ("SPECTRA_SQL_MAX_LENGTH", "0", '"0" is not a whole number of 1 or more'),
        ("SPECTRA_MAX_BODY_BYTES", "6 MiBs", '"6 MiBs" is not a size such as 6MiB, 256MB or 1048576'),
        ("SPECTRA_STATEMENT_MEMORY_BYTES", "1MiB", '"1MiB" is less than 64MiB'),
        ("SPECTRA_SQL_ALLOW_UNION", "maybe", '"maybe" is not on or off'),
        ("SPECTRA_SQL_SECURITY_LEVEL", "lax", '"lax" is not one of strict, standard, permissive'),
        ("SPECTRA_HOST", "http://localhost", '"http://localhost" is not a host name or address such as 127.0.0.1'),
        ("SPECTRA_HOST", "localhost:80", '"localhost:80" is not a host name or address such as 127.0.0.1'),
        ("SPECTRA_PUBLIC_URL", "spectra:8439", '"spectra:8439" is not a URL such as http://spectra:8439'),
        ("SPECTRA_JWT_ISSUER", "a\nb", '"a\\nb" holds characters that cannot be printed'),
        ("SPECTRA_CORS_ORIGINS", "[1", '"[1" is neither a comma-separated list nor a JSON array'),
        ("SPECTRA_DATA_DIR", "  ", '"  " is empty'),
        ("SPECTRA_DATA_DIR", "~nobody-here/x", '"~nobody-here/x" names a home directory that is not known'),
    ],
)
def test_a_wrong_value_is_refused_with_its_source(variable: str, text: str, problem: str, tmp_path: Path) -> None:
    assert refusal({}, {variable: text}, tmp_path) == f"{variable}: {problem}"


def test_a_wrong_flag_is_refused_with_its_spelling(tmp_path: Path) -> None:
    assert refusal({"sql_max_joins": "x"}, {}, tmp_path) == '--sql-max-joins: "x" is not a whole number'


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("SPECTRA_MAX_BODY_BYTES", "6MiB", 6 * MIB),
        ("SPECTRA_MAX_BODY_BYTES", "256MB", 256_000_000),
        ("SPECTRA_MAX_BODY_BYTES", "64 kb", 64_000),
        ("SPECTRA_MAX_BODY_BYTES", "1048576", MIB),
        ("SPECTRA_MAX_RESPONSE_BYTES", "0", 0),
        ("SPECTRA_RATE_LIMITS", "off", False),
        ("SPECTRA_SQL_ALLOW_CTE", "FALSE", False),
        ("SPECTRA_SQL_ALLOW_UNION", "1", True),
        ("SPECTRA_SQL_SECURITY_LEVEL", "Permissive", SecurityLevel.PERMISSIVE),
        ("SPECTRA_LOG_FORMAT", "json", LogFormat.JSON),
        ("SPECTRA_AUTH_MODE", "headers", AuthMode.HEADERS),
        ("SPECTRA_CORS_ORIGINS", '["*"]', ("*",)),
        (
            "SPECTRA_CORS_ORIGINS",
            "http://a.example, https://b.example:8443",
            ("http://a.example", "https://b.example:8443"),
        ),
        ("SPECTRA_HOST", "::1", "::1"),
        ("SPECTRA_PUBLIC_URL", "http://spectra:8439/", "http://spectra:8439"),
        ("SPECTRA_DATA_DIR", "./state", Path("state")),
        ("SPECTRA_DATA_DIR", "", None),
        ("SPECTRA_JWT_SECRET", LONG_SECRET, LONG_SECRET),
    ],
)
def test_a_value_is_understood_as_people_write_it(variable: str, text: str, value: object) -> None:
    found = from_environment(**{variable: text}).settings
    assert getattr(found, variable.removeprefix("SPECTRA_").lower()) == value


def test_an_empty_flag_takes_back_what_the_file_sets(tmp_path: Path) -> None:
    written(tmp_path, 'data_dir = "state"')
    assert loaded({"data_dir": ""}, {}, tmp_path).settings.data_dir is None


@pytest.mark.parametrize(
    ("variable", "warning"),
    [
        (
            "SPECTRA_SQL_ALOW_UNION",
            "SPECTRA_SQL_ALOW_UNION is not a setting and has no effect; did you mean SPECTRA_SQL_ALLOW_UNION?",
        ),
        ("SPECTRA_XYZZY", "SPECTRA_XYZZY is not a setting and has no effect"),
    ],
)
def test_an_unknown_variable_is_one_warning(variable: str, warning: str) -> None:
    assert from_environment(**{variable: "secret-value"}).warnings == (warning,)


@pytest.mark.parametrize(
    "variable",
    ["SPECTRA_API_URL", "SPECTRA_API_KEY", "SPECTRA_TENANT_ID", "SPECTRA_PEER_API_KEY", "SPECTRA_CONFIG", "HOME"],
)
def test_a_variable_that_is_meant_for_others_is_no_warning(variable: str) -> None:
    assert from_environment(**{variable: ""}).warnings == ()


def test_no_secret_stands_in_the_representation() -> None:
    settings = Settings(jwt_secret=LONG_SECRET, control_token="open-sesame")
    assert LONG_SECRET not in repr(settings)
    assert "open-sesame" not in repr(settings)
    assert "jwt_secret='***'" in repr(settings)
    assert "port=8439" in repr(settings)


def test_no_secret_stands_in_an_error(tmp_path: Path) -> None:
    message = refusal({}, {"SPECTRA_JWT_SECRET": "hunter2"}, tmp_path)
    assert message == "SPECTRA_JWT_SECRET: the value is shorter than 32 bytes"


def test_the_sql_rules_by_default_are_those_of_the_domain() -> None:
    assert Settings().sql_rules() == SqlRules()


def test_the_sql_rules_follow_the_settings() -> None:
    settings = Settings(
        sql_security_level=SecurityLevel.STRICT,
        sql_allow_union=True,
        sql_allow_cte=False,
        sql_max_joins=1,
        sql_max_subqueries=2,
        sql_max_length=3,
    )
    assert settings.sql_rules() == SqlRules(SecurityLevel.STRICT, True, False, 1, 2, 3)


@pytest.mark.parametrize(
    ("settings", "enabled"),
    [
        pytest.param(Settings(), True, id="loopback"),
        pytest.param(Settings(host="localhost"), True, id="localhost"),
        pytest.param(Settings(host="::1"), True, id="loopback-v6"),
        pytest.param(Settings(control=ControlMode.OFF, control_token="t"), False, id="off"),
        pytest.param(Settings(host="0.0.0.0"), False, id="open"),
        pytest.param(Settings(host="192.168.0.2", control=ControlMode.ON), False, id="open-and-on"),
        pytest.param(Settings(host="0.0.0.0", control_token="t"), True, id="open-with-token"),
        pytest.param(Settings(host="spectra.example"), False, id="named"),
    ],
)
def test_the_control_plane_is_open_to_this_machine_alone(settings: Settings, enabled: bool) -> None:
    assert settings.control_enabled is enabled


def test_control_on_an_open_address_needs_a_token(tmp_path: Path) -> None:
    message = refusal({"control": "on", "host": "0.0.0.0"}, {}, tmp_path)
    assert message == "control is on and 0.0.0.0 is open to other machines; set control_token too"


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        pytest.param(
            {"state": "postgresql://spectra:hunter2@db/state"}, "--state: the value holds a password", id="state"
        ),
        pytest.param(
            {"backend": "redshift://spectra:hunter2@host/db"}, "--backend: the value holds a password", id="backend"
        ),
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(flags: dict[str, str], reason: str, tmp_path: Path) -> None:
    refused = refusal(flags, {}, tmp_path)

    assert refused.startswith(reason)
    assert "hunter2" not in refused


def test_the_password_of_the_state_is_masked() -> None:
    found = from_environment(SPECTRA_STATE="postgresql://spectra@db/state", SPECTRA_STATE_PASSWORD="hunter2").settings
    location = found.state_location()

    assert location is not None
    assert location.password == "hunter2"
    assert "hunter2" not in f"{found!r} {location!r} {location}"


@pytest.mark.parametrize(
    ("settings", "enabled"),
    [
        pytest.param(Settings(), True, id="loopback"),
        pytest.param(Settings(console=ConsoleMode.OFF), False, id="off"),
        pytest.param(Settings(control=ControlMode.OFF), False, id="no-control-plane"),
        pytest.param(Settings(host="0.0.0.0"), False, id="open"),
        pytest.param(Settings(host="0.0.0.0", control_token="t"), True, id="open-with-token"),
    ],
)
def test_the_console_is_where_the_control_plane_is(settings: Settings, enabled: bool) -> None:
    assert settings.console_enabled is enabled


def test_a_console_without_a_control_plane_is_refused(tmp_path: Path) -> None:
    message = refusal({"console": "on", "control": "off"}, {}, tmp_path)
    assert message == "console is on and the control plane, which it shows, is off; set control and control_token"
