"""The one door to the network: sends each request with its headers, politely and within limits, or says why not.

It is built on httpcore, which lets us open the socket: the address that was checked is the address that is connected
to, and every read ends at the deadline of the whole exchange; the time-outs of a higher-level client would not stop a
slow drip. Packed bodies are unpacked here with a bound on the output: a bomb costs no more than what it may unpack to.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
import zlib
from importlib import metadata
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, urljoin

import httpcore
import msgspec

from digest.sources.network.addresses import WebAddress, without_secrets
from digest.sources.network.cache import Cache
from digest.sources.network.connections import (
    ALLOW_ELSEWHERE,
    ALLOW_HERE,
    MOST_HEAD,
    GuardedBackend,
    resolve_host,
    trusted_certificates,
)
from digest.sources.network.failures import FetchError, RetryableError
from digest.sources.network.limits import DEFAULT_RULE, RULES, Clock, FetchLimits, ServiceRule
from digest.sources.network.packing import Unpacker
from digest.sources.page import Page

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from digest.sources.network.cache import CachedAnswer
    from digest.sources.network.connections import Resolver

_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = frozenset({80, 443, 8080, 8443})
_TODO: Final = {
    401: "it wants a login, which is not possible here: save the file and use it as the source",
    403: "it refuses programs: save the file in a browser and use it as the source",
    404: "check whether the address is still right",
    410: "it is gone for good: remove the source",
    429: "it was asked too often: try again later",
}
_FREE: Final = 4 * 2**20  # below this a body may be packed as tightly as it likes


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: a body with its address.

    Attributes:
        content: the body, unpacked.
        where: the address without keys.
        kept: whether it is from the cache, because the server said that it has not changed.
    """

    content: bytes
    where: str
    kept: bool = False


