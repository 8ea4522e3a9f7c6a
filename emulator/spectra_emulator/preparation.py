"""What is done before the server is ready: fixtures built, the object store reached, seed hooks run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spectra_emulator.adapters.seed_hooks import SUFFIXES, SeedHooks, Tables
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import ObjectStore, QueryEngine, StateStore
from spectra_emulator.services.readiness import Check, CheckState, Readiness
from spectra_emulator.services.tenants import TenantService
from spectra_emulator.settings import Settings
from spectra_emulator.settings_sources import SettingsError

_HOOKS = "seed_hooks"
_TABLES, _WAREHOUSE = "fixtures", "warehouse"
_PROBED_KEY = "readiness"


@dataclass(frozen=True)
class Preparation:
    readiness: Readiness
    hooks: SeedHooks
    strict: bool

    def begin(self, environ: Mapping[str, str], give_up: Callable[[], object]) -> None:
        """Run the hooks beside the requests that come already; a strict start gives up where one fails."""
        self.hooks.environ = environ
        self.readiness.begin(_HOOKS, lambda check: give_up() if self.strict and _failed(check) else None)

    def after_reset(self, tenant_id: str | None) -> None:
        """Run the hooks that concern the tenant, or all; a hook that resets calls none.

        Raises: InternalError.
        """
        if self.hooks.running or not self.hooks.found():
            return
        check = self.readiness.noted(_HOOKS, lambda: self.hooks.run(tenant_id))
        if _failed(check):
            raise InternalError(f"The reset is done, but a seed hook failed: {check.reason}")


def preparation(
    settings: Settings, tenants: TenantService, engine: QueryEngine, state: StateStore, objects: ObjectStore
) -> Preparation:
    """Put it together.

    Raises: SettingsError.
    """
    for path in settings.seed_hook:
        if not path.exists():
            raise SettingsError(f"seed_hook: {path} is neither a file nor a folder")
        if path.is_file() and path.suffix not in SUFFIXES:
            raise SettingsError(f"seed_hook: {path} is no hook: only {', '.join(sorted(SUFFIXES))}")
    hooks = SeedHooks([path.absolute() for path in settings.seed_hook], Tables(tenants.known, tenants.run_sql))
    external = settings.s3_location() is not None
    checks: dict[str, Callable[[], object]] = {
        "state": state.tenant_ids,
        _TABLES if settings.backend_location() is None else _WAREHOUSE: lambda: engine.build(tenants.known()),
        "object_store": lambda: objects.size_bytes(_PROBED_KEY) if external else None,
        _HOOKS: hooks.run,
    }
    return Preparation(Readiness(checks, frozenset({_HOOKS})), hooks, settings.seed_hook_strict)


def _failed(check: Check) -> bool:
    return check.state is CheckState.FAILED
