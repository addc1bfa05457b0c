"""Imports everything that rendering needs, for the process that the preview's workers are forked from."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from digest import ending

if TYPE_CHECKING:
    from types import TracebackType


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Prints what went wrong in a new worker, unless the preview ended before it had given the worker its job."""
    if not isinstance(error, EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report
ending.end_with_parent()  # also while the rest is being imported, which takes a second or two

from digest.errors import DigestError  # noqa: E402
from digest.preview import rendering  # noqa: E402
from digest.render import pdf  # noqa: E402

with contextlib.suppress(DigestError):  # what is missing here is reported by the worker that needs it
    pdf.proof("<!DOCTYPE html><html><head></head><p>x</p></html>", 1, roots=(), fonts=None)

__all__ = ["pdf", "rendering"]
