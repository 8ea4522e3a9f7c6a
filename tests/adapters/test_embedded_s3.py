"""The life of the embedded S3's process, and what outlives it."""

from __future__ import annotations

import http.client
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from spectra_emulator.adapters.embedded_s3 import BUCKET, SECRET_HEADER, EmbeddedS3
from spectra_emulator.domain.errors import InternalError

from tests.emulator import eventually
from tests.requirements import requirement

OBJECT = f"/{BUCKET}/tenant-123/a.csv"
NOTHING: Mapping[str, str] = {}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedS3]:
    running = EmbeddedS3(tmp_path / "objects")
    yield running
    running.close()


@pytest.fixture
def successor(tmp_path: Path) -> Iterator[EmbeddedS3]:
    """Return one on the same folder, for when the first has ended."""
    running = EmbeddedS3(tmp_path / "objects")
    yield running
    running.close()


def put(embedded: EmbeddedS3, content: bytes, target: str = OBJECT, headers: Mapping[str, str] = NOTHING) -> int:
    answer = embedded.exchange("PUT", target, headers, io.BytesIO(content), len(content))
    answer.close()
    return answer.status


def get(embedded: EmbeddedS3, target: str = OBJECT) -> tuple[int, bytes, Mapping[str, str]]:
    answer = embedded.exchange("GET", target, {})
    content = b"".join(answer.pieces())
    answer.close()
    return answer.status, content, answer.headers


def pid_of(embedded: EmbeddedS3) -> int:
    """Return the process that listens on the port."""
    port = embedded.endpoint().port
    found = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inode = next(fields[9] for fields in found if fields[1].endswith(f":{port:04X}") and fields[3] == "0A")
    holders = (path for path in Path("/proc").glob("[0-9]*/fd/*") if _is_socket(path, inode))
    return int(next(holders).parts[2])


def _is_socket(path: Path, inode: str) -> bool:
    try:
        return str(path.readlink()) == f"socket:[{inode}]"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Tell whether the process has ended, even where nobody has waited for it."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "no"}, {"Authorization": "AWS4-HMAC-SHA256 x"}])
def test_only_the_server_that_started_it_is_let_in(embedded: EmbeddedS3, headers: dict[str, str]) -> None:
    put(embedded, b"secret")
    stranger = http.client.HTTPConnection("127.0.0.1", embedded.endpoint().port, timeout=20)
    stranger.request("GET", OBJECT, headers=headers)
    answer = stranger.getresponse()
    assert (answer.status, answer.read()) == (403, b"")
    stranger.close()


def test_it_listens_on_loopback_alone(embedded: EmbeddedS3) -> None:
    assert embedded.endpoint().url.startswith("http://127.0.0.1:")
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    assert any(line.split()[1] == f"0100007F:{embedded.endpoint().port:04X}" for line in lines[1:])


def test_it_ends_when_it_is_closed(embedded: EmbeddedS3) -> None:
    pid = pid_of(embedded)
    embedded.close()
    assert gone(pid)
    with pytest.raises(InternalError, match="ended with its server"):
        embedded.endpoint()


def test_it_ends_with_a_server_that_is_killed() -> None:
    code = (
        "import time; from spectra_emulator.adapters.embedded_s3 import EmbeddedS3; s3 = EmbeddedS3(None);"
        "print(s3.endpoint().port, s3._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline().split()[1])
        server.kill()
    assert eventually(lambda: gone(pid))


@requirement("URL-02")
def test_objects_and_what_is_said_of_them_survive_a_kill(embedded: EmbeddedS3, successor: EmbeddedS3) -> None:
    put(embedded, b"a,b\n", headers={"content-type": "text/csv", "x-amz-meta-note": "n"})
    before = get(embedded)
    os.kill(pid_of(embedded), signal.SIGKILL)

    after = get(successor)

    told = ("content-type", "x-amz-meta-note", "etag", "last-modified")
    assert after[:2] == before[:2] == (200, b"a,b\n")
    assert [after[2][name] for name in told] == [before[2][name] for name in told]


def test_a_deleted_object_stays_deleted(embedded: EmbeddedS3, successor: EmbeddedS3, tmp_path: Path) -> None:
    put(embedded, b"x")
    embedded.exchange("DELETE", OBJECT, {}).close()
    embedded.close()
    assert get(successor)[0] == 404
    assert list((tmp_path / "objects").glob("*.object")) == []


def test_half_an_object_is_never_shown(embedded: EmbeddedS3, successor: EmbeddedS3, tmp_path: Path) -> None:
    put(embedded, b"x")
    embedded.close()
    kept = next((tmp_path / "objects").glob("*.object"))
    kept.rename(kept.with_suffix(".unfinished"))

    assert get(successor)[0] == 404
    assert sorted(file.name for file in (tmp_path / "objects").iterdir()) == ["lock"]


@pytest.mark.parametrize("left", [0, 20, -1], ids=["nothing", "half of its head", "all but a byte"])
def test_an_object_that_is_not_whole_is_left_out(
    embedded: EmbeddedS3, successor: EmbeddedS3, tmp_path: Path, left: int
) -> None:
    put(embedded, b"content")
    kept = next((tmp_path / "objects").glob("*.object"))
    put(embedded, b"other", f"{OBJECT}.gz")
    embedded.close()
    kept.write_bytes(kept.read_bytes()[:left])

    assert (get(successor)[0], get(successor, f"{OBJECT}.gz")[1]) == (404, b"other")


def test_memory_is_given_back_with_the_objects(embedded: EmbeddedS3) -> None:
    put(embedded, b"small")
    before = memory_of(pid_of(embedded))
    for number in range(4):
        put(embedded, bytes(40_000_000), f"{OBJECT}{number}")

    assert memory_of(pid_of(embedded)) - before < 60_000_000


def memory_of(pid: int) -> int:
    """Return the memory that the process holds, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def test_it_is_started_again_where_it_died(embedded: EmbeddedS3) -> None:
    put(embedded, b"x")
    died = embedded.endpoint()
    os.kill(pid_of(embedded), signal.SIGKILL)
    assert eventually(lambda: embedded.endpoint() != died)
    assert get(embedded)[:2] == (200, b"x")


def test_an_object_made_of_parts_is_kept_whole(embedded: EmbeddedS3, successor: EmbeddedS3) -> None:
    started = embedded.exchange("POST", f"{OBJECT}?uploads", {})
    upload_id = b"".join(started.pieces()).decode().partition("<UploadId>")[2].partition("<")[0]
    put(embedded, b"12345", f"{OBJECT}?partNumber=1&uploadId={upload_id}")
    part = "<PartNumber>1</PartNumber><ETag>827ccb0eea8a706c4c34a16891f84e7b</ETag>"
    parts = f"<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>"
    body = io.BytesIO(parts.encode())
    embedded.exchange("POST", f"{OBJECT}?uploadId={upload_id}", {}, body, len(parts)).close()
    embedded.close()
    assert get(successor)[:2] == (200, b"12345")
