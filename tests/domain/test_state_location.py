"""Where the state of several servers lies."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.state_location import StateLocation, state_location

SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        pytest.param(
            "postgresql://spectra@db.example/state", StateLocation("db.example", 5432, "spectra", "state"), id="short"
        ),
        pytest.param(
            "postgres://a%40b@[::1]:6432/my%20state?sslmode=require",
            StateLocation("::1", 6432, "a@b", "my state", {"sslmode": "require"}),
            id="all of it",
        ),
    ],
)
def test_a_url_names_a_database(url: str, location: StateLocation) -> None:
    assert state_location(url) == location


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param(f"postgresql://spectra:{SECRET}@db.example/state", "holds a password", id="password"),
        pytest.param(f"mysql://spectra@db.example/{SECRET}", "neither own nor a URL", id="scheme"),
        pytest.param(f"postgresql://db.example/{SECRET}", "neither own nor a URL", id="no user"),
        pytest.param(f"postgresql://spectra@db.example:{SECRET}/state", "port that is no number", id="port"),
        pytest.param("postgresql://spectra@db.example", "names no database", id="no database"),
        pytest.param(f"postgresql://spectra@db.example/state?options={SECRET}", "the option options", id="option"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_of_it_repeated(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        state_location(url)

    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        pytest.param("postgresql://u@127.0.0.1/d", {}, id="this machine"),
        pytest.param("postgresql://u@localhost/d", {}, id="this machine by name"),
        pytest.param("postgresql://u@db/d", {"sslmode": "verify-full", "sslrootcert": "system"}, id="another"),
        pytest.param(
            "postgresql://u@db/d?sslrootcert=/ca.pem", {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}, id="own CA"
        ),
        pytest.param("postgresql://u@db/d?sslmode=disable", {"sslmode": "disable"}, id="told otherwise"),
    ],
)
def test_another_machine_must_show_a_certificate_that_names_it(url: str, tls: dict[str, str]) -> None:
    assert state_location(url).tls == tls


def test_the_password_is_not_shown() -> None:
    location = StateLocation("db", 5432, "u", "d", password=SECRET)

    assert SECRET not in f"{location} {location!r}"
