"""Try the kit on broken deployments and print what each layer catches: `python -m tests.mutants --help`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.catalogue import hand_written
from tests.mutants.deployment import StillbornError, deployed
from tests.mutants.equivalent import EQUIVALENT, EQUIVALENT_LINES
from tests.mutants.journal import CAUGHT, ERROR, STILLBORN, SURVIVED, TOO_SLOW, Result, note, table, told
from tests.mutants.mechanical import SEED, WholeFile, mechanical
from tests.mutants.mutant import Mutant
from tests.mutants.trial import suspicions

LAYERS = ("scenarios", "contract", "diff")
TRIAL_SECONDS = 420
LIMITED = re.compile(r"rate:|\w+\.rate_limits:")
"""The names of mutants that only a deployment which keeps to its limits shows."""


AnyMutant = Mutant | WholeFile


class TrialError(Exception):
    """The trial itself failed: it tells nothing of the mutant."""


def main() -> int:
    options = _options()
    known = told(options.journal)
    chosen = list(_chosen(options))
    results = [known[mutant.name] for mutant in chosen if mutant.name in known and known[mutant.name].decided]
    decided = {result.name for result in results}
    open_ones = [mutant for mutant in chosen if mutant.name not in decided]
    with ThreadPoolExecutor(options.jobs) as threads:
        for result in threads.map(lambda mutant: _tried(mutant, options.layers), open_ones):
            results.append(result)
            note(options.journal, result)
            _tell(result, options.layers)
    print(table(results, options.layers))  # noqa: T201 -- a command prints
    return int(any(result.fate not in {CAUGHT, STILLBORN} for result in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--mechanical", type=int, default=0, metavar="N", help="try N mechanical mutants as well")
    parser.add_argument("--seed", type=int, default=SEED, help="draws the mechanical mutants")
    parser.add_argument("--no-hand", action="store_true", help="leave the hand-written ones out")
    parser.add_argument("--only", default="", help="try those alone whose name begins so")
    parser.add_argument(
        "--layers",
        type=lambda text: text.split(","),
        default=list(LAYERS),
        help=f"{','.join(LAYERS)}: in the order given; a later one meets what the earlier ones let through",
    )
    parser.add_argument("--jobs", type=int, default=1, help="mutants at one time")
    parser.add_argument("--journal", type=Path, help="add each result here, and try none again that is decided here")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> Iterator[AnyMutant]:
    """Yield what is to be tried: what no caller can tell from the emulator as it should be is left out."""
    hand = [] if options.no_hand else hand_written()
    drawn = mechanical(options.mechanical, options.seed) if options.mechanical else []
    shown = [mutant for mutant in drawn if (mutant.file, *mutant.change) not in EQUIVALENT_LINES]
    for mutant in (*hand, *shown):
        if mutant.name.startswith(options.only) and mutant.name not in EQUIVALENT:
            yield mutant


def _tried(mutant: AnyMutant, layers: list[str]) -> Result:
    began = time.monotonic()
    limited = LIMITED.match(mutant.name) is not None
    fate, caught, trouble = SURVIVED, dict[str, str](), ""
    try:
        with deployed(mutant.file, mutant.source(), *(() if limited else ("--rate-limits", "off"))) as url:
            caught = _caught(url, layers, mutant, limited=limited)
            fate = CAUGHT if any(caught.values()) else SURVIVED
    except StillbornError:
        fate = STILLBORN
    except subprocess.TimeoutExpired:
        fate = TOO_SLOW
    except TrialError as error:
        fate, trouble = ERROR, str(error)
    return Result(mutant.name, fate, caught, round(time.monotonic() - began, 1), trouble)


def _caught(url: str, layers: list[str], mutant: AnyMutant, *, limited: bool) -> dict[str, str]:
    """Return what a trial in a process of its own says.

    Raises: subprocess.TimeoutExpired, TrialError.
    """
    mode = "limited" if limited else "unlimited"
    first = suspicions(mutant.name, mutant.requirement)
    command = [sys.executable, "-m", "tests.mutants.trial", url, ",".join(layers), mode, *first]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TRIAL_SECONDS)
    lines = ran.stdout.strip().splitlines()
    if ran.returncode != 0 or not lines:
        raise TrialError(ran.stderr[-2000:])
    caught: dict[str, str] = json.loads(lines[-1])
    return caught


def _tell(result: Result, layers: list[str]) -> None:
    checks = " | ".join(result.caught.get(layer) or "-" for layer in layers)
    print(f"{result.fate:9} {result.seconds:5.1f} s  {result.name:52} {checks}{result.trouble}", flush=True)  # noqa: T201 -- a command prints


if __name__ == "__main__":
    sys.exit(main())
