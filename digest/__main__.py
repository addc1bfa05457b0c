"""``python -m digest``, and the command ``digest``."""

from __future__ import annotations

import signal


def run() -> int:
    """Runs the command with the arguments of the process, and returns its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback while the program is being loaded
    from digest.cli import main

    return main()


if __name__ == "__main__":
    raise SystemExit(run())
