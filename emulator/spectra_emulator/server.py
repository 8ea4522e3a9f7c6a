"""The server process: one port, one Ready line, a quick and clean end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

from spectra_emulator.app import App, built
from spectra_emulator.data_directory import DataDirectory, DirectoryTakenError
from spectra_emulator.http_protocol import HttpProtocol
from spectra_emulator.logs import configure_logs
from spectra_emulator.ports import UnreadableStateError
from spectra_emulator.settings import Settings

WhenReady = Callable[[str], None]

FAILED = 1
TAKEN = 3
_OPEN_CONNECTIONS_SECONDS = 0.3
_BACKLOG = 512
_FOR_OTHERS = 0o077
"""What no other user of the machine may do with the files of this process and its children."""


def serve(settings: Settings, when_ready: WhenReady = lambda _url: None) -> int:
    """Serve until SIGTERM or SIGINT and return the process's exit code.

    `when_ready` is told, in the event loop, where this machine reaches the server.

    Raises: SettingsError.
    """
    configure_logs(settings)
    os.umask(_FOR_OTHERS)
    try:
        listener = _listener(settings.host, settings.port)
    except OSError as error:
        return _refused(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}")
    with listener:
        try:
            directory = DataDirectory(settings.data_dir)
        except DirectoryTakenError as error:
            return _refused(str(error))
        try:
            return _run(settings, directory, listener, when_ready)
        except UnreadableStateError as error:
            return _refused(str(error))
        finally:
            directory.close()


def _run(settings: Settings, directory: DataDirectory, listener: socket.socket, when_ready: WhenReady) -> int:
    app = built(settings, directory)
    try:

        def answering() -> None:
            url = _ready(settings, app, listener)
            app.start(url, server.give_up)
            if settings.stop_with_input:
                threading.Thread(target=_await_end_of_input, args=(server.end,), daemon=True).start()
            when_ready(url)

        server = _Server(_configuration(app), answering, app.stop)
        server.run(sockets=[listener])
        return FAILED if server.gave_up else 0
    finally:
        app.close()


class _Server(uvicorn.Server):
    """Tells when it answers, and takes a signal to stop as a request, not as a failure."""

    def __init__(
        self, config: uvicorn.Config, when_ready: Callable[[], None], when_stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._when_ready = when_ready
        self._when_stopping = when_stopping
        self.gave_up = False

    def end(self) -> None:
        """End in order."""
        self.should_exit = True

    def give_up(self) -> None:
        """End as a failure."""
        self.gave_up = self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._when_stopping)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM; uvicorn's own would raise them once more and so lose the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def _await_end_of_input(end: Callable[[], None]) -> None:
    """Call `end` once nobody holds the other side of standard input any more, however they ended."""
    with suppress(OSError):
        while os.read(0, 4096):
            continue
    end()


def _configuration(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app.asgi,
        http=HttpProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_OPEN_CONNECTIONS_SECONDS,  # type: ignore[arg-type] # seconds, handed to asyncio
    )


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def _ready(settings: Settings, app: App, listener: socket.socket) -> str:
    """Say that the server answers, and return where this machine reaches it."""
    host, port = listener.getsockname()[:2]
    url = f"http://{_called(host)}:{port}"
    shown = settings.public_url or url
    print(f"Ready: {shown.rstrip('/')}/v1{_example(settings, app)} ({_age_seconds():.2f} s)", flush=True)  # noqa: T201 - the line to wait for
    gc.freeze()
    gc.enable()
    return url


def _example(settings: Settings, app: App) -> str:
    """Return a key to try: the demo's is public, one's own is shown where only this machine can use it.

    In front of a warehouse none is shown: the line ends up in logs, and what the key opens is real.
    """
    shared = settings.backend_location() is not None or not (settings.fixtures is None or settings.loopback)
    shown = None if shared else app.example
    return "" if shown is None else f" key={shown.key} tenant={shown.tenant_id}"


def _called(host: str) -> str:
    """Return the name that this machine's own clients can use."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _age_seconds() -> float:
    """Return how long this process has been there, where the system tells; else how much work it has done."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return time.process_time()
    started_ticks = int(stat.read_text(encoding="ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / 100


def _refused(reason: str) -> int:
    print(f"spectra-emulator: {reason}", file=sys.stderr)  # noqa: T201 - the one line that says why
    return TAKEN
