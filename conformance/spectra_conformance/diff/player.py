"""Plays the workload on a deployment, one step after the other."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from spectra_conformance.answer import UNREADABLE, Answer, UnansweredError
from spectra_conformance.bulk_ids import NOT_FOUND
from spectra_conformance.client import Client, readier
from spectra_conformance.diff import masks, workload
from spectra_conformance.diff.facts import facts, told
from spectra_conformance.diff.trace import Record, Trace
from spectra_conformance.diff.workload import Life, Step
from spectra_conformance.pacing import bucket_of
from spectra_conformance.read_only import allows
from spectra_conformance.session import Session

CREATED = 201
BEGUN = "InProgress"
OK = 200
MEDIA_TYPES: Mapping[str, str] = {"CSV": "text/csv", "JSON": "application/json"}
_SIGNATURE = re.compile(r"(Signature=)([0-9A-Za-z%])")


@dataclass
class Player:
    """`base` begins the ids of this run's rows; `wants` says whether a step is to be played."""

    session: Session
    wants: Callable[[Step], bool] = lambda _: True
    trace: Trace = field(default_factory=Trace)
    base: str = field(default_factory=lambda: str(random.SystemRandom().randrange(10**11, 9 * 10**11)))

    def play(self) -> Trace:
        """Play everything that the target allows and return what it answered."""
        target = self.session.target
        for step in workload.steps_without_jobs(target):
            self.record(step)
        for life in workload.lives(target):
            self.live(life)
        for step in workload.steps_at_the_end(target):
            self.record(step)
        if target.profile != "smoke":
            self._tell_facts()
        return self.trace

    def record(self, step: Step, job_id: str = "") -> Answer | None:
        """Send a step's request and keep its answer; None where it is not to be sent."""
        if not self._may_send(step) or not self.wants(step):
            return None
        try:
            answer = self._sent(step, job_id)
        except UnansweredError as error:
            self.trace.add(step, Record(0, {"text": str(error)}, []))
            return None
        body = masks.body_of(answer, self.base if job_id else "", ordered=step.ordered)
        if step.kind == "list" and answer.status == OK:
            body = _list(answer, step.path)
            if [] in (body["states"], body["operations"]):
                return answer  # a tenant may have no such job: an empty page shows nothing of a filter
        self.trace.add(step, Record(answer.status, body, masks.headers_of(answer), answer.curl))
        return answer

    def live(self, life: Life) -> None:
        """Create a job and take it through its acts."""
        members = workload.filled(dict(life.create), self.session.target, self.base)
        before = frozenset(self.trace.steps)
        create = Step(f"{life.name}-create", "POST", "/bulk/jobs", "created", "BLK-12", json=members)
        answer = self.record(create)
        if answer is None or answer.status != CREATED or not (job_id := _job_id(answer)):
            return
        if life.create["operation"] == "query" and _members(answer).get("state") == BEGUN:
            return  # exports may begin as they are created: then nothing of their life is as in the trace
        state = "Open"
        for number, act in enumerate(life.acts):
            # What cannot be read differs in the steps that look at it.
            with suppress(AssertionError, UnansweredError, *UNREADABLE):
                self.act(life, job_id, f"{life.name}-{number}", act, state)
            if act == "cancel" and self.session.wire.bulk_ids.apart:
                self.trace.forget(self.trace.steps.keys() - before)
                return  # the job stays open: this life goes another way than the trace's
            state = workload.state_after(life, act, state)

    def _tell_facts(self) -> None:
        for fact in facts(self.session):
            if self.wants(fact.step):
                self.trace.add(fact.step, Record(OK, {"fact": told(fact, self.session)}, []))

    def act(self, life: Life, job_id: str, prefix: str, act: str, state: str) -> None:
        """Play one act of a job that is in a state."""
        if act in ("look", "meddle", "write"):
            for step in _ACTS[act](self, life, state):
                self.record(_named(step, prefix), job_id)
        elif act == "upload":
            self._upload(life, job_id, prefix)
        elif act == "file":
            self._file(job_id, prefix)
        elif act == "rows":
            self._rows(prefix)
        else:
            self._move(life, job_id, prefix, act, state)

    def _move(self, life: Life, job_id: str, prefix: str, act: str, state: str) -> None:
        answer = self.record(_named(workload.move(life, act, state), prefix), job_id)
        if answer is not None and answer.status != NOT_FOUND:
            self._owner.settled(job_id)

    def _may_send(self, step: Step) -> bool:
        body = workload.filled(step.json, self.session.target, self.base)
        return not self.session.target.read_only or allows(step.method, step.path, json.dumps(body).encode())

    def _sent(self, step: Step, job_id: str) -> Answer:
        client = self._caller(step)
        body = workload.filled(step.json, self.session.target, self.base)
        content = None if step.text is None else step.text.encode()
        path = step.path.replace("{job}", job_id)
        return client.send(step.method, path, json=body, content=content, headers=step.headers)

    def _caller(self, step: Step) -> Client:
        if step.who == workload.EITHER:
            return readier(self.session.wire, bucket_of(step.method, step.path) or "")
        return {"owner": self._owner, "peer": self._peer, "anonymous": self._owner.anonymous()}[step.who]

    def _upload(self, life: Life, job_id: str, prefix: str) -> None:
        told = self._owner.get(f"/bulk/jobs/{job_id}/upload-url")
        if told.status != OK or life.file is None:
            return
        file = workload.filled(life.file, self.session.target, self.base).encode()
        zipped = gzip.compress(file, mtime=0) if life.create.get("compression") == "GZIP" else file
        media_type = MEDIA_TYPES[str(life.create.get("content_type", "CSV"))]
        answer = self._owner.upload_as_signed(_link(told, "upload_url"), zipped, media_type)
        self._keep_link_answer(f"{prefix}-upload", "PUT", "URL-01", answer)

    def _file(self, job_id: str, prefix: str) -> None:
        told = self._owner.get(f"/bulk/jobs/{job_id}/results")
        if told.status != OK or not (link := _link(told, "download_url")):
            return
        answer = self._owner.download(link)
        step = Step(f"{prefix}-file", "GET", "<link>", "file", "URL-02", workload.OF_A_FILE)
        self.trace.add(step, Record(answer.status, masks.file_of(answer, _members(told), self.base), [], answer.curl))
        self._keep_link_answer(f"{prefix}-head", "HEAD", "URL-13", self._owner.download(link, "HEAD"))
        tampered = self._owner.download(_SIGNATURE.sub(_other_signature, link))
        self._keep_link_answer(f"{prefix}-tampered", "GET", "URL-14", tampered)

    def _rows(self, prefix: str) -> None:
        table = self.session.target.sandbox_table
        where = f"WHERE id >= {self.base}00 AND id <= {self.base}99"
        sql = f"SELECT id, name, amount, created FROM {table} {where} ORDER BY id"  # noqa: S608 -- our own names
        step = Step(
            f"{prefix}-rows", "POST", "/queries", "query", "SQL-01", workload.OF_IMPORTED_ROWS, json={"sql": sql}
        )
        self.record(step, "rows")

    def _keep_link_answer(self, name: str, method: str, promise: str, answer: Answer) -> None:
        step = Step(name, method, "<link>", "link-answer", promise)
        self.trace.add(step, Record(answer.status, None, [], answer.curl))

    @property
    def _owner(self) -> Client:
        return self.session.client(self.session.target.owner)

    @property
    def _peer(self) -> Client:
        return self.session.client(self.session.target.peer)

    def look(self, life: Life, state: str) -> Iterator[Step]:
        """Read as the owner, as the peer and as nobody."""
        for step in workload.reads(life, state):
            yield step
            yield from self._by_others(step)

    def meddle(self, life: Life, state: str) -> Iterator[Step]:
        """Write as the peer and as nobody, and look whether anything happened."""
        for step in workload.writes(life, state):
            yield from self._by_others(step)
        yield from _record_and_job(life, state, "after-meddling")

    def write(self, life: Life, state: str) -> Iterator[Step]:
        """Write as the owner, and look whether anything happened."""
        yield from workload.writes(life, state)
        yield from _record_and_job(life, state, "after-writing")

    def _by_others(self, step: Step) -> Iterator[Step]:
        if self.session.target.peer:
            yield replace(step, name=f"{step.name}-by-peer", who="peer", kind="refusal", promise="TEN-02")
        yield replace(step, name=f"{step.name}-by-nobody", who="anonymous", kind="refusal", promise="AUTH-03")


