"""A waiver excuses one known deviation, with a reason, until its last day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from spectra_conformance.verdicts import Verdict
from spectra_conformance.waivers import Waiver, WaiverError, read

LAST_DAY = date(2030, 6, 30)
WAIVER = Waiver("GEN-04", "the gateway's own 413", LAST_DAY)
KNOWN = {"GEN-04": None}
WRITTEN = '[[waivers]]\nrequirement = "GEN-04"\nreason = "the gateway\'s own 413"\nexpires = 2030-06-30\n'


def test_a_waiver_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(WRITTEN)

    assert read(file, KNOWN) == (WAIVER,)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("[[waivers]", "is no TOML", id="no TOML"),
        pytest.param(WRITTEN.replace("waivers", "waiver"), r"nothing else", id="another table"),
        pytest.param(WRITTEN + "[notes]\n", "has notes", id="a table beside"),
        pytest.param('waivers = "GEN-04"', "are no tables", id="no tables"),
        pytest.param(WRITTEN.replace("reason", "why"), "requirement, reason and expires", id="other members"),
        pytest.param(WRITTEN.replace("GEN-04", "GEN-99"), "no requirement 'GEN-99'", id="unknown"),
        pytest.param(WRITTEN.replace("the gateway's own 413", " "), "gives no reason", id="no reason"),
        pytest.param(WRITTEN.replace("2030-06-30", '"soon"'), "expires on no day", id="no day"),
    ],
)
def test_a_waiver_that_is_not_whole_stops_the_run(tmp_path: Path, written: str, expected: str) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(written)

    with pytest.raises(WaiverError, match=expected):
        read(file, KNOWN)


@pytest.mark.parametrize(
    ("verdict", "today", "expected"),
    [
        pytest.param(Verdict.FAIL, LAST_DAY, None, id="counts on its last day"),
        pytest.param(None, LAST_DAY, None, id="nothing was decided"),
        pytest.param(Verdict.NOT_APPLICABLE, LAST_DAY, None, id="not applicable"),
        pytest.param(Verdict.FAIL, date(2030, 7, 1), "expired on 2030-06-30", id="expired"),
        pytest.param(Verdict.PASS, LAST_DAY, "take the waiver away", id="passes"),
    ],
)
def test_an_expired_or_passing_waiver_is_a_fault(verdict: Verdict | None, today: date, expected: str | None) -> None:
    complaint = WAIVER.complaint(verdict, today)

    assert (expected is None) == (complaint is None)
    assert expected is None or expected in str(complaint)
