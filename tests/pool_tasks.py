"""Tasks for the tests of executors: pure functions of bytes that work, and some that break in every way."""

from __future__ import annotations

import ctypes
import logging
import os
import re
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from digest import worker
from digest.errors import DigestError, Problem, ProjectError

PROBLEM = Problem(level="error", code="value", message="no", file="a.yaml", line=3)


def upper(payload: bytes) -> bytes:
    return payload.upper()


def number(_payload: bytes) -> bytes:
    """The number of the process, after long enough for another one to have its turn."""
    time.sleep(0.05)
    return str(os.getpid()).encode()


def misbehave(payload: bytes) -> bytes:
    """Does what the payload says, after saying so."""
    what = payload.decode()
    worker.doing(f"record {what}")
    match what:
        case "crash":
            ctypes.string_at(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "spin":
            while True:
                pass
        case "deaf":  # in a library that does not hear the signal of the soft limit
            re.match(r"(a+)+$", "a" * 60 + "b")
        case "wait":
            signal.pause()
        case "memory":
            bytearray(2**30)
        case "error":
            raise DigestError("odd", where="a.yaml:3", expected="even")
        case "problems":
            raise ProjectError([PROBLEM])
        case "other":
            raise KeyError("key")
        case "log":
            logging.getLogger("digest").warning("a word")
        case "litter":
            tempfile.mkstemp()
    return payload


def append(payload: bytes) -> bytes:
    """Writes a line into a file whose name it is given, and waits until there is a file with this name and ``.go``."""
    path = Path(payload.decode())
    with path.open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    while not path.with_suffix(".go").exists():
        time.sleep(0.01)
    return payload


def end_machine(payload: bytes) -> bytes:
    """Ends the worker of Dask that the task came to, the first time, or each time where it is given ``!``.

    The worker is the parent of the fork server, which is the parent of this process.
    """
    path = Path(payload.decode().rstrip("!"))
    if not path.exists() or payload.endswith(b"!"):
        path.touch()
        stat = Path(f"/proc/{os.getppid()}/stat").read_text("ascii")
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
        signal.pause()
    return payload


def left_to_do(dask_scheduler: Any) -> int:  # noqa: ANN401 - Dask's
    """How many tasks a scheduler has that are not done, for `Client.run_on_scheduler`."""
    return sum(task.state in {"processing", "queued", "no-worker"} for task in dask_scheduler.tasks.values())
