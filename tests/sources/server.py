"""A server on 127.0.0.1 that misbehaves as a test asks it to: plain sockets, a thread for each connection, all bounded."""

from __future__ import annotations

import contextlib
import functools
import gzip
import socket
import threading
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from digest.sources.network.fetch import Client
from digest.sources.network.limits import Clock, FetchLimits, ServiceRule

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Handler = Callable[["Exchange"], None]

UNHURRIED = ServiceRule(per_second=1e6, source="a test")


class Exchange:
    """One request, and the socket on which to answer or not."""

    def __init__(self, connection: socket.socket, head: bytes, over: threading.Event) -> None:
        self.connection, self.over = connection, over
        first, *lines = head.decode("latin-1").split("\r\n")
        self.target = first.split(" ")[1]
        self.path = urlsplit(self.target).path
        self.query = {
            name: values[0] for name, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()
        }
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def reply(
        self, body: bytes | str = b"", status: int = 200, headers: Mapping[str, str] | None = None, **named: str
    ) -> None:
        """A whole and right answer; in the names of headers `_` means `-`."""
        body = body.encode() if isinstance(body, str) else body
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in {**(headers or {}), **named}.items()]
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n" + "".join(lines)
        self.send(head.encode("utf-8") + b"\r\n" + body)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """The bytes one by one, slowly, until nobody listens."""
        for n in range(len(data)):
            if self.over.wait(pause):
                return
            self.send(data[n : n + 1])


class Server:
    """The server; use it in a ``with``."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.handler, self.tls = handler, tls
        self.requests: list[Exchange] = []
        self.over = threading.Event()
        self.arrived = threading.Condition()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.name = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.name}"
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)

    def asked(self, count: int) -> int:
        """How many requests there were, once so many have come: a client that gave up may be ahead of the server."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.requests) >= count, timeout=120)
            return len(self.requests)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.settimeout(120)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65536)
                if not data:
                    return
                head += data
            exchange = Exchange(connection, head.partition(b"\r\n\r\n")[0], self.over)
            with self.arrived:
                self.requests.append(exchange)
                self.arrived.notify_all()
            self.handler(exchange)
            # An end that the other side sees as one: what it has sent is read, so that no reset overtakes our bytes.
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)


class Skipping(Clock):
    """A clock on which waiting takes no time; it remembers how long was waited."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.slept)

    def time(self) -> float:
        return 1_785_000_000 + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Striding(Skipping):
    """A clock on which so many seconds pass whenever it is looked at."""

    def __init__(self, stride: float) -> None:
        super().__init__()
        self.stride, self.looks = stride, 0

    def monotonic(self) -> float:
        self.looks += 1
        return self.looks * self.stride + sum(self.slept)


def client(
    *servers: Server,
    limits: FetchLimits = FetchLimits(),  # noqa: B008 - frozen
    cache: Path | None = None,
    clock: Clock | None = None,
    messages: list[str] | None = None,
    contact: str = "",
    api_keys: Mapping[str, str] | None = None,
    rules: Mapping[str, ServiceRule] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Client:
    """A client that may ask these servers, and does not wait."""
    return Client(
        limits=limits,
        cache=cache,
        clock=clock or Skipping(),
        allow=frozenset(server.name for server in servers),
        rules=rules or {server.name: UNHURRIED for server in servers},
        tell=(messages if messages is not None else []).append,
        contact=contact,
        api_keys=api_keys,
        tls=tls,
    )


@functools.cache
def bomb(megabytes: int) -> bytes:
    """So many megabytes of nothing, packed."""
    return gzip.compress(b"\0" * (megabytes << 20), 9)
