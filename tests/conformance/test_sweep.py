"""A sweep over mutants outlives single trials, and is taken up where it ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.mutants.equivalent import BEYOND, EQUIVALENT_LINES
from tests.mutants.journal import CAUGHT, ERROR, SURVIVED, Result, note, table, told
from tests.mutants.mutant import PACKAGE

ROOT = Path(__file__).parents[2]
CAUGHT_LATE = Result("a:b", CAUGHT, {"scenarios": "", "diff": "diff:query-big"}, 1.5)


def swept(journal: Path, layers: str) -> int:
    command = [sys.executable, "-m", "tests.mutants", "--only", "state:begins-uploaded", "--layers", layers]
    return subprocess.run([*command, "--journal", journal], cwd=ROOT, check=False, capture_output=True).returncode


def test_a_trial_that_fails_is_a_row_and_is_tried_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"

    assert swept(journal, "no-such-layer") == 1
    assert {(one.fate, one.decided, "KeyError" in one.trouble) for one in told(journal).values()} == {
        (ERROR, False, True)
    }
    assert swept(journal, "scenarios") == 0
    assert [one.fate for one in told(journal).values()] == [CAUGHT]


def test_the_last_result_of_a_mutant_counts(tmp_path: Path) -> None:
    for result in (Result("a:b", ERROR, trouble="it broke"), CAUGHT_LATE):
        note(tmp_path / "journal.jsonl", result)

    assert told(tmp_path / "journal.jsonl") == {"a:b": CAUGHT_LATE}


def test_the_table_counts_each_layer_by_what_it_met() -> None:
    shown = table([CAUGHT_LATE, Result("c:d", SURVIVED, {"scenarios": "", "diff": ""})], ["scenarios", "diff"])

    assert shown.splitlines() == [
        "scenarios  caught 0 of 2",
        "diff       caught 1 of 2",
        "together   caught 1 of 2",
    ]


def test_every_equivalent_mechanical_mutant_has_its_file_and_a_reason() -> None:
    assert [file for file, *_ in EQUIVALENT_LINES if not (PACKAGE / file).exists()] == []
    assert [file for file in BEYOND if not (PACKAGE / file).exists()] == []
    assert all((*EQUIVALENT_LINES.values(), *BEYOND.values()))
