"""A target is what flags, variables and its file say, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from spectra_conformance.target import DOCUMENTED_LIMITS
from spectra_conformance.target_sources import TargetError, gathered, target

URL = "https://api.example/v1"
LEAST = {"url": URL, "api_key": "key-of-the-owner", "tenant": "a"}
EMULATOR = Path(__file__).parents[2] / "conformance" / "targets" / "emulator.toml"


def test_a_flag_counts_before_a_variable_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text('url = "https://file.example/v1"\ntenant = "file"\nprofile = "full"\n')
    environ = {"SPECTRA_URL": "https://variable.example/v1", "SPECTRA_TENANT": "variable"}

    assert gathered({"url": URL, "read_only": False}, environ, file) == {
        "url": URL,
        "tenant": "variable",
        "profile": "full",
    }


def test_the_defaults_are_standard_paced_and_writing() -> None:
    one = target(LEAST)

    assert (one.profile, one.pacing, one.read_only, one.seed) == ("standard", True, False, 1)
    assert (one.limits, one.capabilities) == (DOCUMENTED_LIMITS, frozenset())


def test_credentials_and_a_table_declare_what_they_are_for() -> None:
    given = LEAST | {
        "peer_api_key": "key-of-the-peer",
        "peer_tenant": "b",
        "jwt": "a.b.c",
        "refused_jwts": ["d.e.f"],
        "sigv4_access_key": "AKID:secret",
        "restricted_api_key": "key-of-a-reader",
        "query_api_key": "key-of-an-asker",
        "sandbox_table": "public.spectra_conformance_sandbox",
        "rate_limits": True,
        "capabilities": ["union"],
    }

    assert target(given).capabilities == {
        *("second_tenant", "jwt", "refused_jwts", "sigv4", "restricted_key", "query_key"),
        *("sandbox_table", "rate_limits", "union"),
    }


def test_the_shipped_target_of_the_emulator_declares_all_that_it_has() -> None:
    one = target(gathered({}, {}, EMULATOR))

    assert one.can("second_tenant", "jwt", "refused_jwts", "sigv4", "restricted_key", "query_key", "sandbox_table")
    assert one.can("api_keys_checked")


def test_a_secret_is_not_in_the_targets_own_text() -> None:
    assert "key-of-the-owner" not in repr(target(LEAST))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"url": ""}, "give its base URL", id="no URL"),
        pytest.param({"url": "api.example/v1"}, "is no base URL", id="no scheme"),
        pytest.param({"api_key": None}, "no credentials", id="no key"),
        pytest.param({"profile": "all"}, "expected one of smoke, standard, full", id="profile"),
        pytest.param({"capabilities": ["magic"]}, "capability 'magic' is unknown", id="capability"),
        pytest.param({"capabilities": ["jwt"]}, "jwt is declared, but not what it takes", id="no JWT"),
        pytest.param({"sigv4_access_key": "AKID"}, "expected ID:SECRET", id="no secret"),
        pytest.param({"sandbox_table": "customers"}, "begins with spectra_conformance_", id="table of others"),
        pytest.param({"limits": {"query": 1}}, "limits 'query' is unknown", id="limit"),
        pytest.param(
            {"peer_api_key": "key-of-the-peer", "peer_tenant": "a"}, "one tenant twice", id="one tenant twice"
        ),
    ],
)
def test_a_target_that_cannot_be_meant_says_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(TargetError, match=expected):
        target(LEAST | change)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("api-key = 'x'", "means nothing here"), ("url =", "is no TOML")],
    ids=["unknown key", "no TOML"],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong(tmp_path: Path, written: str, expected: str) -> None:
    file = tmp_path / "target.toml"
    file.write_text(written)

    with pytest.raises(TargetError, match=expected):
        gathered({}, {}, file)


def test_a_variable_that_is_no_switch_says_what_is_wrong() -> None:
    with pytest.raises(TargetError, match="SPECTRA_READ_ONLY is 'perhaps': expected true or false"):
        gathered({}, {"SPECTRA_READ_ONLY": "perhaps"}, None)
