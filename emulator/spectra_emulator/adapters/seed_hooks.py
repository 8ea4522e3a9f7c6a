"""Scripts of the operator's own that fill tenants: SQL for their tables, Python and shell as child processes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spectra_emulator.domain.errors import SpectraError

_PATIENCE_SECONDS = 600.0
_COMMANDS = {".py": (sys.executable,), ".sh": ("sh",)}
SUFFIXES = frozenset({".sql", *_COMMANDS})
_log = logging.getLogger(__name__)


class SeedHookError(Exception):
    """A hook failed; the message names it and says why."""


@dataclass(frozen=True)
class Hook:
    """`tenant_id` is the folder's name where the hook lies in one, None where it is for all."""

    file: Path
    tenant_id: str | None


@dataclass(frozen=True)
class Tables:
    """How SQL reaches tenants."""

    tenant_ids: Callable[[], Iterable[str]]
    run: Callable[[str, str], object]


class SeedHooks:
    """`paths` are files, or folders of them and of folders named after a tenant; all run in the order of their names.

    `environ` is what child processes are told beside the server's own environment.
    """

    def __init__(self, paths: Iterable[Path], tables: Tables) -> None:
        self._paths = tuple(paths)
        self._tables = tables
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False
        self.environ: Mapping[str, str] = {}

    @property
    def running(self) -> bool:
        return self._lock.locked()

    def run(self, tenant_id: str | None = None) -> None:
        """Run every hook that concerns the tenant, or all.

        Raises: SeedHookError at the first that fails.
        """
        with self._lock:
            for hook in self.found():
                if tenant_id is None or hook.tenant_id in (None, tenant_id):
                    _log.info("seed hook %s", hook.file.name)
                    self._run(hook, tenant_id)

    def found(self) -> list[Hook]:
        """Return the hooks in their order."""
        hooks = [hook for path in self._paths for hook in _hooks(path)]
        return sorted(hooks, key=lambda hook: (hook.file.name, str(hook.file)))

    def stop(self) -> None:
        """End a child process that runs, and begin no other."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.kill()

    def _run(self, hook: Hook, tenant_id: str | None) -> None:
        try:
            if hook.file.suffix == ".sql":
                self._run_sql(hook, tenant_id)
            else:
                self._run_child(hook, tenant_id)
        except SpectraError as error:
            raise SeedHookError(f"{hook.file.name}: {_told(error)}") from error
        except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired) as error:
            raise SeedHookError(f"{hook.file.name}: {error}") from error

    def _run_sql(self, hook: Hook, tenant_id: str | None) -> None:
        sql = hook.file.read_text(encoding="utf-8")
        named = hook.tenant_id or tenant_id
        for each in self._tables.tenant_ids() if named is None else (named,):
            self._tables.run(each, sql)

    def _run_child(self, hook: Hook, tenant_id: str | None) -> None:
        if self._stopped:
            raise SeedHookError(f"{hook.file.name}: the server is stopping")
        concerned = hook.tenant_id or tenant_id
        named = {} if concerned is None else {"SPECTRA_SEED_TENANT": concerned}
        with subprocess.Popen(  # noqa: S603 - the operator's own script
            [*_COMMANDS[hook.file.suffix], str(hook.file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**_without_settings(), **self.environ, **named},
        ) as child:
            self._child = child
            try:
                said, _ = child.communicate(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                raise
            finally:
                self._child = None
        if child.returncode != 0:
            last = (said.strip().splitlines() or ["it said nothing"])[-1]
            raise SeedHookError(f"{hook.file.name} ended with {child.returncode}: {last}")


def _told(error: SpectraError) -> str:
    """Return an error's message with the place in the script and the hint, where it has them."""
    position, hint = (error.details.get(name) for name in ("position", "hint"))
    place = f" at character {position}" if position is not None else ""
    return f"{error.message}{place}" + (f". {hint}" if hint else "")


def _hooks(path: Path) -> Iterator[Hook]:
    if not path.is_dir():
        yield Hook(path, None)
        return
    yield from (Hook(file, None) for file in path.iterdir() if _is_hook(file))
    for folder in (each for each in path.iterdir() if each.is_dir()):
        yield from (Hook(file, folder.name) for file in folder.iterdir() if _is_hook(file))


def _is_hook(file: Path) -> bool:
    return file.is_file() and file.suffix in SUFFIXES


def _without_settings() -> dict[str, str]:
    """Return the server's environment without its settings, secrets among them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SPECTRA_")}
