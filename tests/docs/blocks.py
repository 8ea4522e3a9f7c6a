"""The code blocks of every page: README.md, docs/, and what else the site shows."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder, pattern in (
        (ROOT, "*.md"),
        (ROOT / "docs", "**/*.md"),
        (ROOT, "conformance/*.md"),
        (ROOT, "fixtures/*.md"),
    )
    for path in folder.glob(pattern)
)
FENCED = re.compile(
    r"^#+ (?P<heading>.+?)$|^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """`number` counts the page's blocks of that language from 1."""

    page: str
    heading: str
    language: str
    number: int
    code: str

    def __str__(self) -> str:
        return f"{self.page} {self.language} {self.number}: {self.heading}"


def blocks_of(page: str) -> Iterator[Block]:
    heading, counted = "", dict[str, int]()
    for match in FENCED.finditer((ROOT / page).read_text(encoding="utf-8")):
        heading = match["heading"] or heading
        if match["code"] is not None:
            language = match["language"]
            counted[language] = counted.get(language, 0) + 1
            yield Block(page, heading, language, counted[language], textwrap.dedent(match["code"]))


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
