"""Try the kit on broken deployments and print what each layer catches: `python -m tests.mutants --help`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.catalogue import hand_written
from tests.mutants.deployment import StillbornError, deployed
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.mechanical import SEED, mechanical
from tests.mutants.mutant import Mutant
from tests.mutants.trial import suspicions

LAYERS = ("scenarios", "diff", "contract")
TRIAL_SECONDS = 420
RATE_LIMITS = "rate:"


@dataclass(frozen=True)
class Result:
    """`caught` names the check that caught the mutant, by layer."""

    mutant: Mutant
    caught: dict[str, str]
    fate: str
    seconds: float


def main() -> int:
    options = _options()
    chosen = list(_chosen(options))
    with ThreadPoolExecutor(options.jobs) as threads:
        results = []
        for result in threads.map(lambda mutant: _tried(mutant, options.layers), chosen):
            results.append(result)
            _tell(result, options.layers)
    _sum_up(results, options.layers)
    if options.json:
        rows = [{"name": each.mutant.name, "fate": each.fate, **each.caught} for each in results]
        options.json.write_text(json.dumps(rows, indent=1))
    return int(any(each.fate == "survived" for each in results))


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
    parser.add_argument("--json", type=Path, help="write the results here")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> Iterator[Mutant]:
    hand = [] if options.no_hand else hand_written()
    for mutant in (*hand, *(mechanical(options.mechanical, options.seed) if options.mechanical else ())):
        if mutant.name.startswith(options.only) and mutant.name not in EQUIVALENT:
            yield mutant


def _tried(mutant: Mutant, layers: list[str]) -> Result:
    began = time.monotonic()
    limited = mutant.name.startswith(RATE_LIMITS)
    try:
        with deployed(mutant.file, mutant.source(), *(() if limited else ("--rate-limits", "off"))) as url:
            caught = _caught(url, layers, mutant, limited=limited)
    except StillbornError:
        return Result(mutant, {}, "stillborn", time.monotonic() - began)
    except subprocess.TimeoutExpired:
        return Result(mutant, {}, "too slow", time.monotonic() - began)
    fate = "caught" if any(caught.values()) else "survived"
    return Result(mutant, caught, fate, time.monotonic() - began)


def _caught(url: str, layers: list[str], mutant: Mutant, *, limited: bool) -> dict[str, str]:
    """Return what a trial in a process of its own says.

    Raises: subprocess.TimeoutExpired.
    """
    mode = "limited" if limited else "unlimited"
    first = suspicions(mutant.name, mutant.requirement)
    command = [sys.executable, "-m", "tests.mutants.trial", url, ",".join(layers), mode, *first]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TRIAL_SECONDS)
    lines = ran.stdout.strip().splitlines()
    if ran.returncode != 0 or not lines:
        raise RuntimeError(f"the trial itself failed: {ran.stderr[-2000:]}")
    caught: dict[str, str] = json.loads(lines[-1])
    return caught


def _tell(result: Result, layers: list[str]) -> None:
    checks = " | ".join(result.caught.get(layer) or "-" for layer in layers)
    print(f"{result.fate:9} {result.seconds:5.1f} s  {result.mutant.name:52} {checks}", flush=True)  # noqa: T201 -- a command prints


def _sum_up(results: list[Result], layers: list[str]) -> None:
    alive = [each for each in results if each.fate != "stillborn"]
    for layer in layers:
        met = [each for each in alive if layer in each.caught]
        print(f"{layer:10} caught {sum(bool(each.caught[layer]) for each in met)} of {len(met)}")  # noqa: T201 -- a command prints
    print(f"together   caught {sum(each.fate == 'caught' for each in alive)} of {len(alive)}")  # noqa: T201 -- a command prints


if __name__ == "__main__":
    sys.exit(main())
