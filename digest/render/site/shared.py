"""The files that the pages of a site share, each under a name that its content decides, so that browsers keep them."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from digest import opening
from digest.render.theme import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class SharedFiles:
    """The shared files of one site.

    Attributes:
        files: content by name.
        used: the files of the disk that were asked for since somebody emptied this.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.used: dict[Path, str] = {}
        self._names: dict[Path, str] = {}

    def add(self, stem: str, ending: str, content: bytes) -> str:
        """Takes in a content and returns its name, in the folder of the site."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:40] or "file"
        name = f"{SHARED}{plain}-{hashlib.sha256(content).hexdigest()[:12]}{ending}"
        self.files[name] = content
        return name

    def address(self, path: Path, dressed: Callable[[Path], str] = lambda _: "") -> str:
        """The address of a file of the disk.

        Args:
            path: the file.
            dressed: gives an address that holds the file as it is shown, or nothing where that is the file itself.
        """
        if path not in self._names:
            held = dressed(path)
            content = base64.b64decode(held.partition(",")[2]) if held else opening.read_file(path)
            self._names[path] = self.add(path.stem, path.suffix.lower(), content)
        self.used[path] = self._names[path]
        return self._names[path]
