"""The one door to the network: an address becomes a page, politely and within limits, or a `FetchError` says why not.

It stands on httpcore, which lets us open the socket: the address that was checked is the address that is connected to,
and every read ends at the deadline of the whole exchange; no time-out of a client above it stops a slow drip. Packed
bodies are unpacked here with a bound on the output, so that a bomb costs no more than what it was allowed to be.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import ipaddress
import os
import random
import re
import socket
import tempfile
import threading
import time
import zlib
from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urljoin, urlsplit

import httpcore
import msgspec

from digest.errors import DigestError
from digest.sources.page import Page

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Resolver = Callable[[str, int], list[str]]


class FetchError(DigestError):
    """A source or the network failed.

    Attributes:
        status: the status of the answer, 0 when there was none.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, found: str, *, where: str = "", expected: str = "", todo: str = "", status: int = 0) -> None:
        super().__init__(found, where=where, expected=expected, todo=todo)
        self.status = status


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much time and room an answer may take.

    Attributes:
        connect: seconds until a connection stands.
        read: seconds without a single byte.
        total: seconds for one exchange from its beginning to the last byte, redirects included.
        size: bytes of a body, as sent and unpacked.
        ratio: how many times its packed size a body may have unpacked, once it is over 4 MiB; XML packs about 1:20.
        headers: how many headers an answer may have.
        redirects: how many redirects are followed.
        tries: how often an exchange is tried.
        wait: the longest wait that a server may ask for, in seconds.
        cache: bytes that the cache may hold.
    """

    connect: float = 10
    read: float = 30
    total: float = 180
    size: int = 128 * 2**20
    ratio: int = 200
    headers: int = 256
    redirects: int = 5
    tries: int = 4
    wait: float = 120
    cache: int = 2**30


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator of a server asks of its clients.

    Attributes:
        per_second: requests a second.
        known: requests a second for those who make themselves known.
        known_by: by what they do.
        name: the name of the key in `Client`.
        key: the parameter that carries the key; ``header:NAME`` a header.
        contact: the parameter that carries the contact.
        tool: the parameter that carries the name of the program.
        source: where this is written.
    """

    per_second: float
    known: float | None = None
    known_by: Literal["key", "contact"] = "key"
    name: str = ""
    key: str = ""
    contact: str = ""
    tool: str = ""
    source: str = ""


_NCBI: Final = Rule(
    per_second=3, known=10, name="ncbi", key="api_key", contact="email", tool="tool",
    source="A General Introduction to the E-utilities, NBK25497: 3 requests a second, 10 with a key; tool and email",
)  # fmt: skip
_ARXIV: Final = Rule(per_second=1 / 3, source="arXiv API terms of use: one request every three seconds")
_DEFAULT: Final = Rule(per_second=2, source="ours, where an operator says nothing")
# By host, or a domain with all below it. What an answer says of itself (`X-Rate-Limit-Limit`) can only make it slower.
RULES: Final[Mapping[str, Rule]] = {
    "eutils.ncbi.nlm.nih.gov": _NCBI,
    "ncbi.nlm.nih.gov": Rule(per_second=3, source=_NCBI.source),
    "api.crossref.org": Rule(
        per_second=1, known=3, known_by="contact", name="crossref", contact="mailto",
        key="header:Crossref-Plus-API-Token",
        source="Crossref REST API, access and authentication: polite pool by mailto, limits in X-Rate-Limit-Limit",
    ),
    "arxiv.org": _ARXIV,
    "ebi.ac.uk": Rule(per_second=2, source="Europe PMC publishes no figure; kept modest"),
}  # fmt: skip

_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = frozenset({80, 443, 8080, 8443})
_TODO: Final = {
    401: "it wants a login, which is not possible here: save the file and name it as the source",
    403: "it refuses programs: save the file in a browser and name it as the source",
    404: "look whether the address is still right",
    410: "it is gone for good: remove the source",
    429: "it is asked too often: try again later",
}
_HEAD: Final = 100 * 1024  # bytes of status line and headers; httpcore stops there too
_FREE: Final = 4 * 2**20  # below this a body may be packed as tightly as it likes
_LONGEST: Final = 16 * 1024  # of an address
_SLICE: Final = 2**18
_MEMBERS: Final = 10_000  # of a gzip body: each costs a copy of what is left of its chunk

