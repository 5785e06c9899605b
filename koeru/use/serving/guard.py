"""Who may ask: a page of another site, which a browser here shows, may not, by whatever name it knows this machine.

A request's `Host` must be an address, `localhost`, or a name that was allowed: else a site whose name comes to mean
this machine (DNS rebinding) would be taken for ourselves. Its `Origin`, where a browser tells one, must be this very
host, a page of this machine, or one that was allowed; others are refused before anything is done, whether or not the
browser would let them see the answer.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

APPS = ("app://.",)  # what desktop programs on Electron call themselves
LOCAL = "localhost"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # where an answer has none of its own
}


class Guard:
    """An ASGI application behind which only those are heard who may ask; it answers their preflights as well."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = (), origins: Collection[str] = ()) -> None:
        self.app, self.hosts, self.origins = app, frozenset(hosts), frozenset([*APPS, *origins])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not _here(_name(f"//{host}"), self.hosts):
            await _refusal(f"the host {host!r} is not this server: --allow-host lets it be")(scope, receive, send)
            return
        if origin is not None and not self._allowed(origin, host):
            await _refusal(f"pages of {origin!r} may not ask: --allow-origin lets them")(scope, receive, send)
            return
        asked = headers.get("access-control-request-method")
        allowing = {} if origin is None else {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        if scope["method"] == "OPTIONS" and origin is not None and asked is not None:
            wanted = headers.get("access-control-request-headers", "")
            more = {"Access-Control-Allow-Methods": "GET, POST, PUT, DELETE", "Access-Control-Max-Age": "600"}
            more |= {"Access-Control-Allow-Headers": wanted} if wanted else {}
            await Response(status_code=204, headers=allowing | more)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told.update({name: value for name, value in HEADERS.items() if name not in told} | allowing)
            await send(message)

        await self.app(scope, receive, answer)

    def _allowed(self, origin: str, host: str) -> bool:
        if origin in self.origins:
            return True
        scheme, _, own = origin.partition("://")
        return scheme in ("http", "https") and (own == host or _here(_name(f"//{own}"), (), loopback=True))


def _name(address: str) -> str:
    """The name of a host, without its port; "" for what is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _here(name: str, names: Collection[str], loopback: bool = False) -> bool:
    if name == LOCAL or name in names:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not loopback


def _refusal(words: str) -> Response:
    return JSONResponse({"detail": words}, 403)
