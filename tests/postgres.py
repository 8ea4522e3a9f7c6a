"""PostgreSQL 15 from Debian's packages on a loopback port, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.ceph import BOUND_TO_PARENT
from tests.emulator import eventually

UNPACKED = Path(__file__).parents[1] / ".tools" / "postgres" / "root"
"""What `unpack_postgres.sh` leaves, by way of `make test`."""

OWNER = "postgres"
STEP_SECONDS = 60.0
ACCESS = """\
local all all trust
host all all 127.0.0.1/32 md5
"""
# Passwords are kept as MD5, which every driver knows; what a test stores need not survive the machine.
CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
password_encryption = 'md5'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
autovacuum = off
timezone = 'GMT'
log_timezone = 'GMT'
"""


@dataclass(frozen=True)
class PostgresDatabase:
    """An empty database, and a user that owns it and is no superuser."""

    port: int
    name: str
    user: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The address without the password."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{self.name}"

    @property
    def conninfo(self) -> str:
        """The address with the password."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.name}"


@dataclass(frozen=True)
class Postgres:
    """A server in a folder of its own; where root runs the tests, the server is nobody's."""

    folder: Path
    port: int

    def form(self) -> None:
        """Write what the server starts from."""
        for part in ("lib", "share"):
            shutil.copytree(UNPACKED / "usr" / part, self.folder / "usr" / part, symlinks=True, ignore=_unused)
        if (UNPACKED / "lib").is_dir():
            shutil.copytree(UNPACKED / "lib", self.folder / "lib", symlinks=True)
        os.chown(self.folder, _owner().pw_uid, _owner().pw_gid)
        self._program("initdb", "-D", str(self.data), "-U", OWNER, "-E", "UTF8", "--locale=C", "-A", "trust", "-N")
        (self.data / "pg_hba.conf").write_text(ACCESS)
        (self.data / "postgresql.conf").write_text(CONFIGURATION.format(port=self.port, folder=self.folder))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server until the block ends."""
        with (self.folder / "log").open("ab") as output:
            process = subprocess.Popen(
                [*_AS_OWNER, *BOUND_TO_PARENT, self._binary("postgres"), "-D", str(self.data)],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            assert eventually(lambda: process.poll() is not None or self.answers(), STEP_SECONDS)
            assert process.poll() is None, (self.folder / "log").read_text()
            yield
        finally:
            # The fast way to stop: without it the server waits for sessions whose clients are long gone.
            process.send_signal(signal.SIGINT)
            process.wait(STEP_SECONDS)

    def answers(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self.folder), "-p", str(self.port)).returncode == 0

    def sql(self, script: str, database: str = OWNER) -> str:
        """Run the script as the superuser and return its rows: values without padding between bars, a line each.

        Raises: AssertionError with what PostgreSQL said.
        """
        where = ("-h", str(self.folder), "-p", str(self.port), "-U", OWNER, "-d", database)
        return self._program("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, "-c", script)

    def database(self) -> PostgresDatabase:
        """Return a new database with an owner of the same name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        made = PostgresDatabase(self.port, name, name, f"secret-{uuid.uuid4().hex}")
        self.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{made.password}'")
        self.sql(f"CREATE DATABASE {name} OWNER {name}")
        return made

    def _program(self, program: str, *arguments: str) -> str:
        done = self._run(program, *arguments)
        assert done.returncode == 0, f"{program} failed: {done.stdout}"
        return done.stdout

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_AS_OWNER, self._binary(program), *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=STEP_SECONDS,
        )

    def _binary(self, program: str) -> Path:
        return self.folder / "usr" / "lib" / "postgresql" / "15" / "bin" / program

    def _environment(self) -> dict[str, str]:
        folders = [*self.folder.glob("usr/lib/*-linux-gnu*"), *self.folder.glob("lib/*-linux-gnu*")]
        without = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**without, "LD_LIBRARY_PATH": ":".join(map(str, folders)), "LC_ALL": "C"}


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server with nothing in it; what it stored is gone afterwards."""
    # Not a folder of pytest's: those are closed to everybody but the one who runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="spectra-postgres-"))
    try:
        server = Postgres(folder, _free_port())
        server.form()
        with server.running():
            yield server
    finally:
        shutil.rmtree(folder)


def _owner() -> pwd.struct_passwd:
    """Return whom the server runs as: us, or nobody where that is root, which PostgreSQL refuses."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


_AS_OWNER = (
    ("setpriv", f"--reuid={_owner().pw_uid}", f"--regid={_owner().pw_gid}", "--clear-groups", "--")
    if os.geteuid() == 0
    else ()
)


def _unused(_folder: str, names: list[str]) -> set[str]:
    return {"locale", "doc", "man", "lintian", "bitcode"} & set(names)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