# IANA's special-purpose registries, and nothing left to `ipaddress`: its `is_global` passes NAT64, 6to4 and multicast
# in Python 3.11. Of IPv6 only 2000::/3 is given out; what carries an IPv4 address inside is refused with the rest.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _GIVEN_OUT:
        return False
    return not any(ip.version == network.version and ip in network for network in _NOT_PUBLIC)


class Clock:
    """The time, and waiting; a test gives one of its own."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body with the address that it was asked from.

    Attributes:
        content: the body, unpacked.
        where: the address without keys.
        kept: whether it is from the cache, the server having said that it is still so.
    """

    content: bytes
    where: str
    kept: bool = False


class Client:
    """Gets pages. Use it in a ``with``, for one source after another; it is not for several threads at once.

    Args:
        contact: e-mail address of who is responsible; told to the servers that are asked.
        api_keys: keys by the `Rule.name` of their service, such as ``ncbi``.
        cache: folder of what was got before; none: nothing is kept.
        allow: ``host:port`` of servers that may be on a private address or an odd port.
        limits: limits of each exchange.
        rules: what operators ask for, by host.
        tell: is told, in words, what takes long and what could not be kept.
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
        allow: frozenset[str] = frozenset(),
        limits: Limits = Limits(),  # noqa: B008 - frozen
        rules: Mapping[str, Rule] = RULES,
        tell: Callable[[str], None] = lambda _: None,
        clock: Clock = Clock(),  # noqa: B008 - without state
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._contact = re.sub(r"[^!-~]|[()<>\"\\]", "", contact)[:200]
        self._keys = {name: key.strip() for name, key in (api_keys or {}).items() if key.strip()}
        self._allow = frozenset(entry.lower() for entry in allow)
        self._limits, self._rules, self._tell, self._clock = limits, rules, tell, clock
        self._cache = _Cache(cache, limits.cache, tell) if cache else None
        self._ready: dict[str, float] = {}  # when a rule allows the next request
        self._slower: dict[str, float] = {}  # seconds between requests, as an answer said
        self._jitter = random.Random()  # noqa: S311 - spreads clients over time, guards nothing
        self._door = _Door(self._allow, limits, resolve or _resolve)
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

    def get(self, url: str, *, accept: str = "", fresh: bool = False) -> Page:
        """The page at an address.

        Args:
            url: the address.
            accept: the media types that are wanted.
            fresh: pass by the cache.

        Raises:
            FetchError: it could not be had; what was kept from before stays kept.
        """
        answer = self.fetch(url, accept=accept, fresh=fresh)
        return Page(answer.content, answer.where)

    def fetch(self, url: str, *, accept: str = "", fresh: bool = False) -> Answer:
        """What `get` gives, before it is a page."""
        place = _Place.read(url)
        where = self.plain(place.url)
        self._check(place, where)
        cache = None if fresh else self._cache
        kept = cache.load(where, accept) if cache else None
        failed = FetchError("was not asked", where=where)
        for turn in range(self._limits.tries):
            try:
                return self._exchange(place, where, accept, cache, kept)
            except _AgainError as error:
                failed = error.failed
                if turn + 1 == self._limits.tries:
                    break
                pause = 2.0**turn * self._jitter.uniform(0.75, 1.25)
                if (asked := error.after) is not None and asked > pause:
                    if asked > self._limits.wait:
                        todo = f"the server asks to wait {_span(asked)}: try again then"
                        raise FetchError(failed.found, where=where, todo=todo, status=failed.status) from None
                    pause = asked
                if pause >= 5:
                    self._tell(f"{where}: {failed.found}; waiting {_span(pause)}")
                self._clock.sleep(pause)
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

    def _check(self, place: _Place, where: str) -> None:
        """Refuses an address before anything is asked of anybody."""
        if place.port not in _PORTS and place.name not in self._allow:
            todo = f"if it is meant, add “{place.name}” to “allow” in digest.yaml"
            raise FetchError(f"the port {place.port} is unusual and is not asked", where=where, todo=todo)

    def _exchange(self, place: _Place, where: str, accept: str, cache: _Cache | None, kept: _Kept | None) -> Answer:
        """One try: the request, its redirects, and the body."""
        self._door.begin(self._clock)
        asked, plain, redirects = kept, False, 0
        while True:
            status, headers, content = self._ask(place, where, accept, asked, plain=plain)
            if status in _REDIRECTS:
                redirects += 1
                if redirects > self._limits.redirects:
                    raise FetchError(f"redirects more than {self._limits.redirects} times", where=where)
                place = self._redirected(place, where, headers)
            elif status != 304:
                if cache:
                    cache.store(where, accept, headers, content)
                return Answer(content=content, where=where)
            elif asked:
                return Answer(content=asked.content, where=where, kept=True)
            elif plain:
                raise FetchError("answers that nothing has changed, and nothing was kept", where=where, status=304)
            else:
                plain = True  # once more, and whatever stands between shall look for itself

    def _redirected(self, place: _Place, where: str, headers: Mapping[str, str]) -> _Place:
        target = headers.get("location", "").strip()
        if not target:
            raise FetchError("redirects without saying where to", where=where)
        with contextlib.suppress(UnicodeError):
            target = target.encode("latin-1").decode()  # many servers send UTF-8 as it is
        try:
            new = _Place.read(urljoin(place.url, target))
            if new.origin != place.origin:
                new = new.without(self._keys.values())
            self._check(new, where)
        except FetchError as error:
            raise FetchError(f"a redirect is refused: {error.found}", where=where, todo=error.todo) from error
        except ValueError as error:
            raise FetchError("a redirect is refused: this is no address", where=where) from error
        if new.name in self._allow and place.name not in self._allow:  # what is allowed to you is not to strangers
            raise FetchError("a redirect is refused: from the open internet to a server of your own", where=where)
        if place.scheme == "https" and new.scheme == "http":
            raise FetchError("a redirect is refused: from https to http", where=where, expected="an encrypted address")
        return new

    def _ask(
        self, place: _Place, where: str, accept: str, kept: _Kept | None, *, plain: bool
    ) -> tuple[int, dict[str, str], bytes]:
        """One request: its status, headers and body."""
        rule = self._rule(place)
        target, headers, known = self._dressed(place, rule)
        self._wait(rule, known=known, name=self._rule_name(place))
        headers["Accept"] = re.sub(r"[^ -~]", "", accept) or "*/*"
        if kept and kept.etag:
            headers["If-None-Match"] = kept.etag
        if kept and kept.modified:
            headers["If-Modified-Since"] = kept.modified
        if plain:
            headers["Cache-Control"] = "no-cache"
        request = httpcore.Request(
            "GET",
            httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=target),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._limits.read)},
        )
        door = self._door
        door.where = where
        door.head, door.heads = True, 0
        try:
            response = self._connections(place.scheme).handle_request(request)
            try:
                door.head = False
                return self._answer(response, where, self._rule_name(place))
            finally:
                response.close()
        except httpcore.ConnectTimeout as error:
            raise _AgainError(FetchError("no connection in time", where=where)) from error
        except httpcore.TimeoutException as error:
            raise _AgainError(FetchError(f"silent for {self._limits.read:g} s", where=where)) from error
        except httpcore.ConnectError as error:
            raise self._not_connected(error, where) from error
        except httpcore.LocalProtocolError as error:  # what we would send is no HTTP
            raise FetchError(self.plain(f"cannot be asked: {error}"), where=where) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            if door.head and door.heads > _HEAD:
                raise FetchError("more than 100 kB of headers", where=where) from error
            what = "broke off in the middle" if not door.head else "broke off, or does not speak HTTP"
            raise _AgainError(FetchError(what, where=where, expected="the whole answer")) from error

    def _dressed(self, place: _Place, rule: Rule) -> tuple[str, dict[str, str], bool]:
        """Target and headers with what the operator wants to know of us, and whether that makes us known.

        A key goes over an open line to a server of one's own only.
        """
        key = self._keys.get(rule.name, "") if place.scheme == "https" or place.name in self._allow else ""
        if key and not re.fullmatch(r"[!-~]{6,500}", key):
            # Told to who asks this service; files and other services do without it.
            raise FetchError(f"the key for {rule.name} is no key", expected="letters, digits and signs without a blank")
        headers = {"Host": place.authority, "User-Agent": self._user_agent(), "Accept-Encoding": "gzip, deflate"}
        target = place.target
        for parameter, value in ((rule.contact, self._contact), (rule.tool, "digest"), (rule.key, key)):
            if parameter.startswith("header:") and value:
                headers[parameter.removeprefix("header:")] = f"Bearer {value}"
            elif parameter and value and not re.search(rf"[?&]{parameter}=", target):
                target += ("&" if "?" in target else "?") + f"{parameter}={quote(value, safe='')}"
        return target, headers, bool(key) or (rule.known_by == "contact" and bool(self._contact))

    def _not_connected(self, error: Exception, where: str) -> Exception:
        text = str(error)
        if "CERTIFICATE_VERIFY" in text:
            todo = "look at the address; a certificate of your own network belongs into this machine's store"
            return FetchError("its certificate is not to be trusted", where=where, todo=todo)
        return _AgainError(FetchError("cannot be connected to", where=where))

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
        self._heed(headers, rule)
        status = response.status
        if status in _REDIRECTS or status == 304:
            return status, headers, b""
        if status in {200, 203}:
            return status, headers, self._body(response, headers, where)
        said = self._said(response, headers, where)
        failed = FetchError(
            f"answers {status}{f': {said}' if said else ''}", where=where, todo=_TODO.get(status, ""), status=status
        )
        if status in _AGAIN:
            raise _AgainError(failed, self._retry_after(headers))
        raise failed

    def _said(self, response: httpcore.Response, headers: Mapping[str, str], where: str) -> str:
        """The first words of an answer that reports a mistake."""
        try:
            body = self._body(response, headers, where, most=2**16)
        except (FetchError, _AgainError, httpcore.NetworkError, httpcore.ProtocolError):
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
        body = io.BytesIO()  # its value is given away without another copy
        unpack = _Unpacker(packings[0]) if packings else None
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
                        raise FetchError(found, where=where, expected="no bomb")
            except zlib.error as error:
                failed = FetchError("the packed body is damaged", where=where, expected=f"whole {packings[0]}")
                raise _AgainError(failed) from error
        if unpack and not unpack.whole:
            raise _AgainError(FetchError("the packed body is cut off", where=where, expected=f"whole {packings[0]}"))
        return body.getvalue()

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """The seconds that the server asks to wait; nothing where it says nothing that can be understood."""
        text = headers.get("retry-after", "")
        if text.isascii() and text.isdigit():
            return float(text[:18])
        if (then := _date(text)) is None:
            return None
        now = _date(headers.get("date", ""))  # by the server's own clock, where it shows it
        return max(0.0, then - (self._clock.time() if now is None else now))

    def _heed(self, headers: Mapping[str, str], rule: str) -> None:
        """Slows down where an answer says how often one may ask."""
        limit = re.fullmatch(r"(\d{1,6})", headers.get("x-rate-limit-limit", ""), re.ASCII)
        interval = re.fullmatch(r"(\d{1,4})s?", headers.get("x-rate-limit-interval", ""), re.ASCII)
        if limit and interval and int(limit[1]):
            pause = self._slower[rule] = min(int(interval[1]) / int(limit[1]), 10)
            self._ready[rule] = max(self._ready.get(rule, 0), self._clock.monotonic() + pause)

    def _rule_name(self, place: _Place) -> str:
        """The name under which a place is in the table of rules, or its own."""
        if place.name in self._rules:
            return place.name
        labels = place.host.split(".")
        names = (".".join(labels[n:]) for n in range(len(labels) - 1))
        return next((name for name in names if name in self._rules), place.host)

    def _rule(self, place: _Place) -> Rule:
        return self._rules.get(self._rule_name(place), _DEFAULT)

    def _wait(self, rule: Rule, *, known: bool, name: str) -> None:
        """Sleeps until the rule allows the next request."""
        rate = rule.known if known and rule.known else rule.per_second
        now = self._clock.monotonic()
        pause = self._ready.get(name, now) - now
        if pause > 0:
            self._clock.sleep(pause)
            self._door.allow_for(pause)
        self._ready[name] = max(now, self._ready.get(name, now)) + max(1 / rate, self._slower.get(name, 0))

    def _user_agent(self) -> str:
        try:
            version = metadata.version("digest")
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
                ssl_context=(self._tls or _trusted()) if scheme == "https" else nobody,
                max_connections=4,
                keepalive_expiry=5,
                http1=True,
                http2=False,
                retries=0,
                network_backend=self._door,
            )
        return self._pools[scheme]


# Parameters whose value is nobody else's business, in addresses that people put into digest.yaml.
_SECRET: Final = re.compile(
    r"(?i)([?&](?:api[_-]?key|key|apikey|token|access[_-]?token|auth|password|passwd|secret|sig|signature)=)[^&#]*"
)


def without_secrets(url: str) -> str:
    """The address with stars in place of what a parameter such as ``token=`` holds."""
    return _SECRET.sub(r"\1***", url)


class _AgainError(Exception):
    """A try failed in a way that another may not.

    Attributes:
        failed: what to raise when there is no other.
        after: seconds that the server asks to wait.
    """

    def __init__(self, failed: FetchError, after: float | None = None) -> None:
        super().__init__(failed.found)
        self.failed, self.after = failed, after


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """An address in its parts, all of them ASCII and none of them surprising."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def read(cls, url: str) -> _Place:
        """The parts of an address.

        Raises:
            FetchError: it is none that is asked here.
        """
        url = url.strip()
        shown = _shown(url)
        if len(url) > _LONGEST:
            raise FetchError(
                f"an address of {len(url):,} characters", where=shown[:80], expected=f"{_LONGEST:,} at most"
            )
        if re.search(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]", url):
            raise FetchError("a blank, a backslash or a control character stands in the address", where=shown)
        try:
            split = urlsplit(url)
            port = split.port
            host = split.hostname or ""
        except ValueError as error:
            raise FetchError("this is no address", where=shown, expected="https://…") from error
        if split.scheme not in {"http", "https"}:
            raise FetchError(
                f"the scheme “{split.scheme[:20]}:” is not asked" if split.scheme else "this is no address",
                where=shown,
                expected="https:// or http://",
            )
        if "@" in split.netloc:
            raise FetchError("a name or password stands in the address", where=shown, expected="an address without")
        host = _host(host, split, shown)
        default = 443 if split.scheme == "https" else 80
        path = quote(split.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = quote(split.query, safe="/%:@!$&'()*+,;=~-._?")
        target = f"{path}?{query}" if query else path
        return cls(scheme=split.scheme, host=host, port=default if port is None else port, target=target)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def name(self) -> str:
        """``host:port``, as `allow` and the rules name it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def without(self, secrets: Iterable[str]) -> _Place:
        """The same place without the parameters that carry a key: they were meant for another host."""
        hidden = [key for secret in secrets for key in {secret, secret.replace("+", " ")}]

        def tells(text: str) -> bool:
            return any(key in form for key in hidden for form in (text, unquote_plus(text), unquote(text)))

        path, _, query = self.target.partition("?")
        left = [part for part in query.split("&") if part and not tells(part)]
        if tells(path):
            raise FetchError("it would carry a key to another host")
        return msgspec.structs.replace(self, target=path + ("?" + "&".join(left) if left else ""))


def _shown(url: str) -> str:
    """An address that was not yet read, without name and password."""
    url = re.sub(r"(?<=//)[^/?#]{0,2000}@", "", url[:2000])
    return without_secrets(re.sub(r"[^!-~\u00a1-\ud7ff]", " ", url))[:300]


def _host(host: str, split: SplitResult, shown: str) -> str:
    """The host in ASCII and lower case, or an IP address in its one spelling."""
    if "[" in split.netloc:
        try:
            return str(ipaddress.IPv6Address(host.replace("%", "/")))  # a zone is for this machine only
        except ValueError as error:
            raise FetchError("this is no IPv6 address", where=shown) from error
    try:
        ascii_host = (host if host.isascii() else host[:300].encode("idna").decode()).lower().removesuffix(".")
    except UnicodeError as error:
        raise FetchError("this is no name of a host", where=shown) from error
    if len(ascii_host) > 253 or not re.fullmatch(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}", ascii_host):
        raise FetchError("this is no name of a host", where=shown, expected="a name such as example.org")
    # What ends in a number is an IPv4 address to some resolvers, however it is written: 2130706433, 0x7f.1, 0177.0.0.1.
    if re.fullmatch(r"\d+|0x[0-9a-f]*", ascii_host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(ascii_host))
        except ValueError as error:
            raise FetchError("this number is no host", where=shown, expected="four numbers, or a name") from error
    return ascii_host


def _private(ip: str, name: str, where: str) -> FetchError:
    todo = f"if this server of your own network is meant, add “{name}” to “allow” in digest.yaml"
    return FetchError(f"the address {ip} is not of the open internet and is not asked", where=where, todo=todo)


class _Door(httpcore.NetworkBackend):
    """Opens connections to checked addresses only, and ends everything at the deadline of the exchange."""

    def __init__(self, allow: frozenset[str], limits: Limits, resolve: Resolver) -> None:
        self._allow, self._limits, self._resolve = allow, limits, resolve
        self._real = httpcore.SyncBackend()
        self._deadline = 0.0
        self.where = ""
        self.head = True  # whether status and headers are still awaited
        self.heads = 0

    def begin(self, clock: Clock) -> None:
        """Starts the time of an exchange."""
        self._clock = clock
        self._deadline = clock.monotonic() + self._limits.total

    def allow_for(self, pause: float) -> None:
        """Adds the time that we ourselves have waited."""
        self._deadline += pause

    def left(self, most: float | None) -> float:
        """Seconds that may still pass.

        Raises:
            FetchError: there are none.
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
        del timeout, local_address, socket_options  # ours are in `limits`
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        found = self._addresses(host, port)
        # A name may have public addresses beside others (DNS64 adds such): only the public ones are connected to.
        usable = found if name in self._allow else [ip for ip in found if is_public(ip)]
        if not usable:
            raise _private(found[0], name, self.where)
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
                raise _private(peer, name, self.where)
            return _Timed(stream, self)
        raise failed

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise NotImplementedError  # nothing asks for it

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError  # httpcore's own retries are off

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; asked in a thread, for a resolver knows no deadline."""
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
            why = "its name was not found in time" if late else "there is no such host"
            error = FetchError(why, where=self.where, todo="look at the address and at your own connection")
            for_good = failed and isinstance(failed[0], socket.gaierror) and failed[0].errno == socket.EAI_NONAME
            raise (error if for_good else _AgainError(error)) from (failed[0] if failed else None)
        return found[:]


def _resolve(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _Timed(httpcore.NetworkStream):
    """A stream on which every wait also ends at the deadline of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, door: _Door) -> None:
        self._stream, self._door = stream, door

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            data = self._stream.read(max_bytes, self._door.left(timeout))
        except httpcore.ReadTimeout:
            self._door.left(None)
            raise
        self._door.left(None)
        if self._door.head:
            self._door.heads += len(data)
            # Interim answers (1xx) and trickled headers count together; httpcore bounds each by itself only.
            if self._door.heads > 2 * _HEAD:
                raise FetchError("more than 100 kB of headers", where=self._door.where)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._door.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._door.left(timeout)), self._door)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


