"""Vendo's Storefront API as Shipclerk uses it: login, looking and buying in one place (seed 003, apis/vendo.md)."""

from __future__ import annotations

from backends.errors import BackendError, NoAnswer, Unreachable
from backends.http import PROBE, Call
from backends.secret import Secret
from backends.vendo import auth
from backends.vendo.asking import API, BOTH, MEDIA
from backends.vendo.auth import Tokens
from backends.vendo.buying import Buying
from backends.vendo.looking import Looking
from backends.vendo.stores import Stores, store_address

__all__ = ["BASE_URL", "BOTH", "Stores", "VendoClient", "store_address"]

BASE_URL = "https://demo.getvendo.com"


class VendoClient(Looking, Buying):
    """Any number of stores and people: whose request it is comes with each call, and nothing is kept between them.

    A request carries exactly one credential, which the type of ``access`` decides: a bearer token for Tokens, an order
    token for OrderToken, none for Guest. Every method raises BackendError: SessionExpired for a token that ran out
    (refresh once, ask again), Forbidden where one must be signed in or the record is somebody else's, NotFound, and
    Invalid with ``fields`` under the names of the forms (``ship_address.city``); what Vendo says about no field in
    particular stands under ``base``. ``request_id`` is the reference that log and errors show.
    """

    async def request_code(
        self,
        store: str,
        email: str,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        request_id: str = "",
    ) -> None:
        """Have a one-time code sent by e-mail; an unknown address becomes a new customer (seed 003).

        Raises Invalid with field ``email``.
        """
        await auth.request_code(self._stores.http(store), email, first_name, last_name, request_id=request_id)

    async def exchange(self, store: str, email: str, code: str | Secret, *, request_id: str = "") -> Tokens:
        """Exchange the code from the e-mail for tokens; raises LoginRefused for a wrong or old one."""
        return await auth.exchange(self._stores.http(store), store, email, code, request_id=request_id)

    async def refresh(self, tokens: Tokens, *, request_id: str = "") -> Tokens:
        """Exchange the refresh token for a new pair; raises SessionExpired if it is no longer taken.

        Keep the new pair before using it: the old one may be dead (apis/vendo.md §2).
        """
        return await auth.refresh(self._stores.http(tokens.store), tokens, request_id=request_id)

    async def revoke(self, store: str, token: Secret, *, request_id: str = "") -> None:
        """End a session by its access token or its refresh token; one that is already gone is no error."""
        await auth.revoke(self._stores.http(store), token, request_id=request_id)

    async def ping(self, store: str | None = None) -> bool:
        """True if the store, or else the configured one, answers at all, whatever it says."""
        try:
            await self._stores.http(store or self._stores.default).ask(Call("GET", API + "/store", PROBE, media=MEDIA))
        except (Unreachable, NoAnswer):
            return False
        except BackendError:
            return True
        return True
