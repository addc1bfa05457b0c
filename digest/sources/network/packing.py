"""Packed bodies, unpacked piece by piece: no piece is larger than a slice."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
_SLICE: Final = 2**18
_MEMBERS: Final = 10_000  # of a gzip body: each costs a copy of what is left of its chunk


class Unpacker:
    """Unpacks a body piece by piece, no piece larger than a slice."""

    def __init__(self, packing: str) -> None:
        self._deflate = packing == "deflate"
        self._first = True
        self._engine = zlib.decompressobj(zlib.MAX_WBITS if self._deflate else zlib.MAX_WBITS | 16)
        self._members = 1
        self.whole = True  # an empty body is whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes that a chunk unpacks to.

        Raises:
            zlib.error: it is not packed so.
        """
        if self._first and data:
            self.whole = False
            self._first = False
            if self._deflate and not _is_zlib(data):  # sent by some servers without its two bytes of header
                self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            if self._engine.eof:
                # Another member of a gzip file may follow; anything else after the end is padding.
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
