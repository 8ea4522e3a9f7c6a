"""Whatever ends a run, the jobs that it created are closed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from spectra_conformance import journal, wire
from spectra_conformance.cli import main
from spectra_conformance.client import Client
from spectra_conformance.identities import bearer
from spectra_conformance.journal import Journal, read, undisturbed
from spectra_conformance.pacing import Pacer
from spectra_conformance.target import Target

from tests.emulator import DEMO_KEY, TENANT, Emulator

EXPORT = {"operation": "query", "object": "sales", "query": "SELECT 1 AS n"}


@pytest.fixture
def owner(server: Emulator, tmp_path: Path) -> Client:
    target = Target(f"{server.url}/v1", bearer("owner", TENANT, DEMO_KEY))
    (tmp_path / ".spectra-conformance").mkdir()
    kept = Journal(tmp_path / ".spectra-conformance" / "run.jsonl")
    return Client(wire.opened(target, Pacer(target.limits, enabled=False), kept), target.owner)


def test_a_created_job_is_on_disk_until_it_has_ended(owner: Client) -> None:
    with owner.wire.http:
        job_id = owner.bulk(**EXPORT).json()["job_id"]
        opened = journal.read(owner.wire.journal.path).opened
        owner.set_state(job_id, "Aborted")

    assert opened == {job_id: "owner"}
    assert journal.read(owner.wire.journal.path).opened == {}


def test_clean_closes_what_a_killed_run_left_open(
    owner: Client, server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with owner.wire.http:
        job_id = owner.bulk(**EXPORT).json()["job_id"]
    monkeypatch.chdir(tmp_path)
    code = main(["clean", "--url", f"{server.url}/v1", "--api-key", DEMO_KEY, "--tenant", TENANT])

    assert (code, capsys.readouterr().out) == (0, "nothing is left open\n")
    assert server.call("GET", f"/bulk/jobs/{job_id}").json["state"] == "Aborted"
    assert list(tmp_path.glob(".spectra-conformance/*")) == []


def test_a_line_that_was_cut_off_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"tenant": "owner", "job_id": "a"}\n{"tenant": "ow')

    assert journal.read(path).opened == {"a": "owner"}


def test_an_interruption_waits_until_a_created_job_is_written_down(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "journal.jsonl")

    def created_as_somebody_interrupts() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            kept.created("owner", "bulk-1")

    with pytest.raises(KeyboardInterrupt):
        created_as_somebody_interrupts()
    assert read(kept.path).opened == {"bulk-1": "owner"}
