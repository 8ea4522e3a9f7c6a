"""How the console is served: to whom, under which policy, and how much of it there is."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest
import spectra_emulator
from playwright.sync_api import expect
from spectra_emulator.console.policy import security_headers
from spectra_emulator.ground import browser_origins
from spectra_emulator.settings import Settings

from tests.clients.conftest import NODE_MODULES, node_binary, not_run
from tests.console.conftest import OpenPage
from tests.console.test_workbench import run
from tests.emulator import Emulator, Emulators

ASSETS = Path(spectra_emulator.__file__).parent / "console" / "assets"
FILES = sorted(path for path in ASSETS.rglob("*") if path.is_file())
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser"
    r"|createContextualFragment|setHTML|dangerously|https?://(?!www\.w3\.org/2000/svg)"
)
SECRET = "open-sesame-open-sesame"


def test_a_browser_that_asks_for_nothing_is_led_to_the_console(server: Emulator) -> None:
    answer = server.request("GET", "/", None, BROWSER)

    assert answer.status == 303
    assert urljoin("http://here:8439/", answer.headers["location"]) == "http://here:8439/_spectra/ui"
    assert urljoin("https://a.example/spectra/", answer.headers["location"]) == "https://a.example/spectra/_spectra/ui"


def test_whoever_is_no_browser_finds_nothing_there(server: Emulator) -> None:
    assert server.request("GET", "/").code == "NOT_FOUND"


def test_every_file_is_served_under_the_strict_policy(server: Emulator) -> None:
    answer = server.request("GET", "/_spectra/ui/main.js")
    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))

    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'none'",
        "trusted-types": "'none'",
        "require-trusted-types-for": "'script'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        pytest.param(Settings(), (), id="embedded"),
        pytest.param(Settings(public_url="https://a.example/spectra/"), ("https://a.example",), id="public"),
        pytest.param(Settings(s3="http://minio:9000/files"), ("http://minio:9000",), id="own"),
        pytest.param(
            Settings(s3="http://minio:9000/files", s3_public_url="http://localhost:9000"),
            ("http://localhost:9000",),
            id="own-and-public",
        ),
        pytest.param(
            Settings(s3="s3://files", s3_region="eu-west-1"),
            ("https://files.s3.amazonaws.com", "https://files.s3.eu-west-1.amazonaws.com"),
            id="aws",
        ),
    ],
)
def test_the_policy_lets_links_be_followed_wherever_objects_lie(settings: Settings, origins: tuple[str, ...]) -> None:
    policy = security_headers(browser_origins(settings))["content-security-policy"]

    assert "connect-src " + " ".join(("'self'", *origins)) + ";" in policy


@pytest.mark.parametrize(
    "path", ["/_spectra/ui/nothing.js", "/_spectra/ui/../routes.py", "/_spectra/ui/%2e%2e/routes.py", "/_spectra/ui/"]
)
def test_nothing_but_its_files_is_served(server: Emulator, path: str) -> None:
    assert server.request("GET", path).code == "NOT_FOUND"


def test_an_unchanged_file_is_not_sent_again(server: Emulator) -> None:
    tag = server.request("GET", "/_spectra/ui/main.js").headers["etag"]

    assert server.request("GET", "/_spectra/ui/main.js", None, {"If-None-Match": tag}).status == 304


def test_another_host_name_is_refused(server: Emulator) -> None:
    assert server.request("GET", "/_spectra/ui", None, {"Host": "evil.example"}).code == "FORBIDDEN"


def test_where_it_is_switched_off_there_is_none(emulators: Emulators) -> None:
    own = emulators.start("--console", "off")

    assert own.request("GET", "/_spectra/ui").code == own.request("GET", "/", None, BROWSER).code == "NOT_FOUND"
    assert own.control("GET", "/clock").status == 200
    own.stop()


def test_behind_a_token_the_console_asks_for_it_once(emulators: Emulators, open_page: OpenPage) -> None:
    own = emulators.start("--control-token", SECRET)
    page = open_page(server=own, wait=False)
    dialog = page.get_by_role("dialog", name="Control token")
    dialog.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    dialog.get_by_text("That token was refused").wait_for()
    dialog.get_by_label("Token").fill(SECRET)
    page.keyboard.press("Enter")

    expect(page.locator(".identity-name")).to_have_text("tenant-123")
    assert SECRET not in page.url
    assert SECRET not in own.log.read_text()
    own.stop()


def test_where_no_identity_is_told_the_console_asks_for_one(emulators: Emulators, open_page: OpenPage) -> None:
    fixtures = emulators.folder / "hashed-keys"
    fixtures.mkdir()
    key = f'[[api_keys]]\nkey_sha256 = "{hashlib.sha256(b"my-key").hexdigest()}"\ntenant_id = "mine"\n'
    (fixtures / "tenants.toml").write_text(f'[[tenants]]\ntenant_id = "mine"\n{key}', encoding="utf-8")
    own = emulators.start("--fixtures", str(fixtures))
    page = open_page(server=own, wait=False)
    page.get_by_label("Tenant", exact=True).fill("mine")
    page.get_by_label("API key or bearer token").fill("my-key")
    page.keyboard.press("Enter")
    run(page, "SELECT 1 AS one")

    expect(page.get_by_role("gridcell")).to_have_text(["1"])
    own.stop()


def test_the_whole_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FILES) <= 600_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_no_file_has_a_way_to_make_markup_of_data(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert FORBIDDEN.findall(text) == []
    assert text.count("\n") < 300
    assert path.suffix != ".js" or text.startswith("// @ts-check\n/** ")


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    page = (ASSETS / "index.html").read_text(encoding="utf-8")

    assert re.findall(r"<style|style=|\son\w+=|<script(?![^>]* src=)", page) == []


def test_the_modules_pass_typescripts_checker() -> None:
    node = node_binary()
    if node is None or not (NODE_MODULES / "typescript").is_dir():
        not_run("TypeScript, which `make test` fetches with npm")
    checker = [
        node,
        NODE_MODULES / "typescript" / "bin" / "tsc",
        "--project",
        Path(__file__).with_name("tsconfig.json"),
    ]
    checked = subprocess.run(checker, capture_output=True, text=True, check=False, timeout=120)

    assert (checked.returncode, checked.stdout) == (0, "")
