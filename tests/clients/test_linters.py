"""The description of the API satisfies the linters that client tools build on."""

from __future__ import annotations

import shutil

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.clients.conftest import ROOT, TypeScriptFolder


def test_the_description_is_valid_openapi() -> None:
    description = yaml.safe_load((ROOT / "openapi.yaml").read_text())

    errors = [error.message for error in OpenAPIV30SpecValidator(description).iter_errors()]

    assert errors == []


def test_the_description_passes_the_redocly_linter(typescript: TypeScriptFolder) -> None:
    shutil.copy(ROOT / "openapi.yaml", typescript.path)
    shutil.copy(ROOT / "redocly.yaml", typescript.path)

    linted = typescript.tool(
        "@redocly/cli",
        "bin/cli.js",
        "lint",
        "openapi.yaml",
        REDOCLY_TELEMETRY="off",
        REDOCLY_SUPPRESS_UPDATE_NOTICE="true",
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr
