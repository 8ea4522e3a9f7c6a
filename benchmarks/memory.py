"""What a process and its children hold of the machine's memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_SECONDS = 0.1
_KILOBYTES_PER_MEGABYTE = 1024


def tree(pid: int) -> Iterator[int]:
    """Yield the process and all that it started; one that ends meanwhile is left out."""
    yield pid
    with suppress(OSError):
        for tasks in Path(f"/proc/{pid}/task").iterdir():
            for child in (tasks / "children").read_text().split():
                yield from tree(int(child))


def proportional_megabytes(pid: int) -> float:
    """Return what the whole tree holds: a page that several processes share counts once in all."""
    return sum(map(_proportional_kilobytes, tree(pid))) / _KILOBYTES_PER_MEGABYTE


def _proportional_kilobytes(pid: int) -> int:
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.partition("\nPss:")[2].split()[0])
    return 0


class Peak:
    """Looks at the tree's memory time and again while its block runs; `megabytes` is the most that was seen."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.megabytes = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self.megabytes = max(self.megabytes, proportional_megabytes(self._pid))
