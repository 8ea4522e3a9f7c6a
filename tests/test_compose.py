"""The image and the compose file, as far as they can be held to without a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from spectra_conformance.cli_flags import parser
from spectra_emulator.settings import SETTINGS, Settings

from tests.emulator import Emulator

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().split()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service.get("build") == ".")
IMAGES = {"minio": "minio:RELEASE.2025-09-07T16-13-09Z", "bucket": "mc:RELEASE.2025-08-13T08-35-41Z"}
HEALTH_CHECK: list[str] = json.loads(re.findall(r"^HEALTHCHECK .*? CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
IMAGE_SETTINGS = dict(re.findall(r"SPECTRA_([A-Z0-9_]+)=(\S+)", DOCKERFILE))
KIT_DOCKERFILE = (ROOT / "conformance" / "Dockerfile").read_text()
COPIES = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)
COPIED = sorted({path for line in COPIES.findall(DOCKERFILE + KIT_DOCKERFILE) for path in line.split()})


def read(setting: str, text: str) -> Any:
    return SETTINGS[setting.lower()].kind.read(text)


def settings_of(service: str) -> dict[str, Any]:
    """Return what the service sets, without the prefix; None is what the caller's shell has."""
    given: dict[str, Any] = SERVICES[service]["environment"]
    return {name.removeprefix("SPECTRA_"): value for name, value in given.items()}


def published(service: str) -> list[tuple[str, int, int]]:
    """Return address, port outside and port inside."""
    parts = (entry.split(":") for entry in SERVICES[service]["ports"])
    return [(address, int(outside), int(inside)) for address, outside, inside in parts]


def health(port: int, **environ: str) -> int:
    command = [sys.executable, *HEALTH_CHECK[1:]]
    given = {**os.environ, "SPECTRA_PORT": str(port), **environ}
    return subprocess.run(command, env=given, check=False, capture_output=True, timeout=20).returncode


@pytest.mark.parametrize("service", OURS)
def test_a_service_sets_nothing_that_the_emulator_does_not_know(service: str) -> None:
    assert set(settings_of(service)) <= {name.upper() for name in SETTINGS}


@pytest.mark.parametrize("service", OURS)
def test_a_service_sets_values_that_the_emulator_takes(service: str) -> None:
    values = {name: read(name, text) for name, text in settings_of(service).items() if text is not None}
    assert None not in values.values()


def test_the_image_listens_on_all_addresses_without_the_control_plane() -> None:
    settings = Settings(**{name.lower(): read(name, text) for name, text in IMAGE_SETTINGS.items()})

    assert (settings.host, settings.port, settings.control_enabled) == ("0.0.0.0", Settings().port, False)


def test_the_image_names_the_port_that_it_listens_on() -> None:
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE) == [IMAGE_SETTINGS["PORT"]]


@pytest.mark.parametrize("dockerfile", [DOCKERFILE, KIT_DOCKERFILE], ids=["emulator", "conformance"])
def test_the_image_runs_as_nobody_in_particular(dockerfile: str) -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)
    assert "0" not in user


@pytest.mark.parametrize("service", OURS)
def test_a_service_publishes_the_port_that_the_image_listens_on(service: str) -> None:
    ((_, _, inside),) = published(service)
    assert inside == int(IMAGE_SETTINGS["PORT"])


def test_no_two_services_publish_one_port_and_none_leaves_the_machine() -> None:
    ports = [entry for service in SERVICES if "ports" in SERVICES[service] for entry in published(service)]

    assert {address for address, _, _ in ports} == {"127.0.0.1"}
    assert len({outside for _, outside, _ in ports}) == len(ports)


def test_the_emulator_starts_alone_by_default() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["emulator"]


def test_the_demonstration_has_its_console_behind_a_token() -> None:
    given = {**IMAGE_SETTINGS, **{name: text for name, text in settings_of("demo").items() if text is not None}}
    settings = Settings(**{name.lower(): read(name, text) for name, text in given.items()})
    ((_, outside, _),) = published("demo")

    assert (settings.console_enabled, settings.control_token) == (True, "spectra-demo")
    assert urlsplit(settings.public_url or "").port == outside


@pytest.mark.parametrize("service", IMAGES)
def test_a_foreign_image_is_pinned(service: str) -> None:
    assert SERVICES[service]["image"] == f"quay.io/minio/{IMAGES[service]}"


def test_the_emulator_reaches_minio_and_links_to_its_published_port() -> None:
    settings = settings_of("emulator-on-minio")
    inside, outside = urlsplit(settings["S3"]), urlsplit(settings["S3_PUBLIC_URL"])

    assert inside.hostname == "minio"
    assert ("127.0.0.1", outside.port, inside.port) in published("minio")
    assert f"here{inside.path}" in shlex.split(SERVICES["bucket"]["command"][0])


def test_the_emulator_has_the_account_of_minio() -> None:
    settings, account = settings_of("emulator-on-minio"), SERVICES["minio"]["environment"]
    key = (settings["S3_ACCESS_KEY_ID"], settings["S3_SECRET_ACCESS_KEY"])

    assert key == (account["MINIO_ROOT_USER"], account["MINIO_ROOT_PASSWORD"])
    assert account == SERVICES["bucket"]["environment"]


@pytest.mark.parametrize("path", COPIED)
def test_what_the_image_copies_is_there_and_not_ignored(path: str) -> None:
    assert (ROOT / path).exists()
    assert f"!{path}" in IGNORED


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"], ids=["plain", "with a proxy set"])
def test_the_health_check_follows_the_port(server: Emulator, proxy: str) -> None:
    port = urlsplit(server.url).port or 0
    assert health(port, http_proxy=proxy) == 0


def test_the_health_check_fails_where_nothing_answers() -> None:
    assert health(9) == 1


def test_the_kit_tests_the_emulator_by_its_name_in_the_network() -> None:
    kit = SERVICES["conformance"]
    (_, _, inside) = published("emulator")[0]

    assert kit["environment"] == {"SPECTRA_URL": f"http://emulator:{inside}/v1"}
    assert (ROOT / kit["build"]["dockerfile"]).read_text() == KIT_DOCKERFILE
    assert kit["depends_on"] == {"emulator": {"condition": "service_healthy"}}


def test_the_kit_takes_flags_that_its_command_knows() -> None:
    given = parser().parse_args(SERVICES["conformance"]["command"])

    assert (given.command, given.target.name) == ("run", "emulator.toml")
    assert (ROOT / "conformance" / "targets" / given.target.name).exists()
