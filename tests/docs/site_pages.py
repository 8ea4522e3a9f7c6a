"""MkDocs' hook: takes in the pages that lie beside docs/, and leads their links to where the site has them.

On GitHub every page is read where it lies, with links relative to that place. In the site `docs/` is the root, so
`docs/testing.md` is `testing.md`, while README.md keeps its path. A linked file that is no page is carried along.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = "docs/"
BESIDE = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("conformance/README.md", "conformance/requirements.md", "fixtures/README.md"),
)
"""Pages that lie beside docs/."""
LLMS = "llms.txt"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)|^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s:#]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies beside docs/ and is a page, or linked from one."""
    for name in BESIDE:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    known = {file.src_uri for file in files}
    pages = [*(ROOT / name for name in BESIDE), *(ROOT / "docs").rglob("*.md")]
    for name in sorted({found for page in pages for found in linked(page)}):
        if in_site(name) not in known:
            files.append(File.generated(config, in_site(name), abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - MkDocs' signature
    """Lead the page's links to the site's own places."""
    return rewritten(markdown, page.file.src_uri)


def on_post_build(config: MkDocsConfig) -> None:
    """Put llms.txt at the site's root, with links to the pages as they stand there."""
    text = (ROOT / LLMS).read_text(encoding="utf-8")
    Path(config.site_dir, LLMS).write_text(LINK.sub(_to_html, text), encoding="utf-8")


def linked(page: Path) -> set[str]:
    """Return the files that a page links to, by their paths from the root."""
    home = page.relative_to(ROOT).parent.as_posix()
    text = page.read_text(encoding="utf-8")
    targets = [match[2] for pattern in (LINK, IMAGE) for match in pattern.finditer(text) if match[2]]
    found = {posixpath.normpath(posixpath.join(home, target)) for target in targets}
    return {name for name in found if not name.endswith(".md") and (ROOT / name).is_file()}


def rewritten(markdown: str, place: str) -> str:
    """Return a page's text with each relative link as seen from its place in the site."""
    home = posixpath.dirname(place if place in BESIDE else DOCS + place)

    def there(match: re.Match[str]) -> str:
        if not match[2]:
            return match[0]
        target = in_site(posixpath.normpath(posixpath.join(home, match[2])))
        relative = posixpath.relpath(target, posixpath.dirname(place) or ".")
        return match[0].replace(f"({match[2]}", f"({relative}", 1)

    return IMAGE.sub(there, LINK.sub(there, markdown))


def in_site(name: str) -> str:
    """Return where the site has a file of the repository."""
    return name.removeprefix(DOCS)


def _to_html(match: re.Match[str]) -> str:
    if not match[2]:
        return match[0]
    place = PurePosixPath(in_site(match[2]))
    html = {"README.md": place.with_name("index.html"), "openapi.yaml": place}.get(
        place.name, place.with_suffix(".html")
    )
    return f"[{match[1]}]({html})"
