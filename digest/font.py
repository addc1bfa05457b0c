"""Whether a file is a font that can be used, by its bytes; what a packed one would unfold to is seen before it does."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from digest import opening

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS: Final = (".ttf", ".otf", ".woff", ".woff2")
LARGEST: Final = 40 * 2**20  # bytes, unpacked: a font of all Chinese, Japanese and Korean characters has 20 MiB
_TABLES: Final = 200  # of a font; the largest have 40
_GLYPHS: Final = (10, 11)  # the numbers of the tables glyf and loca, whose flags mean the opposite
_SINGLE: Final = (b"\0\1\0\0", b"OTTO", b"true")


def complaint(path: Path) -> str:
    """Why a file cannot be used as a font; empty when it can."""
    try:
        return complaint_about(opening.read_file(path, LARGEST), path.name)
    except OSError as error:
        return f"the font {path.name} cannot be read: {error.strerror or error}"


def is_variable(path: Path) -> bool:
    """Whether a font holds a range of weights or widths (OpenType 1.9, fvar); not seen in WOFF2."""
    try:
        content = opening.read_file(path, LARGEST)
    except OSError:
        return False
    size, begin = (20, 44) if content[:4] == b"wOFF" else (16, 12)
    tables = int.from_bytes(content[12:14] if size == 20 else content[4:6], "big")
    return any(content[begin + size * n : begin + size * n + 4] == b"fvar" for n in range(min(tables, _TABLES)))


def complaint_about(content: bytes, name: str) -> str:
    """Why bytes cannot be used as a font; empty when they can.

    Args:
        content: the bytes.
        name: how the complaint names them.
    """
    broken = f"{name} is not a font, or a broken one; get it again from where it came"
    large = f"the font {name} unfolds to more than {LARGEST // 2**20} MiB"
    if len(content) > LARGEST:
        return f"the font {name} is larger than {LARGEST // 2**20} MiB"
    try:
        if content[:4] == b"wOFF":
            length, tables, _, whole = struct.unpack(">IHHI", content[8:20])
            sizes = [struct.unpack(">4sIIII", content[44 + 20 * n : 64 + 20 * n])[1:4] for n in range(tables)]
            bad = length != len(content) or any(at + packed > length or packed > size for at, packed, size in sizes)
            if max(whole, sum(size for *_, size in sizes)) > LARGEST:
                return large
            return broken if bad or not 0 < tables <= _TABLES else ""
        if content[:4] == b"wOF2":
            length, tables, _, whole, packed = struct.unpack(">IHHII", content[8:24])
            if tables > _TABLES:
                return broken
            if whole > LARGEST or _unfolded(content[48:], tables, packed) > LARGEST:
                return large
            return broken if length != len(content) or packed > length or not 0 < tables <= _TABLES else ""
        if content[:4] not in _SINGLE:
            return broken
        (tables,) = struct.unpack(">H", content[4:6])
        places = [struct.unpack(">4sIII", content[12 + 16 * n : 28 + 16 * n])[2:] for n in range(tables)]
    except struct.error:
        return broken
    bad = any(at + size > len(content) for at, size in places)
    return broken if bad or not 0 < tables <= _TABLES else ""


def _unfolded(content: bytes, tables: int, packed: int) -> int:
    """How many bytes the packed part of a WOFF2 file gives; counting ends where they are too many.

    Args:
        content: what comes after the header (WOFF File Format 2.0, 4.1): the directory, and the packed part.
        tables: how many entries the directory has.
        packed: bytes of the packed part.

    Raises:
        struct.error: the directory is cut off, or the packed part is broken.
    """
    import brotli  # type: ignore[import-untyped]  # it has no types

    at = 0

    def number() -> None:
        """Skips a number of variable length."""
        nonlocal at
        for _ in range(5):
            (byte,) = struct.unpack_from("B", content, at)
            at += 1
            if byte < 128:
                return
        raise struct.error("a number is too long")

    for _ in range(tables):
        (flags,) = struct.unpack_from("B", content, at)
        at += 5 if flags & 63 == 63 else 1
        number()
        if (flags >> 6 != 3) if flags & 63 in _GLYPHS else flags >> 6 != 0:
            number()
    unpacker = brotli.Decompressor()
    try:
        part = unpacker.process(content[at : at + packed], output_buffer_limit=1 << 20)
        size = len(part)
        while part and size <= LARGEST and not unpacker.is_finished():
            part = unpacker.process(b"", output_buffer_limit=1 << 20)
            size += len(part)
    except brotli.error as error:
        raise struct.error("broken") from error
    return int(size)
