"""QPilot's API as Shipclerk uses it (seed 004, apis/qpilot.md §6)."""

from __future__ import annotations

from backends.errors import BackendError, NoAnswer, Unreachable
from backends.http import PROBE, BackendHttp, Call
from backends.qpilot import auth
from backends.qpilot.asking import Asking
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.reading import Reading
from backends.qpilot.writing import Writing

__all__ = ["BASE_URL", "QpilotClient"]

BASE_URL = "https://api.qpilot.cloud"


class QpilotClient(Reading, Writing):
    """One QPilot, any number of accounts: whose request it is comes with each call, and nothing is kept between them.

    The methods are those of ``Reading`` and ``Writing``. Each takes ``tickets``, where the token of each of its
    requests comes from, and ``site_id``; ``request_id`` is the reference that log and errors show. Every method raises
    BackendError: SessionExpired for a token that QPilot no longer takes, ScopeRefused for what this scope may not do.
    """

    def __init__(self, http: BackendHttp) -> None:
        self._http = http
        super().__init__(Asking(http))

    async def login(self, credentials: Credentials, *, request_id: str = "") -> Token:
        """Exchange credentials for a token of their scope; see ``auth.login`` for what it raises."""
        return await auth.login(self._http, credentials, request_id=request_id)

    async def customer_login(self, credentials: Credentials, customer_id: str, *, request_id: str = "") -> Token:
        """A token for one customer, to be shown once and handed to that customer (seed 004, step 1).

        ``credentials`` are the merchant's own.
        """
        for_one = Credentials(credentials.email, credentials.password, credentials.site_id, "Customer", customer_id)
        return await auth.login(self._http, for_one, request_id=request_id)

    async def ping(self) -> bool:
        """True if QPilot answers at all, whatever it says; no address for it is documented (apis/qpilot.md §1)."""
        try:
            await self._http.ask(Call("GET", "/", PROBE))
        except (Unreachable, NoAnswer):
            return False
        except BackendError:
            return True
        return True
