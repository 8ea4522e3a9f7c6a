"""A deployment with one broken promise: the emulator with one place of one file changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "emulator" / "spectra_emulator"


class MisplacedMutantError(Exception):
    """The text that a mutant replaces is not in its file, or not only once."""


@dataclass(frozen=True)
class Mutant:
    """`file` is below the emulator's package; `requirement` is the promise that is broken."""

    name: str
    requirement: str
    file: str
    old: str
    new: str

    def source(self) -> str:
        """Return the file's text with the mutant's change.

        Raises: MisplacedMutantError.
        """
        text = (PACKAGE / self.file).read_text()
        if text.count(self.old) != 1:
            raise MisplacedMutantError(f"{self.name}: {self.old!r} is {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)
