"""How soon the emulator is ready and what it holds while idle, as installed from the built wheel."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.connection import Connection, get
from benchmarks.emulator import ROOT, ended, scratch, serve_command, serving, started
from benchmarks.measurement import CannotRunError, Finding, Times, compared, milliseconds
from benchmarks.memory import tree

_ENVIRONMENT = ROOT / "build" / "bench-venv"
_LOCK = ROOT / "requirements" / "run.lock"
_ROUNDS = 9
_SETTLED_SECONDS = 3
_GIVE_UP_SECONDS = 20
_LOOK_SECONDS = 0.001
_MEGABYTE = 2**20


def ready() -> list[Finding]:
    """Wait for the first 200 after the start of the process, against `python -m http.server` of the same Python."""
    folder = installed() / "bin"
    commands = {
        "/health": serve_command(folder / "spectra-emulator", 0)[:2],
        "/": [str(folder / "python"), "-m", "http.server"],
    }
    tasks = {path: partial(_ready_milliseconds, command, path) for path, command in commands.items()}
    times: Times = {path: [] for path in tasks}
    for _ in range(_ROUNDS + 1):
        for path in random.sample(list(tasks), len(tasks)):
            times[path].append(tasks[path]())
    found = compared("ready: first 200", times["/health"][1:], times["/"][1:], 9.0)
    return [found, *_idle(folder / "spectra-emulator")]


def installed() -> Path:
    """Return an environment that holds the built wheel and its requirements alone; each is installed once.

    Raises: CannotRunError.
    """
    wheels = sorted((ROOT / "dist").glob("spectra_emulator-*.whl"))
    if len(wheels) != 1:
        raise CannotRunError("ready needs the built wheel: make wheel")
    _once("requirements", _LOCK, ["--require-hashes", "--requirement", str(_LOCK)])
    _once("wheel", wheels[0], ["--no-deps", "--no-index", "--force-reinstall", str(wheels[0])])
    return _ENVIRONMENT


def _once(what: str, source: Path, arguments: list[str]) -> None:
    """Install what the source says, unless that was the last thing installed as `what`."""
    stamp = _ENVIRONMENT / f".{what}"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    if what == "requirements":
        _run([sys.executable, "-m", "venv", "--clear", str(_ENVIRONMENT)])
    _run([str(_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", *arguments])
    stamp.write_text(digest)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRunError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")


def _ready_milliseconds(command: list[str], path: str) -> float:
    port = _free_port()
    option = ["--port", str(port)] if "serve" in command else ["--bind", "127.0.0.1", str(port)]
    with scratch() as folder:
        processes: list[subprocess.Popen[bytes]] = []

        def start() -> None:
            processes.append(started([*command, *option], folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            _first_answer(port, path)

        try:
            return milliseconds(start)
        finally:
            for process in processes:
                ended(process)


def _first_answer(port: int, path: str) -> None:
    give_up_at = time.monotonic() + _GIVE_UP_SECONDS
    while True:
        try:
            with Connection(port) as client:
                client.ask(get(path))
        except ConnectionError as error:
            if time.monotonic() > give_up_at:
                raise CannotRunError(f"no answer on port {port} within {_GIVE_UP_SECONDS} s") from error
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _idle(command: Path) -> list[Finding]:
    with serving(command) as emulator, emulator.connection() as client:
        client.ask(get("/health"))
        time.sleep(_SETTLED_SECONDS)
        sizes = [_resident_megabytes(pid) for pid in tree(emulator.pid)]
    return [
        Finding(f"idle memory: all {len(sizes)} processes", sum(sizes), "MB", goal=120.0),
        Finding("idle memory: the server process", sizes[0], "MB"),
    ]


def _resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE
