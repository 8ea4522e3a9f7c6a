"""The workload as steps, from its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from spectra_conformance.target import Target

DATA = "data"
EITHER = "either"
"""Sends what any tenant may: the one whose limits leave room."""
STATE_AFTER: Mapping[str, str] = {"abort": "Aborted", "cancel": "Aborted", "complete-without-file": "Failed"}
MOVES = frozenset({"complete", *STATE_AFTER})
OF_A_FILE = ("FMT-01", "FMT-02", "FMT-11", "LIM-03")
OF_IMPORTED_ROWS = ("FMT-15", "FMT-16", "FMT-17", "FMT-18")


@dataclass(frozen=True)
class Step:
    """One recorded request. `promise` is the requirement that decides its status, None where the contract is silent.

    `allowed` are statuses that the reference need not have given; `{job}` in the path is the life's own job.
    """

    name: str
    method: str
    path: str
    kind: str
    promise: str | None
    more: tuple[str, ...] = ()
    json: object = None
    text: str | None = None
    who: str = "owner"
    headers: Mapping[str, str | None] = field(default_factory=dict)
    ordered: bool = True
    typed: bool = False
    allowed: tuple[int, ...] = ()

    @property
    def check(self) -> str:
        return f"diff:{self.name}"


@dataclass(frozen=True)
class Life:
    """One bulk job from its creation to its end, act by act."""

    name: str
    create: Mapping[str, Any]
    acts: tuple[str, ...]
    ends: str
    file: str | None = None

    @property
    def operation(self) -> str:
        return "query" if self.create["operation"] == "query" else DATA


@cache
def written() -> Mapping[str, Any]:
    """Return the workload as it is written down."""
    parsed: Mapping[str, Any] = yaml.safe_load((files(__package__) / "workload.yaml").read_text(encoding="utf-8"))
    return parsed


def filled(value: Any, target: Target, base: str) -> Any:
    """Return a value with its placeholders filled, `{job}` excepted."""
    if isinstance(value, dict):
        return {key: filled(one, target, base) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, target, base) for one in value]
    return _filled_text(value, target, base) if isinstance(value, str) else value


def _filled_text(text: str, target: Target, base: str) -> str:
    names = {"nowhere": written()["nowhere"], "sandbox": target.sandbox_table or "", "base": base}
    for name, given in (names | {"digits": written()["digits"]}).items():
        text = text.replace("{" + name + "}", given)
    return text.replace("{{", "{").replace("}}", "}")


def steps_without_jobs(target: Target) -> Iterator[Step]:
    """Yield what needs no job: queries, bodies, strangers. The profile `smoke` has no workload."""
    if target.profile == "smoke":
        return
    yield from _queries(target)
    yield from _bodies()
    yield from _strangers()


def steps_at_the_end(target: Target) -> Iterator[Step]:
    """Yield what is to be asked when the jobs of the lives are there: routes and refused creations."""
    if target.profile == "smoke":
        return
    for name, one in written()["routes"].items():
        yield _route(name, one)
    if target.profile == "full":
        yield from _creations()


def every_life() -> Iterator[tuple[str, str | None, Life]]:
    """Yield every life with its profile and the capability it needs."""
    for name, one in written()["lives"].items():
        life = Life(name, one["create"], tuple(one["acts"]), one.get("ends", "JobComplete"), one.get("file"))
        yield one["profile"], one.get("needs"), life


def lives(target: Target) -> Iterator[Life]:
    """Yield the bulk jobs of the target's profile; a run without writes has none, and neither has `smoke`."""
    for profile, needed, life in every_life():
        able = needed is None or (target.can(needed) and bool(target.sandbox_table))
        if target.includes(profile) and able and not target.read_only:
            yield life


def move(life: Life, act: str, state: str) -> Step:
    """Return the step of an act that changes the job's state."""
    step = next(writes(life, state, (act.removesuffix("-without-file"),)))
    return replace(step, promise="BLK-26") if act == "complete-without-file" else step


def state_after(life: Life, act: str, state: str) -> str:
    """Return the state that a job is in after an act."""
    if act not in MOVES or state != "Open":
        return state
    return STATE_AFTER.get(act, life.ends)


def reads(life: Life, state: str) -> Iterator[Step]:
    """Yield every read of a job in a state by its owner."""
    for name, one in written()["reads"].items():
        yield Step(name, "GET", one["path"], one["kind"], _promised(one["promise"], life.operation, state))


def writes(
    life: Life, state: str, names: tuple[str, ...] = ("complete", "abort", "reopen", "cancel")
) -> Iterator[Step]:
    """Yield every write to a job in a state by its owner."""
    for name in names:
        one = written()["writes"][name]
        promise = _promised(one["promise"], life.operation, state)
        yield Step(name, one["method"], one["path"], one["kind"], promise, json=one.get("json"))


def _promised(promises: Mapping[str, str | None], operation: str, state: str) -> str | None:
    order = (f"{operation}/{state}", f"{operation}/*", f"*/{state}", "*/*")
    return next(promises[key] for key in order if key in promises)


def _queries(target: Target) -> Iterator[Step]:
    for family, one in written()["queries"].items():
        for number, sql in enumerate(one["sql"]):
            text = _filled_text(sql, target, "")
            for limit in _limits(one, target):
                yield _query(f"{family}-{number}-{limit or 'all'}", one, text, limit)


def _limits(family: Mapping[str, Any], target: Target) -> list[int | None]:
    few = target.pacing and target.profile != "full"
    limits: list[int | None] = family.get("few_limits", family["limits"]) if few else family["limits"]
    return limits


def _query(name: str, family: Mapping[str, Any], sql: str, limit: int | None) -> Step:
    body: dict[str, Any] = {"sql": sql, "parameters": {"limit": limit}} if limit else {"sql": sql}
    outermost = sql.rpartition(")")[2] if "OVER" not in sql else sql
    return Step(
        f"query-{name}",
        "POST",
        "/queries",
        "query",
        family["promise"],
        tuple(family.get("more", ())),
        json=body,
        who=EITHER,
        ordered="ORDER BY" in outermost,
        typed=family.get("types", False),
    )


def _bodies() -> Iterator[Step]:
    for name, one in written()["bodies"].items():
        allowed = (200,) if one.get("above") else tuple(one.get("allowed", ()))
        headers = {"content-type": one.get("content_type", "application/json")} if "text" in one else {}
        yield Step(
            f"body-{name}",
            "POST",
            "/queries",
            "query",
            one["promise"],
            json=one.get("json"),
            who=EITHER,
            text=one.get("text"),
            headers=headers,
            allowed=allowed,
        )


def _strangers() -> Iterator[Step]:
    for who, stranger in written()["strangers"].items():
        for name, one in written()["stranger-calls"].items():
            yield Step(
                f"stranger-{who}-{name}",
                one["method"],
                one["path"],
                "refusal",
                stranger["promise"],
                json=one.get("json"),
                headers=stranger["headers"],
            )


def _route(name: str, one: Mapping[str, Any]) -> Step:
    allowed = (200,) if one.get("above") or one.get("ignorable") else ()
    kind = "list" if one.get("list") else "refusal"
    return Step(
        f"route-{name}", one["method"], one["path"], kind, one["promise"], json=one.get("json"), allowed=allowed
    )


def _creations() -> Iterator[Step]:
    for name, one in written()["creations"].items():
        yield Step(f"create-{name}", "POST", "/bulk/jobs", "created", one["promise"], json=one["json"], who=EITHER)
