"""Files are written all or none: beside their places first, then moved there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Writes files into a folder and returns their paths: all of them, or none.

    Args:
        files: bytes by name; a name may have folders in it, which are made.
        folder: the folder, which is made where it is missing.

    Raises:
        DigestError: the folder cannot be written; files that were there before are as they were.
    """
    ready: list[tuple[Path, Path]] = []
    replaced: list[tuple[Path, Path | None]] = []  # each place that was written, and where its former file waits
    target = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name[:100]}.", delete=False) as file:
                ready.append((Path(file.name), target))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for temporary, target in ready:
            former = temporary.with_suffix(".former") if target.exists() else None
            if former:
                shutil.copy2(target, former)  # a link would do, where the file system has any
            replaced.append((target, former))
            temporary.chmod(0o666 & ~_umask())  # temporary files are private, an issue is not
            temporary.replace(target)
    except OSError as error:
        for place, former in replaced:
            if former and former.exists():
                former.replace(place)
            elif not former:
                place.unlink(missing_ok=True)
        raise DigestError(
            f"the file cannot be written: {error.strerror or error}", where=str(target), todo="nothing was written"
        ) from error
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        for _, former in replaced:
            if former:
                former.unlink(missing_ok=True)
    return [path for _, path in ready]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
