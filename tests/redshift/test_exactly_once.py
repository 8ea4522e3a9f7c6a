"""A server that ends between any two steps of a bulk job over the wire: the next one finishes it, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from spectra_emulator.adapters.redshift.credentials import Credentials, CredentialSources
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.backend_location import BackendLocation, Way
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import Applied

from tests.dataapi.deployment import DB_USER, Deployment, deployment
from tests.dataapi.files import Jobs, change_of, new_job_id
from tests.dataapi.killing import Killed
from tests.dataapi.test_imports import script
from tests.moto_s3 import running_moto
from tests.redshift.acted_wire import ActedWire
from tests.redshift.asking import rows
from tests.redshift.certificates import Certificate
from tests.redshift.redshift_like import PASSWORD
from tests.requirements import requirement

LOAD, CHANGE, UNSTAGE, UNLOAD = "^COPY ", "^LOCK ", r"\ADROP TABLE IF EXISTS [^\n]*\Z", "^UNLOAD "
RECORDS = "id,note\n1,a\n2,b\nx,c\n3,d\n"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with running_moto() as s3, deployment(tmp_path_factory.mktemp("exactly-once"), s3) as whole:
        yield whole


@pytest.fixture(scope="module")
def wire(deployed: Deployment, trusted: Certificate) -> Iterator[Wire]:
    acted = ActedWire(deployed.server.redshift, trusted.context)
    location = BackendLocation(Way.WIRE, "dev", host="localhost", port=acted.listener.getsockname()[1])
    with acted.running():
        opened = Wire(location, Credentials(location, CredentialSources({DB_USER: PASSWORD})), 4)
        yield opened
        opened.close()


@dataclass(frozen=True)
class Mortal:
    """A warehouse whose server ends at the transaction that matches: before it is sent, or `after` it has committed."""

    whole: Wire
    pattern: str
    after: bool = False
    end: BaseException = field(default_factory=Killed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def transaction(
        self, login: Login, statements: Sequence[str], *, name: str, token: str, timeout: timedelta
    ) -> tuple[int, ...]:
        due = re.search(self.pattern, "\n".join(statements), re.MULTILINE) is not None
        if due and not self.after:
            raise self.end
        affected = self.whole.transaction(login, statements, name=name, token=token, timeout=timeout)
        if due:
            raise self.end
        return affected


STEPS = {"load": LOAD, "change": CHANGE, "unstaging": UNSTAGE}


@requirement("BLK-33")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("pattern", STEPS.values(), ids=STEPS)
def test_an_import_happens_once_whenever_the_server_ends(
    deployed: Deployment, wire: Wire, tmp_path: Path, pattern: str, *, after: bool
) -> None:
    job_id = new_job_id()
    change = change_of(Operation.INSERT, table := f"ledger_{job_id.replace('-', '_')}")
    script(deployed, f"CREATE TABLE {table} (id INTEGER, note VARCHAR(5))")
    with pytest.raises(Killed):
        Jobs(deployed.bulk(Mortal(wire, pattern, after)), tmp_path).applied(job_id, change, RECORDS)

    assert Jobs(deployed.bulk(wire), tmp_path).applied(job_id, change, RECORDS) == Applied(3, 1)
    assert [row["id"] for row in rows(deployed.engine(wire), f"SELECT id FROM {table} ORDER BY id")] == [1, 2, 3]


@requirement("BLK-33")
def test_a_change_whose_answer_is_lost_is_not_made_twice_by_the_next_attempt(
    deployed: Deployment, wire: Wire, tmp_path: Path
) -> None:
    job_id = new_job_id()
    change = change_of(Operation.INSERT, table := f"ledger_{job_id.replace('-', '_')}")
    script(deployed, f"CREATE TABLE {table} (id INTEGER, note VARCHAR(5))")
    losing = Mortal(wire, CHANGE, after=True, end=InternalError("The connection was lost"))
    with pytest.raises(InternalError):
        Jobs(deployed.bulk(losing), tmp_path).applied(job_id, change, RECORDS)

    assert Jobs(deployed.bulk(wire), tmp_path).applied(job_id, change, RECORDS) == Applied(3, 1)
    assert [row["id"] for row in rows(deployed.engine(wire), f"SELECT id FROM {table} ORDER BY id")] == [1, 2, 3]


@requirement("BLK-33")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_query_is_unloaded_once_whenever_the_server_ends(
    deployed: Deployment, wire: Wire, tmp_path: Path, *, after: bool
) -> None:
    job_id, sql = new_job_id(), "SELECT order_id FROM orders WHERE order_id < 1005 ORDER BY 1"
    with pytest.raises(Killed):
        Jobs(deployed.bulk(Mortal(wire, UNLOAD, after)), tmp_path).exported(job_id, sql)
    unloaded = set(deployed.keys(f"tenant-123/staging/{job_id}/"))
    again = Mortal(wire, UNLOAD) if after else wire
    exported = Jobs(deployed.bulk(again), tmp_path).exported(job_id, sql)

    assert (bool(unloaded), exported.splitlines()[0]) == (after, b"order_id")