class Client:
    """Gets pages. Use it in a ``with``, for one source after another; it is not for several threads at once.

    Args:
        contact: e-mail address of whoever is responsible; sent to the servers that are asked.
        api_keys: keys by the `ServiceRule.name` of their service, such as ``ncbi``.
        cache: folder of earlier answers; none: nothing is kept.
        allow: ``host:port`` of servers that may be on a private address or an odd port; nothing without a
            ``digest.yaml`` that could name any.
        limits: limits of each exchange.
        rules: what operators ask for, by host.
        tell: is called with a message about what takes long and what could not be kept.
        clock: the time.
        resolve: gives the IP addresses of a host.
        tls: the certificates to trust; none: those of the system.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        api_keys: Mapping[str, str] | None = None,
        cache: Path | None = None,
        allow: frozenset[str] | None = frozenset(),
        limits: FetchLimits = FetchLimits(),  # noqa: B008 - frozen
        rules: Mapping[str, ServiceRule] = RULES,
        tell: Callable[[str], None] = lambda _: None,
        clock: Clock = Clock(),  # noqa: B008 - without state
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._contact = re.sub(r"[^!-~]|[()<>\"\\]", "", contact)[:200]
        self._keys = {name: key.strip() for name, key in (api_keys or {}).items() if key.strip()}
        self._allow = frozenset(entry.lower() for entry in allow or ())
        self._limits, self._rules, self._tell, self._clock = limits, rules, tell, clock
        self._cache = Cache(cache, limits.cache, tell) if cache else None
        self._ready: dict[str, float] = {}  # when a rule allows the next request
        self._slower: dict[str, float] = {}  # seconds between requests, as an answer said
        self._jitter = random.Random()  # noqa: S311 - spreads clients over time, guards nothing
        self._to_allow = ALLOW_HERE if allow is not None else ALLOW_ELSEWHERE
        self._backend = GuardedBackend(self._allow, self._to_allow, limits, resolve or resolve_host)
        self._tls = tls
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes what is open."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        if self._cache:
            self._cache.trim()

    @property
    def limits(self) -> FetchLimits:
        """What an answer and a source may cost."""
        return self._limits

    def now(self) -> float:
        """Seconds since some moment, on the clock of this client."""
        return self._clock.monotonic()

    def get(self, url: str, *, accept: str = "", fresh: bool = False) -> Page:
        """The page at an address.

        Args:
            url: the address.
            accept: the media types that are wanted.
            fresh: ignore the cache.

        Raises:
            FetchError: it could not be fetched; an answer in the cache stays there.
        """
        answer = self.fetch(url, accept=accept, fresh=fresh)
        return Page(answer.content, answer.where)

    def fetch(self, url: str, *, accept: str = "", fresh: bool = False) -> Fetched:
        """The answer from an address; see `get`."""
        address = WebAddress.read(url)
        where = self.plain(address.url)
        self._check(address, where)
        cache = None if fresh else self._cache
        kept = cache.load(where, accept) if cache else None
        failed = FetchError("was not asked", where=where)
        self._backend.begin(self._clock)
        asked_for = 0.0  # seconds that the server has made us wait
        for turn in range(self._limits.tries):
            try:
                return self._exchange(address, where, accept, cache, kept)
            except RetryableError as error:
                failed = error.failed
                if turn + 1 == self._limits.tries:
                    break
                pause = 2.0**turn * self._jitter.uniform(0.75, 1.25)
                if (asked := error.after) is not None and asked > pause:
                    asked_for += asked
                    if asked_for > self._limits.wait:
                        todo = f"the server asks to wait {_span(asked)}: try again then"
                        raise FetchError(failed.found, where=where, todo=todo, status=failed.status) from None
                    pause = asked
                if pause >= 5:
                    self._tell(f"{where}: {failed.found}; waiting {_span(pause)}")
                self._clock.sleep(pause)
                self._backend.allow_for(pause)
        tries = f"{failed.found}, {self._limits.tries} times" if self._limits.tries > 1 else failed.found
        raise FetchError(
            tries, where=where, expected=failed.expected, todo=failed.todo or "try again later", status=failed.status
        ) from failed

    def plain(self, url: str) -> str:
        """The address without any key: for people, files and the cache."""
        for key in self._keys.values():
            for form in {key, quote(key, safe="")}:
                url = url.replace(form, "***")
        return without_secrets(url)

    def _check(self, address: WebAddress, where: str) -> None:
        """Refuses an address before anything is asked of anybody."""
        if address.port not in _PORTS and address.name not in self._allow:
            todo = f"if you mean it, {self._to_allow.format(address.name)}"
            raise FetchError(f"the port {address.port} is unusual and is not used", where=where, todo=todo)

    def _exchange(
        self, address: WebAddress, where: str, accept: str, cache: Cache | None, kept: CachedAnswer | None
    ) -> Fetched:
        """One try: the request, its redirects, and the body."""
        asked, plain, redirects = kept, False, 0
        while True:
            status, headers, content = self._ask(address, where, accept, asked, plain=plain)
            if status in _REDIRECTS:
                redirects += 1
                if redirects > self._limits.redirects:
                    raise FetchError(f"redirects more than {self._limits.redirects} times", where=where)
                address = self._redirected(address, where, headers)
            elif status != 304:
                if cache:
                    cache.store(where, accept, headers, content)
                return Fetched(content=content, where=where)
            elif asked:
                return Fetched(content=asked.content, where=where, kept=True)
            elif plain:
                raise FetchError(
                    "answers that nothing has changed, but nothing is in the cache", where=where, status=304
                )
            else:
                plain = True  # once more, and proxies in between are asked to check

    def _redirected(self, address: WebAddress, where: str, headers: Mapping[str, str]) -> WebAddress:
        target = headers.get("location", "").strip()
        if not target:
            raise FetchError("redirects without an address", where=where)
        with contextlib.suppress(UnicodeError):
            target = target.encode("latin-1").decode()  # many servers send UTF-8 as it is
        try:
            new = WebAddress.read(urljoin(address.url, target))
            if new.origin != address.origin:
                new = new.without(self._keys.values())
            self._check(new, where)
        except FetchError as error:
            raise FetchError(f"a redirect is refused: {error.found}", where=where, todo=error.todo) from error
        except ValueError as error:
            raise FetchError("a redirect is refused: this is not a web address", where=where) from error
        if (
            new.name in self._allow and address.name not in self._allow
        ):  # what is allowed to you is not allowed to strangers
            raise FetchError("a redirect is refused: from the open internet to a server of your own", where=where)
        if address.scheme == "https" and new.scheme == "http":
            raise FetchError("a redirect is refused: from https to http", where=where, expected="an encrypted address")
        return new

    def _ask(
        self, address: WebAddress, where: str, accept: str, kept: CachedAnswer | None, *, plain: bool
    ) -> tuple[int, dict[str, str], bytes]:
        """One request: its status, headers and body."""
        rule = self._rule(address)
        target, headers, known = self._dressed(address, rule)
        self._wait(rule, known=known, name=self._rule_name(address))
        headers["Accept"] = re.sub(r"[^ -~]", "", accept) or "*/*"
        if kept and kept.etag:
            headers["If-None-Match"] = kept.etag
        if kept and kept.modified:
            headers["If-Modified-Since"] = kept.modified
        if plain:
            headers["Cache-Control"] = "no-cache"
        request = httpcore.Request(
            "GET",
            httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=target),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._limits.read)},
        )
        backend = self._backend
        backend.where = where
        backend.await_answer()
        try:
            response = self._connections(address.scheme).handle_request(request)
            try:
                backend.head = False
                return self._answer(response, where, self._rule_name(address))
            finally:
                response.close()
        except httpcore.ConnectTimeout as error:
            raise RetryableError(FetchError("no connection in time", where=where)) from error
        except httpcore.TimeoutException as error:
            raise RetryableError(FetchError(f"silent for {self._limits.read:g} s", where=where)) from error
        except httpcore.ConnectError as error:
            raise self._not_connected(error, where) from error
        except httpcore.LocalProtocolError as error:  # what we would send is not HTTP
            raise FetchError(self.plain(f"cannot be asked: {error}"), where=where) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            if backend.head and backend.heads > MOST_HEAD:
                raise FetchError("more than 100 kB of headers", where=where) from error
            what = "broke off in the middle" if not backend.head else "broke off, or does not speak HTTP"
            raise RetryableError(FetchError(what, where=where, expected="the whole answer")) from error

    def _dressed(self, address: WebAddress, rule: ServiceRule) -> tuple[str, dict[str, str], bool]:
        """Target and headers with what the operator asks of clients, and whether that makes us known.

        A key is sent unencrypted only to a server that the user has allowed.
        """
        key = self._keys.get(rule.name, "") if address.scheme == "https" or address.name in self._allow else ""
        if key and not re.fullmatch(r"[!-~]{6,500}", key):
            # Reported when this service is asked; files and other services do not need it.
            raise FetchError(
                f"the key for {rule.name} is not a valid key", expected="letters, digits and signs without spaces"
            )
        headers = {"Host": address.authority, "User-Agent": self._user_agent(), "Accept-Encoding": "gzip, deflate"}
        target = address.target
        for parameter, value in ((rule.contact, self._contact), (rule.tool, "digest"), (rule.key, key)):
            if parameter.startswith("header:") and value:
                headers[parameter.removeprefix("header:")] = f"Bearer {value}"
            elif parameter and value and not re.search(rf"[?&]{parameter}=", target):
                target += ("&" if "?" in target else "?") + f"{parameter}={quote(value, safe='')}"
        return target, headers, bool(key) or (rule.known_by == "contact" and bool(self._contact))

    def _not_connected(self, error: Exception, where: str) -> Exception:
        text = str(error)
        if "CERTIFICATE_VERIFY" in text:
            todo = "check the address; a certificate of your own network belongs in this machine's store"
            return FetchError("its certificate is not trusted", where=where, todo=todo)
        return RetryableError(FetchError("cannot be connected to", where=where))

    def _answer(self, response: httpcore.Response, where: str, rule: str) -> tuple[int, dict[str, str], bytes]:
        if len(response.headers) > self._limits.headers:
            raise FetchError(
                f"{len(response.headers):,} headers", where=where, expected=f"{self._limits.headers} at most"
            )
        headers: dict[str, str] = {}
        for raw, value in response.headers:
            name = raw.decode("latin-1").lower()
            text = value.decode("latin-1").strip()
            if name == "location" and headers.get(name, text) != text:
                raise FetchError("redirects to two places at once", where=where)
            headers[name] = f"{headers[name]}, {text}" if name in headers and name != "location" else text
        self._slow_down(headers, rule)
        status = response.status
        if status in _REDIRECTS or status == 304:
            return status, headers, b""
        if status in {200, 203}:
            return status, headers, self._body(response, headers, where)
        words = self._error_words(response, headers, where)
        failed = FetchError(
            f"answers {status}{f': {words}' if words else ''}", where=where, todo=_TODO.get(status, ""), status=status
        )
        if status in _AGAIN:
            raise RetryableError(failed, self._retry_after(headers))
        raise failed

    def _error_words(self, response: httpcore.Response, headers: Mapping[str, str], where: str) -> str:
        """The first words of an answer that reports an error."""
        try:
            body = self._body(response, headers, where, most=2**16)
        except (FetchError, RetryableError, httpcore.NetworkError, httpcore.ProtocolError):
            return ""
        text = body.decode("utf-8", "replace")[:4000]
        text = re.sub(r"(?is)<(?:script|style|head)\b.{0,4000}?</(?:script|style|head)\b", "<", text)
        text = re.sub(r"<[^<>]{0,400}>?|[^ -~\u00a1-\ufffd]", " ", text)
        return self.plain(" ".join(text.split()))[:160]

    def _body(
        self, response: httpcore.Response, headers: Mapping[str, str], where: str, *, most: int | None = None
    ) -> bytes:
        """The body, unpacked; never more than is allowed."""
        limit = min(self._limits.size, most or self._limits.size)
        packings = [
            word
            for word in re.split(r"[\s,]+", headers.get("content-encoding", "").lower())
            if word not in {"", "identity"}
        ]
        if len(packings) > 1 or (packings and packings[0] not in {"gzip", "x-gzip", "deflate"}):
            found = f"packed as “{', '.join(packings)[:60]}”"
            raise FetchError(found, where=where, expected="gzip, deflate or nothing, once")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > limit:
            raise FetchError(f"{int(length[:20]):,} bytes", where=where, expected=f"{limit:,} at most")
        body = io.BytesIO()  # its value is returned without another copy
        unpack = Unpacker(packings[0]) if packings else None
        packed = 0
        for chunk in response.iter_stream():
            packed += len(chunk)
            try:
                for piece in unpack.feed(chunk) if unpack else (chunk,):
                    body.write(piece)
                    size = body.tell()
                    if size > limit:
                        raise FetchError(f"more than {limit:,} bytes", where=where, expected="a smaller answer")
                    if unpack and size > _FREE and size > packed * self._limits.ratio:
                        found = f"grows over {self._limits.ratio} times its size when it is unpacked"
                        raise FetchError(found, where=where, expected="a body that unpacks to a reasonable size")
            except zlib.error as error:
                failed = FetchError("the packed body is damaged", where=where, expected=f"whole {packings[0]}")
                raise RetryableError(failed) from error
        if unpack and not unpack.whole:
            raise RetryableError(FetchError("the packed body is cut off", where=where, expected=f"whole {packings[0]}"))
        return body.getvalue()

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """The seconds that the server asks to wait; nothing where it does not say, or not in a form that is known."""
        text = headers.get("retry-after", "")
        if text.isascii() and text.isdigit():
            return float(text[:18])
        if (then := _date(text)) is None:
            return None
        now = _date(headers.get("date", ""))  # by the server's own clock, where it shows it
        return max(0.0, then - (self._clock.time() if now is None else now))

    def _slow_down(self, headers: Mapping[str, str], rule: str) -> None:
        """Slows down where an answer says how often it may be asked."""
        limit = re.fullmatch(r"(\d{1,6})", headers.get("x-rate-limit-limit", ""), re.ASCII)
        interval = re.fullmatch(r"(\d{1,4})s?", headers.get("x-rate-limit-interval", ""), re.ASCII)
        if limit and interval and int(limit[1]):
            pause = self._slower[rule] = min(int(interval[1]) / int(limit[1]), 10)
            self._ready[rule] = max(self._ready.get(rule, 0), self._clock.monotonic() + pause)

    def _rule_name(self, address: WebAddress) -> str:
        """The name under which a address is in the table of rules, or its own."""
        if address.name in self._rules:
            return address.name
        labels = address.host.split(".")
        names = (".".join(labels[n:]) for n in range(len(labels) - 1))
        return next((name for name in names if name in self._rules), address.host)

    def _rule(self, address: WebAddress) -> ServiceRule:
        return self._rules.get(self._rule_name(address), DEFAULT_RULE)

    def _wait(self, rule: ServiceRule, *, known: bool, name: str) -> None:
        """Sleeps until the rule allows the next request."""
        rate = rule.known if known and rule.known else rule.per_second
        now = self._clock.monotonic()
        pause = self._ready.get(name, now) - now
        if pause > 0:
            self._clock.sleep(pause)
            self._backend.allow_for(pause)
        self._ready[name] = max(now, self._ready.get(name, now)) + max(1 / rate, self._slower.get(name, 0))

    def _user_agent(self) -> str:
        try:
            version = metadata.version("conference-digest")
        except metadata.PackageNotFoundError:
            version = "0"
        contact = f"mailto:{self._contact}" if "@" in self._contact and ":" not in self._contact else self._contact
        return f"digest/{version}" + (f" (+{contact})" if contact else "")

    def _connections(self, scheme: str) -> httpcore.ConnectionPool:
        """The connections of a scheme; certificates are loaded where they are needed, it takes a while."""
        if scheme not in self._pools:
            import ssl

            nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._pools[scheme] = httpcore.ConnectionPool(
                ssl_context=(self._tls or trusted_certificates()) if scheme == "https" else nobody,
                max_connections=4,
                keepalive_expiry=5,
                http1=True,
                http2=False,
                retries=0,
                network_backend=self._backend,
            )
        return self._pools[scheme]


def _date(text: str) -> float | None:
    """The time of an HTTP date (RFC 9110, section 5.6.7), in seconds."""
    from email.utils import mktime_tz, parsedate_tz

    if not text or len(text) > 64:
        return None
    try:
        parts = parsedate_tz(text)
        return float(mktime_tz(parts)) if parts else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _span(seconds: float) -> str:
    """A duration as a person would say it: ``2 s``, ``5 minutes``, ``31 years``."""
    for size, unit in ((31_556_952, "years"), (86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
