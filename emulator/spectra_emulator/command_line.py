"""What every command is made of: its parser, its invocation, its place in the help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from spectra_emulator.domain.durations import duration
from spectra_emulator.settings_flags import add_flags, given_flags
from spectra_emulator.settings_sources import Loaded, loaded, suggestion

PROGRAM = "spectra-emulator"
WRONG_USAGE = 2
WIDTH = 80
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


def span(text: str) -> timedelta:
    """Read an option's time, such as 24h."""
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
