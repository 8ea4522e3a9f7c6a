"""`spectra-emulator doctor`: whether the warehouse is ready for the tenants, and what is missing."""

from __future__ import annotations

import argparse
import logging

from spectra_emulator.command_line import SOURCES, Command, Invocation, UsageError
from spectra_emulator.settings_flags import add_flags

DOCTOR_SETTINGS = (
    *("backend", "db_users", "db_passwords", "db_secret", "db_role", "db_connections", "iam_role", "db_schema"),
    *("fixtures", "jwt_secret", "jwt_jwks", "s3", "s3_region", "s3_access_key_id", "s3_secret_access_key"),
)
_READY, _MISSING = 0, 1


def doctor(invocation: Invocation) -> int:
    """Say of each thing in a sentence how it stands; end with 1 where anything is missing.

    Raises: SettingsError, UsageError.
    """
    tenants = invocation.options.tenant
    settings = invocation.loaded().settings
    if settings.backend_location() is None:
        raise UsageError(
            "the embedded engine is always well; name a warehouse, such as --backend redshift://user@host/db"
        )
    if not tenants:
        raise UsageError("name at least one tenant, such as --tenant tenant-123")
    from spectra_emulator.commands.examination import Finding, examined  # noqa: PLC0415 - loads boto3: 0.3 s for other commands

    # What is logged is found too; without a handler it would stand between the sentences.
    logging.getLogger("spectra_emulator").addHandler(logging.NullHandler())
    missing = False
    for finding, sentence in examined(settings, tenants):
        print(f"{finding.value:<8} {sentence}", flush=True)
        missing = missing or finding is Finding.MISSING
    return _MISSING if missing else _READY


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", action="append", metavar="TENANT", help="Tenant to look at; repeatable.")
    add_flags(parser, DOCTOR_SETTINGS)


DOCTOR = Command(
    "Tell whether a warehouse is ready, and what is missing.",
    doctor,
    _options,
    SOURCES,
    "--backend URL --tenant TENANT",
)
