"""Web addresses: taken apart and checked, shown without keys, and which IP addresses are on the open internet."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

import msgspec

from digest.sources.network.failures import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterable
_LONGEST: Final = 16 * 1024  # of an address

# IANA's special-purpose registries. Nothing is left to `ipaddress`: its `is_global` passes NAT64, 6to4 and multicast
# in Python 3.11. Of IPv6 only 2000::/3 is given out; what carries an IPv4 address inside is refused with the rest.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in tuple(
        """
        0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
        192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23
        2001:db8::/32 2002::/16 3fff::/20
    """.split()
    )
)
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


# Parameters whose value is secret, in addresses that people put into digest.yaml.
_SECRET: Final = re.compile(
    r"(?i)([?&](?:api[_-]?key|key|apikey|token|access[_-]?token|auth|password|passwd|secret|sig|signature)=)[^&#]*"
)


def without_secrets(url: str) -> str:
    """The address with stars in place of what a parameter such as ``token=`` holds."""
    return _SECRET.sub(r"\1***", url)


class WebAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address in its parts, all of them ASCII and checked."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def read(cls, url: str) -> WebAddress:
        """The parts of an address.

        Raises:
            FetchError: it is not an address, or not one that may be asked.
        """
        url = url.strip()
        shown = _readable(url)
        if len(url) > _LONGEST:
            raise FetchError(
                f"an address of {len(url):,} characters", where=shown[:80], expected=f"{_LONGEST:,} at most"
            )
        if re.search(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]", url):
            raise FetchError("the address contains a space, a backslash or a control character", where=shown)
        try:
            split = urlsplit(url)
            port = split.port
            host = split.hostname or ""
        except ValueError as error:
            raise FetchError("this is not a web address", where=shown, expected="https://…") from error
        if split.scheme not in {"http", "https"}:
            raise FetchError(
                f"the scheme “{split.scheme[:20]}:” is not supported" if split.scheme else "this is not a web address",
                where=shown,
                expected="https:// or http://",
            )
        if "@" in split.netloc:
            raise FetchError("the address contains a name or password", where=shown, expected="an address without them")
        host = _host(host, split, shown)
        default = 443 if split.scheme == "https" else 80
        path = quote(split.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = quote(split.query, safe="/%:@!$&'()*+,;=~-._?")
        target = f"{path}?{query}" if query else path
        return cls(scheme=split.scheme, host=host, port=default if port is None else port, target=target)

    @property
    def authority(self) -> str:
        """Host and port as an address has them, without the usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def name(self) -> str:
        """``host:port``, as `allow` and the rules name it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.authority}{self.target}"

    def without(self, secrets: Iterable[str]) -> WebAddress:
        """The same address without the parameters that carry a key: they were meant for another host."""
        hidden = [key for secret in secrets for key in {secret, secret.replace("+", " ")}]

        def carries_key(text: str) -> bool:
            return any(key in form for key in hidden for form in (text, unquote_plus(text), unquote(text)))

        path, _, query = self.target.partition("?")
        left = [part for part in query.split("&") if part and not carries_key(part)]
        if carries_key(path):
            raise FetchError("it would carry a key to another host")
        return msgspec.structs.replace(self, target=path + ("?" + "&".join(left) if left else ""))


def _readable(url: str) -> str:
    """An address that was not yet read, without name and password."""
    url = re.sub(r"(?<=//)[^/?#]{0,2000}@", "", url[:2000])
    return without_secrets(re.sub(r"[^!-~\u00a1-\ud7ff]", " ", url))[:300]


def _host(host: str, split: SplitResult, shown: str) -> str:
    """The host in ASCII and lower case, or an IP address in its one spelling."""
    if "[" in split.netloc:
        try:
            return str(ipaddress.IPv6Address(host.replace("%", "/")))  # a zone means something on one machine only
        except ValueError as error:
            raise FetchError("this is not an IPv6 address", where=shown) from error
    try:
        ascii_host = (host if host.isascii() else host[:300].encode("idna").decode()).lower().removesuffix(".")
    except UnicodeError as error:
        raise FetchError("this is not a host name", where=shown) from error
    if len(ascii_host) > 253 or not re.fullmatch(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}", ascii_host):
        raise FetchError("this is not a host name", where=shown, expected="a name such as example.org")
    # Some resolvers take a name that ends in a number for an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1.
    if re.fullmatch(r"\d+|0x[0-9a-f]*", ascii_host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(ascii_host))
        except ValueError as error:
            raise FetchError("this number is not a host", where=shown, expected="four numbers, or a name") from error
    return ascii_host
