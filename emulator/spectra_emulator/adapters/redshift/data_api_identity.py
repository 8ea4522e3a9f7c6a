"""Who a tenant really is to the database: by the Data API, AWS alone decides that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from spectra_emulator.adapters.redshift.warehouse import Login, Result
from spectra_emulator.domain.errors import OperatorError
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

IDENTITY = "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user"
_GOOD_SECONDS = 600.0
_TIMEOUT = timedelta(seconds=60)
_PREFIXES = ("IAM:", "IAMA:")

Asked = Callable[[Login, str, timedelta], Result]


class Identities:
    """Remembers for some minutes that a login is the tenant's own user, and no superuser."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._lock = threading.Lock()
        self._good_until: dict[Login, float] = {}

    def require(self, login: Login) -> None:
        """Refuse to run anything as somebody else.

        Raises: OperatorError.
        """
        with self._lock:
            if self._good_until.get(login, 0.0) > time.monotonic():
                return
        user, superuser = self._told(login)
        if user not in {login.db_user, *(f"{prefix}{login.db_user}" for prefix in _PREFIXES)}:
            raise OperatorError("AWS takes the tenant for another database user", db_user=login.db_user, given=user)
        if superuser:
            raise OperatorError(
                "The tenant's database user is a superuser, whom row-level security does not hold",
                db_user=login.db_user,
            )
        with self._lock:
            self._good_until[login] = time.monotonic() + _GOOD_SECONDS

    def _told(self, login: Login) -> tuple[str, bool]:
        try:
            rows = self._asked(login, IDENTITY, _TIMEOUT).rows
        except (StatementTimeoutError, StatementCancelledError) as error:
            raise OperatorError("The warehouse does not tell in time who the tenant is") from error
        if not rows:
            raise OperatorError("The warehouse does not tell who the tenant is", db_user=login.db_user)
        user, superuser = rows[0]
        return str(user), superuser is True or str(superuser) in {"t", "true"}