class _Unpacker:
    """Unpacks a body piece by piece, no piece larger than a slice."""

    def __init__(self, packing: str) -> None:
        self._deflate = packing == "deflate"
        self._first = True
        self._engine = zlib.decompressobj(zlib.MAX_WBITS if self._deflate else zlib.MAX_WBITS | 16)
        self._members = 1
        self.whole = True  # an empty body is whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes that a chunk gives.

        Raises:
            zlib.error: it is no such packing.
        """
        if self._first and data:
            self.whole = False
            self._first = False
            if self._deflate and not _is_zlib(data):  # sent by some servers without its two bytes of header
                self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            if self._engine.eof:
                # Another member of a gzip file may follow; anything else behind the end is padding.
                if self._deflate or not data.startswith(b"\x1f"):
                    return
                self._members += 1
                if self._members > _MEMBERS:
                    raise zlib.error("too many members")
                self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield self._engine.decompress(data, _SLICE)
            data = self._engine.unconsumed_tail or self._engine.unused_data
            self.whole = self._engine.eof
        while not self._engine.eof and (more := self._engine.decompress(b"", _SLICE)):
            yield more
        self.whole = self._engine.eof


def _is_zlib(data: bytes) -> bool:
    """Whether data begins with a zlib header (RFC 1950, section 2.2)."""
    return data[0] & 0x0F == 8 and (len(data) < 2 or int.from_bytes(data[:2], "big") % 31 == 0)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in the cache."""

    url: str
    accept: str
    etag: str
    modified: str
    size: int
    content: bytes = b""


