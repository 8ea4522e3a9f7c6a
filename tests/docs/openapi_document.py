"""An OpenAPI document, as its pages speak of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.docs.markdown import as_yaml, code

METHODS = ("get", "put", "post", "patch", "delete")
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """`tree` is the document as it is written, with its references."""

    tree: Node

    @property
    def schemas(self) -> Node:
        found: Node = self.tree["components"]["schemas"]
        return found

    def followed(self, node: Node) -> Node:
        """Return the node that a reference means."""
        while "$ref" in node:
            found: Any = self.tree
            for word in node["$ref"].removeprefix("#/").split("/"):
                found = found[word]
            node = found
        return node

    def operations(self) -> Iterator[tuple[str, str, Node]]:
        """Yield method, path and operation, which has its path's parameters, too."""
        for path, item in self.tree["paths"].items():
            for method in filter(item.__contains__, METHODS):
                own = [*item.get("parameters", []), *item[method].get("parameters", [])]
                yield method.upper(), path, {**item[method], "parameters": own}

    def members(self, node: Node) -> list[tuple[str, Node, bool]]:
        """Return each member's name and schema, and whether it is required."""
        schema = self.followed(node)
        parts = [schema, *map(self.followed, schema.get("allOf", ()))]
        return [
            (name, member, name in part.get("required", ()))
            for part in parts
            for name, member in part.get("properties", {}).items()
        ]

    def has_entry(self, name: str) -> bool:
        """Tell whether the page describes the schema by name: an object, a choice of them, or words with a meaning."""
        schema = self.schemas[name]
        words = "enum" in schema and "description" in schema
        return "properties" in schema or "oneOf" in schema or words

    def kind(self, node: Node) -> str:
        """Return what a value is, with a link where the page says more."""
        name = reference(node)
        if name and self.has_entry(name):
            return f"[{name}](#{name.lower()})"
        schema = self.followed(node)
        if len(schema.get("allOf", ())) == 1:
            return self.kind(schema["allOf"][0])
        return self._bare(schema) + (" or null" if schema.get("nullable") else "") + _default(schema)

    def _bare(self, schema: Node) -> str:
        if "enum" in schema:
            return ", ".join(code(str(value)) for value in schema["enum"] if value is not None)
        if schema.get("type") == "array":
            return f"array of {self.kind(schema.get('items', {'type': 'value'}))}"
        return " ".join(filter(None, (_spelt(schema), _bounds(schema))))


def document(path: Path) -> Document:
    return Document(yaml.safe_load(path.read_text(encoding="utf-8")))


def reference(node: Node) -> str:
    """Return the name that a reference ends in."""
    return str(node.get("$ref", "")).rpartition("/")[2]


def _spelt(schema: Node) -> str:
    """Return the type; a format of the contract's own tells a generator of clients something, and a reader nothing."""
    kind = str(schema.get("type", ""))
    return {"date-time": "RFC 3339 time", "uri": "URL"}.get(schema.get("format", ""), kind)


def _bounds(schema: Node) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"{low} or more"
    return f"up to {schema['maxLength']} characters" if schema.get("maxLength", 1) > 1 else ""


def _default(schema: Node) -> str:
    return f", {code(as_yaml(schema['default']).strip(chr(39)))} by default" if "default" in schema else ""
