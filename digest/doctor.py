"""What this machine has of what the program needs."""

from __future__ import annotations

import sys

import msgspec

from digest.errors import DigestError
from digest.resources import folder


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is needed.

    Attributes:
        name: what it is.
        found: what was found.
        todo: what to do when it is missing; empty when all is well.
    """

    name: str
    found: str
    todo: str = ""


def examine() -> tuple[Finding, ...]:
    """All findings, those that are well included."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    findings = [Finding(name="Python", found=version)]
    from digest.render import pdf

    for name, look in (
        ("PDF", pdf.check),
        ("templates", lambda: str(folder("templates"))),
        ("seeds", lambda: str(folder("seeds"))),
    ):
        try:
            findings.append(Finding(name=name, found=look()))
        except DigestError as error:
            findings.append(Finding(name=name, found=error.found, todo=error.todo))
    return tuple(findings)
