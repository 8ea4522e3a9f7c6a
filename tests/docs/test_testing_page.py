"""docs/testing.md and docs/faults.md name all that there is."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from spectra_emulator.control import fault_shapes
from spectra_emulator.testing.controls import Clock, Faults, Jobs, Snapshots
from spectra_emulator.testing.emulator import SpectraEmulator, TestTenant

DOCS = Path(__file__).parents[2] / "docs"
TESTING = (DOCS / "testing.md").read_text(encoding="utf-8")
FAULTS = (DOCS / "faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([a-z_.]+)` \|.*\| `(\{.*\})` \|$", FAULTS, re.MULTILINE)


def public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [SpectraEmulator, TestTenant, Clock, Faults, Jobs, Snapshots])
def test_every_public_member_is_named(kind: type) -> None:
    members = public(kind) + [each.name for each in fields(TestTenant) if kind is TestTenant]

    assert [name for name in members if not re.search(rf"[`.]{name}\b", TESTING)] == []


def members(shape: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(shape)}


def test_every_member_of_a_rule_has_its_example() -> None:
    nested = {
        *(f"header.{name}" for name in members(fault_shapes.HeaderBody)),
        *(f"latency.{name}" for name in members(fault_shapes.LatencyBody)),
        *(f"body.{name}" for name in members(fault_shapes.BodyFaultBody)),
        *(f"job.{name}" for name in members(fault_shapes.JobFaultBody)),
    }
    plain = members(fault_shapes.MatchBody) | members(fault_shapes.ActionBody) | members(fault_shapes.RuleBody)

    assert {name for name, _ in ROWS} == (plain | nested) - {"header", "latency", "body", "job", "match", "action"}


def rule(name: str, example: dict[str, Any]) -> dict[str, Any]:
    if "action" in example:
        return example
    if name.partition(".")[0] in members(fault_shapes.MatchBody):
        return {"match": example, "action": {"error": "CONFLICT"}}
    return {"action": example}


@pytest.mark.parametrize(("name", "example"), ROWS, ids=[name for name, _ in ROWS])
def test_an_example_is_a_rule(name: str, example: str) -> None:
    body = msgspec.convert(rule(name, json.loads(example)), fault_shapes.RuleBody)

    assert fault_shapes.Reader(lambda: datetime.now(UTC)).rule(body).id
