"""Mutants that the kit has not to tell from the emulator as it should be, each with the reason.

No caller sees them, or no rule forbids them, or only credentials or settings that the kit is not given would show them.
"""

from __future__ import annotations

from pathlib import Path

import yaml

EQUIVALENT: dict[str, str] = {
    "query:any-content-type": "a body of another content type may be refused or read: both are tolerated",
    "query:a-timeout-of-301": "a timeout above the most may be refused or lowered, and no answer tells which was used",
    "link:results-of-an-aborted-job": "the counters of a job that gives no file may stand in the place of the refusal",
    "sql:copy-and-unload-are-no-kind": "both are refused all the same, with the same code; only the words differ",
    "sql:truncate-runs": "the parsed statement is refused as well, with the same code and rule",
}

_CONTROLS = "a tester's controls under /_spectra, which are no part of the API"
_SHARED = "only servers that share a state meet it"
_CONFIGURED = "only a store, a state or a warehouse that is not the emulator's own has a location"
_S3 = "how the emulator's store speaks to clients of S3: links alone are part of the API"

BEYOND: dict[str, str] = {
    **dict.fromkeys(("api/fault_gate.py", "api/wire_faults.py", "api/recorder.py"), _CONTROLS),
    **dict.fromkeys(
        (f"services/{name}.py" for name in ("clock", "faults", "hindrances", "job_control", "job_steps", "journal")),
        _CONTROLS,
    ),
    **dict.fromkeys((f"services/{name}.py" for name in ("readiness", "snapshots", "tenants")), _CONTROLS),
    **dict.fromkeys((f"domain/{name}.py" for name in ("durations", "faults", "journal", "snapshots")), _CONTROLS),
    **dict.fromkeys(
        (f"api/{name}.py" for name in ("s3_operations", "s3_errors", "s3_parameters", "object_parts")), _S3
    ),
    **dict.fromkeys(("services/peer_duties.py", "services/bulk_handover.py"), _SHARED),
    **dict.fromkeys((f"domain/{name}_location.py" for name in ("s3", "state", "backend")), _CONFIGURED),
    "api/cross_origin.py": "pages of other origins are served only where origins are configured",
    "api/error_links.py": "the link to a page is the emulator's own, and no check may need it",
    "api/gateway.py": "API Gateway's words are used only where that is configured",
    "domain/masking.py": "what is masked are log lines, which no caller reads",
    "services/no_snapshots.py": "only a server in front of a warehouse takes no snapshots",
}
"""Files about what is no part of the API, in the settings that mutants are served with.

A few of their lines run in every call all the same: a mutant there would show, and is left out with the others.
"""

EQUIVALENT_LINES: dict[tuple[str, str, str], str] = {
    (line["file"], line["was"], line["becomes"]): alike["because"]
    for alike in yaml.safe_load(Path(__file__).with_name("equivalent_lines.yaml").read_text())
    for line in alike["lines"]
}
"""The same for mechanical mutants: the file, and the changed line before and after, as printed from its tree."""
