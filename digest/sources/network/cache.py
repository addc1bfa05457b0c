"""Answers kept on disk, to ask a server only whether they have changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class CachedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in the cache."""

    url: str
    accept: str
    etag: str
    modified: str
    size: int
    content: bytes = b""


_MAGIC: Final = b"digest-page 1 "


class Cache:
    """Answers that a server can be asked about with “has it changed?”; one file each, whole or missing."""

    def __init__(self, folder: Path, room: int, tell: Callable[[str], None]) -> None:
        self._folder, self._room, self._tell = folder, room, tell

    def _file(self, url: str, accept: str) -> Path:
        return self._folder / (hashlib.sha256(f"{url}\n{accept}".encode()).hexdigest()[:40] + ".page")

    def load(self, url: str, accept: str) -> CachedAnswer | None:
        """The answer in the cache; nothing when there is none, or it is damaged."""
        try:
            data = self._file(url, accept).read_bytes()
        except OSError:
            return None
        first, _, rest = data.partition(b"\n")
        if first != _MAGIC + hashlib.sha256(rest).hexdigest().encode():
            return None
        head, _, content = rest.partition(b"\n")
        try:
            kept = msgspec.json.decode(head, type=CachedAnswer)
        except msgspec.DecodeError:
            return None
        same = kept.url == url and kept.accept == accept and kept.size == len(content)
        return msgspec.structs.replace(kept, content=content) if same else None

    def store(self, url: str, accept: str, headers: Mapping[str, str], content: bytes) -> None:
        """Keeps an answer that has a validator; where it cannot be written, only the next request is slower."""
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        private = "no-store" in headers.get("cache-control", "").lower() or headers.get("vary", "").strip() == "*"
        if not (etag or modified) or private or len(content) > self._room or len(etag) + len(modified) > 1000:
            return
        kept = CachedAnswer(url=url, accept=accept, etag=etag, modified=modified, size=len(content))
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
            self._tell(f"{url}: could not be cached in {self._folder}: {error.strerror or error}")

    def trim(self) -> None:
        """Removes the oldest answers until the rest fits, and what a killed run has left."""
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