_MAGIC: Final = b"digest-page 1 "


class _Cache:
    """Answers that can be asked for again with “has it changed?”; one file each, whole or not there."""

    def __init__(self, folder: Path, room: int, tell: Callable[[str], None]) -> None:
        self._folder, self._room, self._tell = folder, room, tell

    def _file(self, url: str, accept: str) -> Path:
        return self._folder / (hashlib.sha256(f"{url}\n{accept}".encode()).hexdigest()[:40] + ".page")

    def load(self, url: str, accept: str) -> _Kept | None:
        """The kept answer; nothing when there is none, or it is damaged."""
        try:
            data = self._file(url, accept).read_bytes()
        except OSError:
            return None
        first, _, rest = data.partition(b"\n")
        if first != _MAGIC + hashlib.sha256(rest).hexdigest().encode():
            return None
        head, _, content = rest.partition(b"\n")
        try:
            kept = msgspec.json.decode(head, type=_Kept)
        except msgspec.DecodeError:
            return None
        same = kept.url == url and kept.accept == accept and kept.size == len(content)
        return msgspec.structs.replace(kept, content=content) if same else None

    def store(self, url: str, accept: str, headers: Mapping[str, str], content: bytes) -> None:
        """Keeps an answer that has a validator; a disk that is full costs the next visit, not this one."""
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        private = "no-store" in headers.get("cache-control", "").lower() or headers.get("vary", "").strip() == "*"
        if not (etag or modified) or private or len(content) > self._room or len(etag) + len(modified) > 1000:
            return
        kept = _Kept(url=url, accept=accept, etag=etag, modified=modified, size=len(content))
        rest = msgspec.json.encode(kept) + b"\n" + content
        temporary = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
            with os.fdopen(handle, "wb") as stream:
                stream.write(_MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n")
                stream.write(rest)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self._file(url, accept))  # noqa: PTH105 - both are names here
        except OSError as error:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108 - a name here
            self._tell(f"{url}: could not be kept in {self._folder}: {error.strerror or error}")

    def trim(self) -> None:
        """Removes what was written longest ago, until the rest has room, and what a killed run has left."""
        with contextlib.suppress(OSError):
            entries = sorted(
                ((file.stat().st_mtime, file.stat().st_size, file) for file in self._folder.iterdir()), reverse=True
            )
            used = 0
            for written, size, file in entries:
                stale = file.suffix == ".part" and written < time.time() - 86400
                used += size if file.suffix == ".page" else 0
                if stale or (file.suffix == ".page" and used > self._room):
                    file.unlink(missing_ok=True)


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
    """``2 s``, ``5 minutes``, ``31 years``: how long a person would say."""
    for size, unit in ((31_556_952, "years"), (86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _trusted() -> ssl.SSLContext:
    """The certificates of this machine, which know those of an institution; those of certifi where it has none."""
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath and not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(certifi.where())
    return context
