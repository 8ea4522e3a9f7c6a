"""The reports that are written to files, by the flag that asks for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_conformance.report import html_page, json_report, junit, markdown
from spectra_conformance.results import Results

FILES: Mapping[str, Callable[[Results], str]] = {
    "json": json_report.written,
    "junit": junit.written,
    "html": html_page.written,
    "markdown": markdown.written,
}
