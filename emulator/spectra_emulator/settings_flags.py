"""The settings as options of a command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from spectra_emulator.setting_kinds import PATHS, SWITCH
from spectra_emulator.settings import SETTINGS, Setting

CONFIG = "config"
CONFIG_DOC = "TOML file of settings [./spectra-emulator.toml, where it exists]"


def flag(name: str) -> str:
    """Return the option of the setting: `--sql-allow-union` for `sql_allow_union`."""
    return "--" + name.replace("_", "-")


def add_flags(parser: argparse.ArgumentParser, names: Collection[str] = SETTINGS) -> None:
    """Give the parser an option for every named setting, and one for the file that holds more."""
    parser.add_argument(flag(CONFIG), metavar="FILE", help=CONFIG_DOC, default=argparse.SUPPRESS)
    wanted = [member for member in SETTINGS.items() if member[0] in names]
    for title, members in groupby(wanted, key=lambda member: member[1].group):
        group = parser.add_argument_group(title)
        for name, setting in members:
            _add_flag(group, name, setting)


def given_flags(options: argparse.Namespace) -> Mapping[str, str]:
    """Return the text of each setting that the command line named."""
    given = {name: text for name, text in vars(options).items() if name in SETTINGS or name == CONFIG}
    return {name: text if isinstance(text, str) else _one_text(text) for name, text in given.items()}


def _one_text(texts: Sequence[str]) -> str:
    """Return a repeated flag as one text, which may have been passed on as one before."""
    return texts[0] if len(texts) == 1 else json.dumps(texts)


def _add_flag(group: argparse._ArgumentGroup, name: str, setting: Setting) -> None:
    if setting.kind is not SWITCH:
        action = "append" if setting.kind is PATHS else "store"
        metavar = setting.kind.metavar
        group.add_argument(flag(name), action=action, metavar=metavar, help=_help(setting), default=argparse.SUPPRESS)
        return
    group.add_argument(
        flag(name), nargs="?", const="on", metavar=setting.kind.metavar, help=_help(setting), default=argparse.SUPPRESS
    )
    group.add_argument(
        f"--no-{flag(name)[2:]}",
        dest=name,
        action="store_const",
        const="off",
        help=argparse.SUPPRESS,
        default=argparse.SUPPRESS,
    )


def _help(setting: Setting) -> str:
    default = setting.kind.written(setting.default)
    return f"{setting.doc} [{default}]" if default else setting.doc
