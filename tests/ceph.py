"""Ceph's object gateway on loopback ports: an S3 that checks what AWS checks."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulator import eventually

UNPACKED = Path(__file__).parents[1] / ".tools" / "ceph" / "root"
"""What `unpack_ceph.sh` leaves, by way of `make test`."""

STEP_SECONDS = 120.0
# Ends the child with this process, however this process ends.
BOUND_TO_PARENT = ("setpriv", "--pdeathsig", "KILL")
CONFIGURATION = """\
[global]
fsid = {cluster}
keyring = {folder}/keyring
run dir = {folder}
log file = {folder}/$name.log
admin socket =
pid file =
public addr = 127.0.0.1
mon host = [v2:127.0.0.1:{monitor_port}/0]
mon initial members = a
mon data = {folder}/mon
mon allow pool size one = true
mon max pg per osd = 1000
ms bind msgr1 = false
ms bind ipv6 = false
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd class dir = {libraries}/rados-classes
osd class load list = *
osd class default list = *
erasure code dir = {libraries}/ceph/erasure-code
plugin dir = {libraries}/ceph
rgw data = {folder}/gateway
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 16
"""


@dataclass(frozen=True)
class RealS3:
    """A server that is not ours, and a key that may do anything there."""

    url: str
    access_key_id: str = "TESTKEY"
    secret_access_key: str = field(default="test-secret", repr=False)


@dataclass(frozen=True)
class Cluster:
    """One monitor, one store in memory and one gateway, in a folder of their own."""

    folder: Path
    port: int
    monitor_port: int
    name: str = field(default_factory=lambda: str(uuid.uuid4()))

    def configure(self) -> None:
        for part in ("mon", "osd", "gateway"):
            (self.folder / part).mkdir(parents=True)
        text = CONFIGURATION.format(
            cluster=self.name,
            folder=self.folder,
            libraries=_libraries(),
            port=self.port,
            monitor_port=self.monitor_port,
        )
        (self.folder / "ceph.conf").write_text(text)

    def form(self) -> None:
        """Write what the monitor and the store start from, so that no later command has to tell them."""
        key = ("ceph-authtool", "keyring", "--gen-key", "-n")
        self.run("ceph-authtool", "keyring", "--create-keyring")
        self.run(*key, "mon.", "--cap", "mon", "allow *")
        self.run(*key, "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *")
        self.run(*key, "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *")
        address = f"[v2:127.0.0.1:{self.monitor_port}]"
        self.run("monmaptool", "--create", "--fsid", self.name, "--addv", "a", address, "monitors")
        self.run("osdmaptool", "--createsimple", "1", "stores")
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monitors", "--osdmap", "stores", "--keyring", "keyring")
        store = ("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", str(uuid.uuid4()), "--no-mon-config")
        self.run(*store, "--monmap", "monitors")

    def run(self, program: str, *arguments: str) -> None:
        """Run one command to its end.

        Raises: AssertionError with what the command said.
        """
        done = subprocess.run(
            [UNPACKED / "usr" / "bin" / program, *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=STEP_SECONDS,
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}"

    @contextmanager
    def running(self, program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{program}.out").open("wb") as output:
            process = subprocess.Popen(
                [*BOUND_TO_PARENT, UNPACKED / "usr" / "bin" / program, "-f", *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def _environment(self) -> dict[str, str]:
        libraries = _libraries()
        folders = (libraries, libraries / "ceph", UNPACKED / "lib" / libraries.name)
        shared = {"LD_LIBRARY_PATH": ":".join(map(str, folders)), "CEPH_CONF": str(self.folder / "ceph.conf")}
        return {**os.environ, **shared}


@contextmanager
def running_ceph(folder: Path) -> Iterator[RealS3]:
    """Start a cluster in the folder and yield once it answers; what it stored is gone afterwards."""
    cluster = Cluster(folder, *_free_ports())
    s3 = RealS3(f"http://127.0.0.1:{cluster.port}")
    cluster.configure()
    cluster.form()
    with ExitStack() as started:
        started.enter_context(cluster.running("ceph-mon", "-i", "a"))
        started.enter_context(cluster.running("ceph-osd", "-i", "0", "--no-mon-config"))
        keys = ("--access-key", s3.access_key_id, "--secret-key", s3.secret_access_key)
        cluster.run("radosgw-admin", "user", "create", "--uid", "tests", "--display-name", "tests", *keys)
        gateway = started.enter_context(cluster.running("radosgw", "-n", "client.admin"))
        assert eventually(lambda: gateway.poll() is not None or _answers(cluster.port), STEP_SECONDS)
        assert gateway.poll() is None, f"radosgw ended: see {folder}"
        yield s3


def _libraries() -> Path:
    (ceph,) = (UNPACKED / "usr" / "lib").glob("*/rados-classes")
    return ceph.parent


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/")
        link.getresponse().read()
    except OSError:
        return False
    finally:
        link.close()
    return True
