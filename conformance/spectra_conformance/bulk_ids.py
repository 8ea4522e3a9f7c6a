"""Whether a deployment finds bulk jobs at /jobs, or keeps them apart from the jobs of queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from spectra_conformance.answer import Answer
from spectra_conformance.verdicts import Outcome, Verdict

NOT_FOUND = 404
SERVER_ERROR = 500
UNTELLING = frozenset({401, 403, NOT_FOUND, 429})
"""Statuses that an id gets which is there as well as one that is not."""
APART = "this deployment keeps bulk jobs apart: no bulk id is found at /jobs"
_AT_JOBS = re.compile(r"/jobs/([^/?]+)(?:/results)?")


@dataclass
class BulkIds:
    """The bulk jobs of a run, `tenants` by id, and what their own tenants were answered to them at /jobs."""

    tenants: dict[str, str] = field(default_factory=dict)
    misses: list[Answer] = field(default_factory=list)
    found: bool = False
    warned: bool = False

    @property
    def apart(self) -> bool:
        """Whether bulk ids were asked for at /jobs and none was ever found."""
        return bool(self.misses) and not self.found

    def note(self, tenant: str, path: str, answer: Answer) -> None:
        """Note what a tenant was answered, where it is to an id of its own at /jobs."""
        asked = _AT_JOBS.fullmatch(path.partition("?")[0])
        if asked is None or self.tenants.get(asked[1]) != tenant:
            return
        if answer.status == NOT_FOUND and answer.code == "NOT_FOUND":
            self.misses.append(answer)
        self.found |= answer.status < SERVER_ERROR and answer.status not in UNTELLING

    def missed(self, answer: Answer | None) -> bool:
        """Say whether an answer is one that did not find a bulk job at /jobs."""
        return any(answer is one for one in self.misses)

    def judged(self, held: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield outcomes that rest on a miss: as they are where any bulk id was found, else as not applicable.

        A run is warned once that bulk jobs are kept apart.
        """
        for outcome in held:
            if not self.apart:
                yield outcome
                continue
            if not self.warned:
                yield self._warning(outcome)
            yield replace(outcome, verdict=Verdict.NOT_APPLICABLE, expected="", actual="", curl="", note=APART)

    def _warning(self, first: Outcome) -> Outcome:
        self.warned = True
        return replace(
            first,
            requirements=("JOB-10",),
            verdict=Verdict.WARN,
            expected="a bulk job's job_id finds the job at /jobs",
            actual=self.misses[0].shown,
            curl=self.misses[0].curl,
            note=APART,
        )
