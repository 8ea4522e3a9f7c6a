"""GET /_spectra/ready, and the scripts that fill tenants at start and after a reset."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.emulator import COMMAND, TENANT, Answer, Emulator, Emulators, bare_environment, eventually

ASK = """
import json, os, urllib.request
request = urllib.request.Request(
    os.environ["SPECTRA_CONTROL_URL"] + "/tenants/" + os.environ["SPECTRA_TENANT_ID"] + "/sql",
    json.dumps({"sql": "INSERT INTO hooked VALUES ('" + os.environ.get("SPECTRA_SEED_TENANT", "all") + "')"}).encode(),
    {"Content-Type": "application/json"})
urllib.request.urlopen(request).close()
"""


def written(folder: Path, **files: str) -> Path:
    """Write files; `__` in a name stands for the folder's slash, `_dot_` for the dot."""
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def ready(server: Emulator) -> Answer:
    return server.control("GET", "/ready")


def state_of(server: Emulator, name: str) -> tuple[str, str | None]:
    found = next(check for check in ready(server).json["checks"] if check["name"] == name)
    return found["state"], found["reason"]


def hooked(server: Emulator) -> list[str]:
    return [row["who"] for row in server.query("SELECT who FROM hooked ORDER BY who").json["data"]]


def test_a_server_becomes_ready_with_every_check_shown(server: Emulator) -> None:
    eventually(lambda: ready(server).status == 200)
    answer = ready(server).json

    assert answer["ready"]
    assert [check["name"] for check in answer["checks"]] == ["state", "fixtures", "object_store", "seed_hooks"]
    assert {check["state"] for check in answer["checks"]} == {"passed"}


def test_a_fixture_that_does_not_load_is_named(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--fixtures", str(written(tmp_path, all__broken_dot_sql="CREATE TABLE")))
    eventually(lambda: state_of(server, "fixtures")[0] == "failed")

    assert ready(server).status == 503
    assert "broken.sql" in str(state_of(server, "fixtures")[1])


def test_an_object_store_that_is_not_there_is_told(emulators: Emulators) -> None:
    server = emulators.start("--s3", "http://127.0.0.1:9/bucket", environ={"AWS_MAX_ATTEMPTS": "1"})

    assert eventually(lambda: state_of(server, "object_store")[0] == "failed", 60)


@pytest.fixture(scope="module")
def seeded(emulators: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    hooks = written(
        tmp_path_factory.mktemp("hooks"),
        **{
            "10_all_dot_sql": "CREATE TABLE hooked (who VARCHAR(40))",
            "20_ask_dot_py": ASK,
            "30_shell_dot_sh": 'test -n "$SPECTRA_API_KEY" -a -n "$SPECTRA_API_URL"',
            f"{TENANT}__15_own_dot_sql": "INSERT INTO hooked VALUES ('own')",
            "notes_dot_txt": "not run",
        },
    )
    server = emulators.start("--seed-hook", str(hooks), "--rate-limits", "off")
    eventually(lambda: state_of(server, "seed_hooks")[0] == "passed")
    return server


def test_hooks_run_at_start_in_the_order_of_their_names(seeded: Emulator) -> None:
    assert hooked(seeded) == ["all", "own"]


def test_hooks_run_again_after_a_reset(seeded: Emulator) -> None:
    seeded.sql("INSERT INTO hooked VALUES ('mine')")
    one = seeded.control("POST", "/reset", {"tenant_id": TENANT}).status, hooked(seeded)
    every = seeded.control("POST", "/reset", {}).status, hooked(seeded)

    assert one == (200, sorted(["own", TENANT]))
    assert every == (200, ["all", "own"])


def test_a_hook_that_fails_after_a_reset_is_the_answer(emulators: Emulators, tmp_path: Path) -> None:
    hook = tmp_path / "seed.sh"
    hook.write_text("true")
    server = emulators.start("--seed-hook", str(hook))
    eventually(lambda: state_of(server, "seed_hooks")[0] == "passed")
    hook.write_text("echo the disk is full; exit 3")
    refused = server.control("POST", "/reset", {})

    assert refused.status == 500
    assert "seed.sh ended with 3: the disk is full" in refused.json["error"]["message"]
    assert state_of(server, "seed_hooks") == ("failed", "seed.sh ended with 3: the disk is full")


def test_a_failing_hook_is_logged_and_the_server_serves_on(emulators: Emulators, tmp_path: Path) -> None:
    hooks = written(tmp_path, a_dot_sql="SELEC", b_dot_sql="CREATE TABLE never (a INT)")
    server = emulators.start("--seed-hook", str(hooks))
    eventually(lambda: state_of(server, "seed_hooks")[0] == "failed")

    assert "not ready: seed_hooks: a.sql:" in server.log.read_text()
    assert server.query("SELECT 1 AS n").json["data"] == [{"n": 1}]


def test_a_strict_start_ends_where_a_hook_fails(emulators: Emulators, tmp_path: Path) -> None:
    hook = written(tmp_path, seed_dot_sh="exit 1") / "seed.sh"
    server = emulators.start("--seed-hook", str(hook), "--seed-hook-strict")

    assert server.process.wait(timeout=30) == 1
    assert "seed.sh ended with 1" in server.log.read_text()


def test_a_hook_that_is_not_there_is_refused_at_start() -> None:
    command = [COMMAND, "serve", "--port", "0", "--seed-hook", "/nowhere.sql"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=bare_environment(), timeout=60)

    assert ended.returncode == 2
    assert "seed_hook: /nowhere.sql is neither a file nor a folder" in ended.stderr


def test_several_hooks_are_named_by_repeating_the_flag(emulators: Emulators, tmp_path: Path) -> None:
    folder = written(tmp_path, b_dot_sql="CREATE TABLE hooked (who VARCHAR(9))", c_dot_sql="DROP TABLE hooked")
    server = emulators.start("--seed-hook", str(folder / "c.sql"), "--seed-hook", str(folder / "b.sql"))

    assert eventually(lambda: state_of(server, "seed_hooks")[0] != "waiting")
    assert state_of(server, "seed_hooks") == ("passed", None)
