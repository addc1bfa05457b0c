"""Where the templates and seeds that belong to the program are: inside the package (wheel) or next to it (checkout)."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import shutil
import sys
import tempfile
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator

_templates: Final[ContextVar[Path | None]] = ContextVar("templates", default=None)


@contextlib.contextmanager
def with_templates(instead: Path | None) -> Iterator[None]:
    """Another folder is ``templates`` meanwhile, such as that of an earlier revision; nothing: the program's own."""
    token = _templates.set(instead)
    try:
        yield
    finally:
        _templates.reset(token)


def folder(name: str) -> Path:
    """The folder ``templates`` or ``seeds``.

    Raises:
        DigestError: the installation is incomplete.
    """
    if name == "templates" and (instead := _templates.get()) is not None:
        return instead
    package = Path(__file__).resolve().parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise DigestError(
        f"the program's own folder “{name}” is missing",
        where=str(package),
        expected=f"it inside the package or next to it (looked for {package / name} and {package.parent / name})",
        todo="install digest again",
    )


@functools.cache
def fingerprint() -> bytes:
    """A digest of this program as it is installed: its code, tables and templates, and which libraries are there."""
    package = Path(__file__).resolve().parent
    whole = hashlib.blake2b(sys.version.encode(), digest_size=32)
    for root in (package, folder("templates")):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
                whole.update(hashlib.blake2b(path.read_bytes()).digest())
    for name in sorted(one.name for place in sys.path if place for one in Path(place).glob("*.dist-info")):
        whole.update(f"{name}\0".encode())
    with contextlib.suppress(OSError):
        found = Path("/etc/ld.so.cache").stat()  # it is written again when a shared library is installed
        whole.update(f"{found.st_mtime_ns} {found.st_size}".encode())
    return whole.digest()


def copy_sample(target: Path, *, empty: bool = False) -> None:
    """Copies the sample publication into a folder that is empty or does not exist yet.

    Args:
        target: the folder.
        empty: whether to begin without the sample: a ``digest.yaml`` to fill in, and the schemas for text editors.

    Raises:
        DigestError: something is there already; nothing is overwritten.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DigestError(
            "this folder is not empty" if target.is_dir() else "this is a file",
            where=str(target),
            expected="an empty folder, or the name of one to be made",
            todo="nothing was written",
        )
    try:
        _copy(target, empty=empty)
    except OSError as error:
        raise DigestError(
            f"the sample cannot be written: {_reason(error)}", where=str(target), todo="nothing was written"
        ) from error


def _reason(error: OSError) -> str:
    """Why a file could not be written; `shutil` reports a list of all that it could not copy, for mostly one reason."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return re.sub(r"^\[Errno \d+\] |: '.*", "", str(error.args[0][0][-1]), flags=re.DOTALL)
    return error.strerror or str(error)


def _copy(target: Path, *, empty: bool) -> None:
    """Copies a publication into a folder, whole or not at all."""
    sample = folder("seeds") / "sample"
    source = folder("seeds") / "empty" if empty else sample
    target.resolve().parent.mkdir(parents=True, exist_ok=True)
    # Copied next to its place and moved there: a copy that was interrupted is not taken for a publication.
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".digest-init.") as temporary:
        copy = Path(shutil.copytree(source, Path(temporary, "copy"), ignore=shutil.ignore_patterns("_build", ".cache")))
        if empty:
            shutil.copytree(sample / ".schemas", copy / ".schemas")
        if target.exists():
            for part in copy.iterdir():
                part.rename(target / part.name)
        else:
            copy.rename(target)