_ACTS: Mapping[str, Callable[[Player, Life, str], Iterator[Step]]] = {
    "look": Player.look,
    "meddle": Player.meddle,
    "write": Player.write,
}


def _record_and_job(life: Life, state: str, when: str) -> Iterator[Step]:
    for step in workload.reads(life, state):
        if step.name in ("record", "job"):
            yield replace(step, name=f"{when}-{step.name}")


def _named(step: Step, prefix: str) -> Step:
    return replace(step, name=f"{prefix}-{step.name}")


def _job_id(answer: Answer) -> str:
    return str(_members(answer).get("job_id", ""))


def _link(answer: Answer, name: str) -> str:
    return str(_members(answer).get(name) or "")


def _members(answer: Answer) -> dict[str, Any]:
    """Return an answer's members, none where it is no JSON object."""
    with suppress(AssertionError):
        told = answer.json()
        return told if isinstance(told, dict) else {}
    return {}


def _list(answer: Answer, path: str) -> dict[str, Any]:
    """Return what a page says whatever else the tenant has."""
    page = _members(answer)
    jobs = page.get("jobs")
    jobs = [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []
    limit = int(found[1]) if (found := re.search(r"limit=(\d+)", path)) else 25
    return {
        "members": sorted({*page, "next_offset"} & {"jobs", "next_offset"}),
        "states": sorted({str(job.get("state")) for job in jobs}) if "state=" in path else None,
        "operations": sorted({str(job.get("operation")) for job in jobs}) if "operation=" in path else None,
        "few_enough": len(jobs) <= limit,
    }


def _other_signature(found: re.Match[str]) -> str:
    return found[1] + ("0" if found[2] != "0" else "1")
