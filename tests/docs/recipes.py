"""Reads the recipes for containers, which run nowhere here: by each language's own parser, Java's by its compiler."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.clients.conftest import node_binary, not_run
from tests.docs import java

_CONTAINERS = {
    "org/testcontainers/containers/wait/strategy/WaitStrategy.java": """
        package org.testcontainers.containers.wait.strategy;
        public interface WaitStrategy {}
    """,
    "org/testcontainers/containers/wait/strategy/HttpWaitStrategy.java": """
        package org.testcontainers.containers.wait.strategy;
        public class HttpWaitStrategy implements WaitStrategy {
            public HttpWaitStrategy forPort(int port) { return this; }
        }
    """,
    "org/testcontainers/containers/wait/strategy/Wait.java": """
        package org.testcontainers.containers.wait.strategy;
        public class Wait {
            public static HttpWaitStrategy forHttp(String path) { return new HttpWaitStrategy(); }
        }
    """,
    "org/testcontainers/containers/GenericContainer.java": """
        package org.testcontainers.containers;
        import org.testcontainers.containers.wait.strategy.WaitStrategy;
        public class GenericContainer<SELF extends GenericContainer<SELF>> {
            public GenericContainer(String image) {}
            @SuppressWarnings("unchecked") private SELF self() { return (SELF) this; }
            public SELF withExposedPorts(Integer... ports) { return self(); }
            public SELF withEnv(String name, String value) { return self(); }
            public SELF waitingFor(WaitStrategy strategy) { return self(); }
            public void start() {}
            public String getHost() { return ""; }
            public Integer getMappedPort(int port) { return port; }
        }
    """,
}
_USED = """\
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

class Recipe {{
    static String url() {{
{code}
        return url;
    }}
}}
"""


def read_python(folder: Path, code: str) -> None:  # noqa: ARG001 - as the others
    ast.parse(code)


def read_javascript(folder: Path, code: str) -> None:
    node = node_binary()
    if node is None:
        not_run("node")
    (folder / "recipe.mjs").write_text(code, encoding="utf-8")
    subprocess.run([node, "--check", "recipe.mjs"], cwd=folder, check=True, capture_output=True, timeout=60)


def read_java(folder: Path, code: str) -> None:
    java.compiled(folder, {**_CONTAINERS, "Recipe.java": _USED.format(code=code)})


READERS: Mapping[str, Callable[[Path, str], None]] = {
    "docs/testing.md text 1": read_python,
    "docs/testing.md java 1": read_java,
    "docs/testing.md js 1": read_javascript,
}
