"""What can fail on the network: for good, or so that another try may succeed."""

from __future__ import annotations

from typing import ClassVar

from digest.errors import DigestError


class FetchError(DigestError):
    """A source or the network failed.

    Attributes:
        status: the status of the answer, 0 when there was none.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, found: str, *, where: str = "", expected: str = "", todo: str = "", status: int = 0) -> None:
        super().__init__(found, where=where, expected=expected, todo=todo)
        self.status = status


class RetryableError(Exception):
    """A try failed, but another may succeed.

    Attributes:
        failed: the error to raise after the last try.
        after: seconds that the server asks to wait.
    """

    def __init__(self, failed: FetchError, after: float | None = None) -> None:
        super().__init__(failed.found)
        self.failed, self.after = failed, after
