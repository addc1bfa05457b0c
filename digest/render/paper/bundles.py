"""The files that sheets use, on their way to another machine, where they get a folder of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from digest import store
from digest.errors import DigestError, FileNames
from digest.render.paper import frames, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

J = TypeVar("J", sheet.Job, frames.FrameJob)
M = TypeVar("M", sheet.Sheet, frames.Frames)


class Bundle(msgspec.Struct, frozen=True):
    """Files of some folders.

    Attributes:
        key: a digest of them.
        content: the files by folder and path, as MessagePack; empty where only the key is sent.
        folders: how each folder is called in messages.
    """

    key: bytes
    content: bytes
    folders: tuple[str, ...]


class LackingBundleError(DigestError):
    """The files are not there; they have to be sent."""


def bundle(roots: Sequence[Path], files: Iterable[Path], names: FileNames) -> Bundle:
    """The files below some folders.

    Args:
        roots: the folders.
        files: those of their files that are taken.
        names: how files are called in messages.
    """
    found: list[dict[str, bytes]] = [{} for _ in roots]
    for path in files:
        for n, root in enumerate(roots):
            if path.is_relative_to(root):
                found[n][path.relative_to(root).as_posix()] = path.read_bytes()
                break
    content = msgspec.msgpack.encode(found)
    return Bundle(store.key(content), content, tuple(f"{names(root)}/".removeprefix("./") for root in roots))


def _place(n: int) -> str:
    """What is in a text in place of the n-th folder while it is on its way."""
    return f"\ue010{n}\ue011"


def sent(job: J, roots: Sequence[Path]) -> J:
    """A job without the places of its folders on this machine."""
    html, fonts = job.html, job.fonts
    for n, root in enumerate(roots):
        html = html.replace(root.as_uri(), _place(n))
        fonts = fonts.replace(str(root), _place(n))
    return msgspec.structs.replace(job, html=html, fonts=fonts, roots=tuple(map(_place, range(len(roots)))))


def arrived(job: J, files: Bundle) -> tuple[J, FileNames]:
    """A job with the places of its folders on the machine where it has come to, and how its files are called.

    Raises:
        LackingBundleError: the files were not sent, and are not there.
    """
    folders = [_unpacked(files) / str(n) for n in range(len(files.folders))]
    html, fonts = job.html, job.fonts
    for n, folder in enumerate(folders):
        html = html.replace(_place(n), folder.as_uri())
        fonts = fonts.replace(_place(n), str(folder))
    names = FileNames(tuple((str(folder), name) for folder, name in zip(folders, files.folders, strict=True)))
    return msgspec.structs.replace(job, html=html, fonts=fonts, roots=tuple(map(str, folders))), names


def returned(made: M, files: Bundle) -> M:
    """What was made without the places of folders on the machine that made it."""
    return _replaced(made, [(str(_unpacked(files) / str(n)), _place(n)) for n in range(len(files.folders))])


def received(made: M, roots: Sequence[Path]) -> M:
    """What was made elsewhere with the places of folders on this machine."""
    return _replaced(made, [(_place(n), str(root)) for n, root in enumerate(roots)])


def _replaced(made: M, pairs: Sequence[tuple[str, str]]) -> M:
    def changed(text: str) -> str:
        for before, after in pairs:
            text = text.replace(before, after)
        return text

    said = tuple((changed(message), changed(file), line) for message, file, line in made.messages)
    return msgspec.structs.replace(made, messages=said)


_there: Final[dict[bytes, tempfile.TemporaryDirectory[str]]] = {}  # the folders of this process, by the keys of bundles


def _unpacked(files: Bundle) -> Path:
    """The folder with the files; it is there until this process ends."""
    if files.key not in _there:
        if not files.content:
            raise LackingBundleError("the files of the theme are not there")
        folder = tempfile.TemporaryDirectory(prefix="digest-")
        for n, some in enumerate(msgspec.msgpack.decode(files.content, type=list[dict[str, bytes]])):
            root = (Path(folder.name) / str(n)).resolve()
            root.mkdir()
            for name, data in some.items():
                path = (root / name).resolve()
                if not path.is_relative_to(root):
                    raise DigestError(f"the file “{name}” leads out of its folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        _there[files.key] = folder
    return Path(_there[files.key].name).resolve()
