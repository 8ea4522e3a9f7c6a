"""The command line: reads the environment once, does one command, answers with an exit code."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from spectra_emulator import __doc__ as purpose
from spectra_emulator import __version__
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.domain.principal import PERMISSIONS
from spectra_emulator.settings import SETTINGS, Settings
from spectra_emulator.settings_flags import add_flags, given_flags
from spectra_emulator.settings_sources import Loaded, SettingsError, loaded, suggestion

PROGRAM = "spectra-emulator"
WRONG_USAGE = 2
WIDTH = 80
HOUR = timedelta(hours=1)
DURATION_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": HOUR, "d": timedelta(days=1)}
TOKEN_SETTINGS = ("fixtures", "jwt_secret", "jwt_issuer", "jwt_audience")
EXPLAIN_SETTINGS = (
    *("fixtures", "sql_security_level", "sql_allow_union", "sql_allow_cte"),
    *("sql_max_joins", "sql_max_subqueries", "sql_max_length"),
)
MAX_DURATION_COUNT = 100_000
STANDARD_INPUT = "-"
SOURCES = """\
Each setting is also an environment variable (--log-level: SPECTRA_LOG_LEVEL)
and a key of the file (log_level). A flag wins over the environment, which wins
over the file. --allow-reset alone means on, --no-allow-reset means off."""


class UsageError(Exception):
    """A command line that cannot be understood; the message is one line."""


class Parser(argparse.ArgumentParser):
    """Raises what argparse would print, names the nearest option and keeps to 80 columns."""

    def __init__(self, prog: str, usage: str, description: str | None, epilog: str | None) -> None:
        formatter = partial(argparse.RawDescriptionHelpFormatter, width=WIDTH, max_help_position=28)
        super().__init__(prog, f"{prog} {usage}", description, epilog, formatter_class=formatter, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def options(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments.

        Raises: UsageError.
        """
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            self._refuse(unknown[0].partition("=")[0])
        return options

    def _refuse(self, word: str) -> NoReturn:
        if not word.startswith("-"):
            raise UsageError(f"unexpected argument {word}")
        raise UsageError(f"unknown option {word}{suggestion(word, self._option_string_actions)}")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command's parsed options and the environment it was called in."""

    options: argparse.Namespace
    environ: Mapping[str, str]

    def loaded(self) -> Loaded:
        """Settle the settings and print the warnings.

        Raises: SettingsError.
        """
        found = loaded(given_flags(self.options), self.environ, Path.cwd())
        for warning in found.warnings:
            print(f"{PROGRAM}: warning: {warning}", file=sys.stderr)
        return found


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line; `add_options` gives the parser what it takes."""

    summary: str
    run: Callable[[Invocation], int]
    add_options: Callable[[argparse.ArgumentParser], None] = add_flags
    epilog: str | None = SOURCES
    usage: str = "[options]"


def serve(invocation: Invocation) -> int:
    settings = invocation.loaded().settings
    gc.disable()
    from spectra_emulator.server import serve as serve_api  # noqa: PLC0415 - the server costs every other command 0.3 s

    return serve_api(settings)


def config(invocation: Invocation) -> int:
    found = invocation.loaded()
    print(_config_json(found) if invocation.options.json else _config_table(found))
    return 0


def token(invocation: Invocation) -> int:
    options = invocation.options
    if not options.tenant:
        raise UsageError("the token needs a tenant, such as --tenant tenant-123")
    settings = invocation.loaded().settings
    gc.disable()
    from spectra_emulator.adapters.json_web_tokens import Grant, minted  # noqa: PLC0415 - 60 ms for other commands
    from spectra_emulator.token_issuer import configured_issuer  # noqa: PLC0415 - 60 ms for other commands

    issuer = configured_issuer(settings)
    if issuer.secret is None:
        raise SettingsError("tokens are minted with an HS256 secret, and only a JWKS is configured; set jwt_secret")
    permissions = None if options.permission is None else tuple(options.permission)
    grant = Grant(options.tenant, options.subject, options.ttl, permissions, options.db_user)
    print(minted(issuer, grant, datetime.now(UTC), expired=options.expired))
    return 0


def explain(invocation: Invocation) -> int:
    options = invocation.options
    sql = _sql_of(options)
    schema = None if options.schema is None else _text_of(options.schema)
    settings = invocation.loaded().settings
    from spectra_emulator.explain_command import answer, catalogue_of  # noqa: PLC0415 - 0.3 s for other commands

    try:
        catalogue = catalogue_of(settings, options.tenant, schema)
    except SpectraError as error:
        raise UsageError(f"cannot make the tables of the schema: {error.message}") from error
    text, code = answer(sql, catalogue, settings, as_json=options.json)
    print(text)
    return code


def _sql_of(options: argparse.Namespace) -> str:
    """Return the query: the argument, a file's text or standard input.

    Raises: UsageError.
    """
    if (options.sql is None) == (options.file is None):
        raise UsageError('the query is one argument or --file FILE, such as "SELECT 1" or --file -')
    return str(options.sql) if options.file is None else _text_of(options.file)


def _text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error


def version(_invocation: Invocation) -> int:
    print(f"{PROGRAM} {__version__}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit code."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments), dict(os.environ))
    except (UsageError, SettingsError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return WRONG_USAGE


def _run(arguments: list[str], environ: Mapping[str, str]) -> int:
    if not arguments:
        _front().print_help(sys.stderr)
        return WRONG_USAGE
    word, *rest = arguments
    if word.startswith("-"):
        _front().parse_known_args([word])
        raise UsageError(f"unknown option {word}; a command comes first: {', '.join(COMMANDS)}")
    command = COMMANDS.get(word)
    if command is None:
        raise UsageError(f"unknown command {word}{suggestion(word, COMMANDS)}")
    parser = Parser(f"{PROGRAM} {word}", command.usage, command.summary, command.epilog)
    command.add_options(parser)
    return command.run(Invocation(parser.options(rest), environ))


def _front() -> Parser:
    """Return the parser of what stands in the place of a command."""
    summaries = "\n".join(f"  {word:<10}{command.summary}" for word, command in COMMANDS.items())
    epilog = f"commands:\n{summaries}\n\n{PROGRAM} COMMAND --help shows the options of one."
    parser = Parser(PROGRAM, "COMMAND [options]", purpose, epilog)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser


def _config_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="Print JSON instead of a table.")
    add_flags(parser)


def _token_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", metavar="TENANT", help="Tenant that the token speaks for.")
    parser.add_argument("--ttl", type=_duration, default=HOUR, metavar="TIME", help="Life: 90s, 15m, 1h or 7d. [1h]")
    parser.add_argument(
        "--permission",
        action="append",
        type=_permission,
        metavar="NAME",
        help="Permission to grant, such as query:execute; repeatable.",
    )
    parser.add_argument("--expired", action="store_true", help="Mint a token whose life has just ended.")
    parser.add_argument("--subject", default="local-user", metavar="TEXT", help="Who the bearer is. [local-user]")
    parser.add_argument("--db-user", metavar="TEXT", help="Database user of the bearer.")
    add_flags(parser, TOKEN_SETTINGS)


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", nargs="?", metavar="SQL", help="Query in Redshift's SQL.")
    parser.add_argument("--file", metavar="FILE", help="File that holds the query; - is standard input.")
    parser.add_argument("--schema", metavar="FILE", help="Script that makes the tables, in place of the fixtures.")
    parser.add_argument("--tenant", default="local", metavar="TENANT", help="Tenant whose fixtures count. [local]")
    parser.add_argument("--json", action="store_true", help="Print JSON instead of text.")
    add_flags(parser, EXPLAIN_SETTINGS)


def _permission(text: str) -> str:
    if text not in PERMISSIONS:
        raise argparse.ArgumentTypeError(f"{text} is no permission; there are {', '.join(sorted(PERMISSIONS))}")
    return text


def _duration(text: str) -> timedelta:
    unit = DURATION_UNITS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal() or not 0 < int(text[:-1]) <= MAX_DURATION_COUNT:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 90s, 15m, 1h or 7d")
    return int(text[:-1]) * unit


def _config_json(found: Loaded) -> str:
    shown = {name: {"value": found.settings.masked(name), "origin": origin} for name, origin in found.origins.items()}
    return json.dumps(shown, default=str, indent=2)


def _config_table(found: Loaded) -> str:
    rows = [(name, _shown(found.settings, name), origin) for name, origin in found.origins.items()]
    names, values, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(f"{name:<{names}}  {value:<{values}}  {origin}" for name, value, origin in rows)


def _shown(settings: Settings, name: str) -> str:
    return SETTINGS[name].kind.written(settings.masked(name)) or "-"


COMMANDS: Mapping[str, Command] = {
    "serve": Command("Serve the API until it is stopped.", serve),
    "config": Command("Show each setting and where it comes from.", config, _config_options),
    "token": Command("Mint a token for tests.", token, _token_options, SOURCES, "--tenant TENANT [options]"),
    "explain": Command(
        "Show what a query becomes for DuckDB, and why.", explain, _explain_options, SOURCES, "SQL [options]"
    ),
    "version": Command("Show the version.", version, lambda _parser: None, None),
}
