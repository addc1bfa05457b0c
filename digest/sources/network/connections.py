"""Connections that are opened to checked addresses only, and end at the deadline of their exchange."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import httpcore

from digest.sources.network.addresses import is_public
from digest.sources.network.failures import FetchError, RetryableError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from digest.sources.network.limits import Clock, FetchLimits

    Resolver = Callable[[str, int], list[str]]
MOST_HEAD: Final = 100 * 1024  # bytes of status line and headers; httpcore stops there too


ALLOW_HERE: Final = "add “{}” to “allow” in digest.yaml"
ALLOW_ELSEWHERE: Final = "run this in a publication, with “{}” under “allow” in its digest.yaml"


def _not_public(ip: str, to_allow: str, where: str) -> FetchError:
    todo = f"if you mean this server of your own network, {to_allow}"
    return FetchError(f"the address {ip} is not on the open internet and is not asked", where=where, todo=todo)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only, and ends everything at the deadline of the exchange."""

    def __init__(self, allow: frozenset[str], to_allow: str, limits: FetchLimits, resolve: Resolver) -> None:
        self._allow, self._to_allow, self._limits, self._resolve = allow, to_allow, limits, resolve
        self._real = httpcore.SyncBackend()
        self._deadline = 0.0
        self.where = ""
        self.head = True  # whether status and headers are still awaited
        self.heads = 0

    def begin(self, clock: Clock) -> None:
        """Starts the time of a request."""
        self._clock = clock
        self._deadline = clock.monotonic() + self._limits.total

    def await_answer(self) -> None:
        """Starts again to count the bytes of an answer."""
        self.head, self.heads = True, 0
        self._since: float | None = None  # when the bytes that are counted began to come
        self._came = 0

    def came(self, size: int) -> None:
        """Counts bytes that have come.

        Raises:
            FetchError: they come too slowly. A server that sends a byte every few seconds is never silent.
        """
        now = self._clock.monotonic()
        if self._since is None:
            self._since = now
        self._came += size
        if (passed := now - self._since) < self._limits.read:
            return
        if self._came < passed * self._limits.slowest:
            found = f"sends less than {self._limits.slowest:,} bytes a second"
            raise FetchError(found, where=self.where, expected="a faster answer", todo="try again later")
        self._since, self._came = now, 0

    def allow_for(self, pause: float) -> None:
        """Adds the time that we have waited ourselves."""
        self._deadline += pause

    def left(self, most: float | None) -> float:
        """Seconds that may still pass.

        Raises:
            FetchError: there are none left.
        """
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            found = f"not done after {self._limits.total:g} s"
            raise FetchError(found, where=self.where, expected="a faster answer", todo="try again later")
        return left if most is None else min(left, most)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Opens a connection to a host whose address may be asked.

        Raises:
            FetchError: it may not be asked, or the host does not exist.
        """
        del timeout, local_address, socket_options  # ours are in `limits`
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        found = self._addresses(host, port)
        # A name may have public addresses and others (DNS64 adds such): only the public ones are connected to.
        usable = found if name in self._allow else [ip for ip in found if is_public(ip)]
        if not usable:
            raise _not_public(found[0], self._to_allow.format(name), self.where)
        failed: Exception = httpcore.ConnectError("no address")
        for ip in usable[:4]:
            try:
                stream = self._real.connect_tcp(ip, port, timeout=self.left(self._limits.connect))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
                continue
            peer = str(stream.get_extra_info("server_addr")[0])
            if name not in self._allow and not is_public(peer):
                stream.close()
                raise _not_public(peer, self._to_allow.format(name), self.where)
            return _TimedStream(stream, self)
        raise failed

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Is never called."""
        raise NotImplementedError  # nothing uses it

    def sleep(self, seconds: float) -> None:
        """Is never called."""
        raise NotImplementedError  # httpcore's own retries are off

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; asked in a thread, because a resolver has no deadline."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        found: list[str] = []
        failed: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                found.extend(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self.left(self._limits.connect))
        if thread.is_alive() or not found:
            late = thread.is_alive()
            why = "its name was not resolved in time" if late else "the host was not found"
            error = FetchError(why, where=self.where, todo="check the address and your own connection")
            for_good = failed and isinstance(failed[0], socket.gaierror) and failed[0].errno == socket.EAI_NONAME
            raise (error if for_good else RetryableError(error)) from (failed[0] if failed else None)
        return found[:]


def resolve_host(host: str, port: int) -> list[str]:
    """The IP addresses of a host, as the system gives them."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _TimedStream(httpcore.NetworkStream):
    """A stream on which every wait also ends at the deadline of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            data = self._stream.read(max_bytes, self._backend.left(timeout))
        except httpcore.ReadTimeout:
            self._backend.left(None)
            raise
        self._backend.left(None)
        self._backend.came(len(data))
        if self._backend.head:
            self._backend.heads += len(data)
            # Interim answers (1xx) and trickled headers count together; httpcore bounds each by itself only.
            if self._backend.heads > 2 * MOST_HEAD:
                raise FetchError("more than 100 kB of headers", where=self._backend.where)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, self._backend.left(timeout)), self._backend
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


def trusted_certificates() -> ssl.SSLContext:
    """The certificates of this machine, which know those of an institution; those of certifi where it has none."""
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath and not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(certifi.where())
    return context
