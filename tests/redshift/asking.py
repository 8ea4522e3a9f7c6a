"""Questions to an engine, as the service asks them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from spectra_emulator.domain.queries import Rows
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.ports import QueryEngine
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped

RULES = SqlRules(security_level=SecurityLevel.PERMISSIVE, allow_union=True)


def asked(engine: QueryEngine, sql: str, cap: int = 100, tenant_id: str = "tenant-123", seconds: float = 20) -> Rows:
    query = engine.prepare(tenant_id, capped(parse_read_only(sql, RULES), cap))
    return query.run(str(uuid.uuid4()), cap, timedelta(seconds=seconds), lambda: None)


def rows(engine: QueryEngine, sql: str, tenant_id: str = "tenant-123") -> Any:
    return json.loads(asked(engine, sql, tenant_id=tenant_id).rows_json)


@dataclass
class Beside:
    """A call that runs in a thread of its own; `error` is what it raised, `seconds` how long it took."""

    call: Callable[[], object]
    error: BaseException | None = None
    seconds: float = 0.0
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def over(self) -> bool:
        return not self.thread.is_alive()

    def ended(self) -> Beside:
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            self.call()
        except BaseException as error:  # noqa: BLE001 - it is what the test looks at
            self.error = error
        self.seconds = time.monotonic() - begun
