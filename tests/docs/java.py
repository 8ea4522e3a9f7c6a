"""Runs a JUnit 5 test without JUnit, which comes from a registry of its own: its few names stand in for it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCES = {
    "org/junit/jupiter/api/Test.java": """
        package org.junit.jupiter.api;
        @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME) public @interface Test {}
    """,
    "org/junit/jupiter/api/AfterEach.java": """
        package org.junit.jupiter.api;
        @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME) public @interface AfterEach {}
    """,
    "org/junit/jupiter/api/Assertions.java": """
        package org.junit.jupiter.api;
        public class Assertions {
            public static void assertTrue(boolean fact) { if (!fact) throw new AssertionError("not true"); }
            public static void assertEquals(Object expected, Object actual) {
                if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", not " + actual);
            }
        }
    """,
    "Runner.java": """
        import java.lang.annotation.Annotation;
        public class Runner {
            static void run(Class<?> suite, Class<? extends Annotation> kind, Object on) throws Exception {
                for (var method : suite.getDeclaredMethods())
                    if (method.isAnnotationPresent(kind)) { method.setAccessible(true); method.invoke(on); }
            }
            public static void main(String[] names) throws Exception {
                var suite = Class.forName(names[0]);
                for (var method : suite.getDeclaredMethods()) {
                    if (!method.isAnnotationPresent(org.junit.jupiter.api.Test.class)) continue;
                    var made = suite.getDeclaredConstructor();
                    made.setAccessible(true);
                    var on = made.newInstance();
                    method.setAccessible(true);
                    method.invoke(on);
                    run(suite, org.junit.jupiter.api.AfterEach.class, on);
                    System.out.println("passed " + method.getName());
                }
            }
        }
    """,
}


def ran(folder: Path, name: str, code: str, environ: Mapping[str, str]) -> str:
    """Compile the test class with its stand-ins, run its tests and return what they print."""
    compiled(folder, {**SOURCES, f"{name}.java": code})
    return _printed(folder, "java", "-cp", ".", "Runner", name, env=dict(environ))


def compiled(folder: Path, sources: Mapping[str, str]) -> None:
    """Compile sources, by their paths."""
    for path, source in sources.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(source, encoding="utf-8")
    _printed(folder, "javac", *sources)


def _printed(folder: Path, *command: str, env: dict[str, str] | None = None) -> str:
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
