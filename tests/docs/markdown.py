"""Small pieces of Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import yaml

WIDTH = 100


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or nothing where it has no rows."""
    lines = [row(cells) for cells in rows]
    return "\n".join((row(titles), "|" + "---|" * len(titles), *lines)) if lines else ""


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(one_line(cell).replace("|", r"\|") for cell in cells) + " |"


def one_line(text: str) -> str:
    return " ".join(text.split())


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def sections(parts: Iterable[str]) -> str:
    """Join the parts that there are, with a blank line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def as_yaml(value: object) -> str:
    """Return a value as one line of YAML."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).removesuffix("\n...\n").strip()


def as_json(value: object, indent: str = "") -> str:
    """Return a value as JSON, in one line where it fits."""
    line = json.dumps(value)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {as_json(one, deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(deeper + one for one in inner) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + as_json(one, deeper) for one in value) + f"\n{indent}]"
