"""Those that write and those that copy wait for each other."""

from __future__ import annotations

import threading
import time

import pytest
from spectra_emulator.adapters.duckdb_engine.write_pause import WritePause
from spectra_emulator.domain.errors import Conflict
from spectra_emulator.ports import StatementTimeoutError

SECONDS = 10.0


def test_any_number_write_at_once() -> None:
    pause = WritePause()
    with pause.writing(), pause.writing():
        entered = True

    assert entered


def test_a_pause_that_waits_too_long_for_a_writer_is_refused_and_leaves_no_trace() -> None:
    pause = WritePause()
    with pause.writing(), pytest.raises(Conflict, match="has written to the tenant's tables"), pause.paused(0.01):
        pass
    with pause.paused(SECONDS), pytest.raises(Conflict), pause.paused(0.01):
        pass
    with pause.writing(time.monotonic()):
        entered = True

    assert entered


def test_a_writer_that_waits_too_long_for_a_pause_is_out_of_time() -> None:
    pause = WritePause()
    with pause.paused(SECONDS), pytest.raises(StatementTimeoutError), pause.writing(time.monotonic() + 0.01):
        pass


def test_a_writer_begins_once_the_pause_has_ended() -> None:
    pause, order = WritePause(), []

    def write() -> None:
        with pause.writing():
            order.append("written")

    writer = threading.Thread(target=write)
    with pause.paused(SECONDS):
        writer.start()
        order.append("copied")
    writer.join(SECONDS)

    assert order == ["copied", "written"]
