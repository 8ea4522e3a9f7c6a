"""What became of each mutant, kept line by line, so that a sweep that ended early can be taken up again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

CAUGHT, SURVIVED, STILLBORN, TOO_SLOW, ERROR = "caught", "survived", "stillborn", "too slow", "error"
DECIDED = frozenset({CAUGHT, SURVIVED, STILLBORN})


@dataclass(frozen=True)
class Result:
    """`caught` names the check that caught the mutant, by layer as far as it was tried."""

    name: str
    fate: str
    caught: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    trouble: str = ""

    @property
    def decided(self) -> bool:
        """Whether the trial came to an end that counts."""
        return self.fate in DECIDED


def told(path: Path | None) -> dict[str, Result]:
    """Return the last result of each mutant that a journal tells of, none where there is no journal."""
    if path is None or not path.exists():
        return {}
    results = (Result(**json.loads(line)) for line in path.read_text().splitlines())
    return {result.name: result for result in results}


def note(path: Path | None, result: Result) -> None:
    """Add a result to a journal, where there is one."""
    if path is not None:
        with path.open("a") as journal:
            journal.write(json.dumps(asdict(result)) + "\n")


def table(results: Iterable[Result], layers: Iterable[str]) -> str:
    """Return how many mutants each layer caught of those that it met, and what all of them caught together."""
    met = list(results)
    lines = []
    for layer in layers:
        tried = [each for each in met if layer in each.caught]
        lines.append(f"{layer:10} caught {sum(bool(each.caught[layer]) for each in tried)} of {len(tried)}")
    fates = Counter(each.fate for each in met)
    lines.append(f"together   caught {fates[CAUGHT]} of {fates[CAUGHT] + fates[SURVIVED]}")
    lines += [f"{fate:10} {fates[fate]}" for fate in (STILLBORN, TOO_SLOW, ERROR) if fates[fate]]
    return "\n".join(lines)
