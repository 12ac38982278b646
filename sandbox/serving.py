"""How a stand-in listens: on 127.0.0.1 only, on a port that the system picks unless one is asked for."""

import socket
from dataclasses import dataclass, field

from aiohttp import web

_SHUTDOWN_SECONDS = 0.2


@dataclass(frozen=True)
class Served:
    """A stand-in that is listening: where it is reached, and how it is stopped."""

    url: str
    port: int
    _runner: web.AppRunner = field(repr=False)

    async def close(self) -> None:
        """Stop listening and end what is still running; may be called twice."""
        await self._runner.cleanup()


async def serve(app: web.Application, port: int = 0) -> Served:
    """Serve `app` on 127.0.0.1 and return its address, e.g. `http://127.0.0.1:40123` (no slash at the end).

    Raises OSError when the port is taken; nothing is left open then.
    """
    listener = _listener(port)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    bound: int = listener.getsockname()[1]
    return Served(f"http://127.0.0.1:{bound}", bound, runner)


def _listener(port: int) -> socket.socket:
    # asyncio switches Nagle's delay off only on sockets that say IPPROTO_TCP; with proto=0 each request took 44 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener
