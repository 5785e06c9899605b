"""`python -m koeru serve`: trained voices behind HTTP, for this machine unless told otherwise."""

from __future__ import annotations

import argparse
import errno
import socket
from importlib.metadata import version

LOOPBACK = ("127.0.0.1", "::1")  # where clients look for `localhost`
NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
ENDING = 3  # seconds that answers may still take when somebody ends it
BACKLOG = 128  # connections that wait to be accepted


def run(arguments: argparse.Namespace) -> int:
    """Serve voices until somebody ends it."""
    try:
        import uvicorn

        from koeru.use.serving.app import app
    except ModuleNotFoundError as error:
        raise RuntimeError(f"{error.name} is needed to serve: pip install 'koeru[serve]'") from error
    from koeru.use.serving.engine import Engine, Limits
    from koeru.use.serving.opening import voices_of

    check(arguments)
    sockets = listening(arguments.host, arguments.port)
    voices = voices_of(arguments)
    engine = Engine(voices, voices[0].texts.dictionary, version("koeru"), Limits(waiting=arguments.waiting))
    hosts = [*arguments.allow_host, *([arguments.host] if arguments.host else [])]
    served = app(engine, hosts, [origin.rstrip("/") for origin in arguments.allow_origin])
    config = uvicorn.Config(
        served, log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=ENDING
    )
    print(f"{url(sockets[0])} is the page, and {url(sockets[0])}/docs the API; Ctrl-C ends it", flush=True)
    uvicorn.Server(config).run(sockets)
    return 0


def check(arguments: argparse.Namespace) -> None:
    """Raise ValueError, in words, for what the command line says."""
    if not 0 <= arguments.port < 2**16:
        raise ValueError(f"--port: {arguments.port} is no port: they are below {2**16}")
    if arguments.waiting < 1:
        raise ValueError(f"--waiting: {arguments.waiting}: at least one request waits, the one that is worked for")
    for origin in arguments.allow_origin:
        if "://" not in origin:
            raise ValueError(f"--allow-origin: {origin}: a site is wanted, such as https://example.org")


def listening(host: str | None, port: int) -> list[socket.socket]:
    """Where clients reach us: a host's address, or without one, this machine's own; at any free port for port 0.

    Errors: OSError in words where it cannot be had.
    """
    found: list[socket.socket] = []
    for own in [host] if host is not None else LOOPBACK:
        try:
            found.append(_bound(own, found[0].getsockname()[1] if found else port))
        except socket.gaierror as error:
            raise OSError(f"--host: there is no {own!r}: {error.strerror}") from error
        except OSError as error:
            if found and error.errno in NO_IPV6:
                break
            for other in found:
                other.close()
            taken = error.errno == errno.EADDRINUSE
            why = "somebody serves there already: give another --port" if taken else error.strerror
            raise OSError(f"{own}, port {port}: {why}") from error
    return found


def _bound(host: str, port: int) -> socket.socket:
    (family, *_, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def url(own: socket.socket) -> str:
    """How a browser names where we listen."""
    host, port = own.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
