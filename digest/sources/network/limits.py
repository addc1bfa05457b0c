"""What an answer may cost, how often each service may be asked, and the clock that measures it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class FetchLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much time and room an answer may take.

    Attributes:
        connect: seconds until a connection is open.
        read: seconds without a single byte.
        slowest: bytes a second that must come, counted over `read` seconds from the first byte.
        total: seconds for one request to the last byte, with redirects and further tries, without our own pauses.
        source: seconds that the answers of one source may take in one run, pauses included.
        size: bytes of a body, as sent and unpacked.
        ratio: how many times its packed size a body may have unpacked, once it is over 4 MiB; XML packs about 1:20.
        headers: how many headers an answer may have.
        redirects: how many redirects are followed.
        tries: how often a request is tried.
        wait: how long a server may ask us to wait before further tries of a request, in seconds, all together.
        cache: bytes that the cache may hold.
    """

    connect: float = 10
    read: float = 30
    slowest: int = 1024
    total: float = 120
    source: float = 900
    size: int = 128 * 2**20
    ratio: int = 200
    headers: int = 256
    redirects: int = 5
    tries: int = 4
    wait: float = 120
    cache: int = 2**30


class ServiceRule(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator of a server asks of its clients.

    Attributes:
        per_second: requests a second.
        known: requests a second for clients that identify themselves.
        known_by: how they do so.
        name: the name of the key in `Client`.
        key: the parameter that carries the key; ``header:NAME`` a header.
        contact: the parameter that carries the contact.
        tool: the parameter that carries the name of the program.
        source: where this is documented.
    """

    per_second: float
    known: float | None = None
    known_by: Literal["key", "contact"] = "key"
    name: str = ""
    key: str = ""
    contact: str = ""
    tool: str = ""
    source: str = ""


_NCBI: Final = ServiceRule(
    per_second=3,
    known=10,
    name="ncbi",
    key="api_key",
    contact="email",
    tool="tool",
    source="A General Introduction to the E-utilities, NBK25497: 3 requests a second, 10 with a key; tool and email",
)
_ARXIV: Final = ServiceRule(per_second=1 / 3, source="arXiv API terms of use: one request every three seconds")
DEFAULT_RULE: Final = ServiceRule(per_second=2, source="ours, where an operator gives none")
# By host, or a domain with all below it. What an answer says of itself (`X-Rate-Limit-Limit`) can only make it slower.
RULES: Final[Mapping[str, ServiceRule]] = {
    "eutils.ncbi.nlm.nih.gov": _NCBI,
    "ncbi.nlm.nih.gov": ServiceRule(per_second=3, source=_NCBI.source),
    "api.crossref.org": ServiceRule(
        per_second=1,
        known=3,
        known_by="contact",
        name="crossref",
        contact="mailto",
        key="header:Crossref-Plus-API-Token",
        source="Crossref REST API, access and authentication: polite pool by mailto, limits in X-Rate-Limit-Limit",
    ),
    "arxiv.org": _ARXIV,
    "ebi.ac.uk": ServiceRule(per_second=2, source="Europe PMC publishes no figure; kept modest"),
}


class Clock:
    """The time, and waiting; tests use a clock of their own."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)
