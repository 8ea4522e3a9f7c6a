"""Log lines on stderr: one readable line, or one JSON object, an event."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from spectra_emulator.settings import LogFormat, Settings


class JsonFormatter(logging.Formatter):
    """One object a line; what a request's line says stands in members of its own."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **getattr(record, "facts", {"message": record.getMessage()}),
        }
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        return json.dumps(facts)


def configure_logs(settings: Settings) -> None:
    """Send every log line of this process to stderr."""
    lines = logging.StreamHandler(sys.stderr)
    if settings.log_format is LogFormat.JSON:
        lines.setFormatter(JsonFormatter())
    else:
        lines.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S"))
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(logging.WARNING)
    logging.getLogger("spectra_emulator").setLevel(settings.log_level.upper())
