"""The command `mingtang` by a clock that a test moves: years pass at once, and the product needs no setting for it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from engine import clock

REAL = clock.now
CLOCK = "MINGTANG_TEST_CLOCK"
"""The variable that names the file of the clock."""


class MovedClock:
    """Goes on like the real clock, so many seconds ahead of it as the file says; all processes look at one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> datetime:
        return REAL() + timedelta(seconds=float(self.file.read_text()))

    def goes_to(self, moment: datetime) -> None:
        """From now on it is that moment."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str((moment - REAL()).total_seconds()))
        fresh.replace(self.file)


def main() -> None:
    """Run the command with every reader of the clock reading this one."""
    clock.now = MovedClock(Path(os.environ[CLOCK]))
    from web import cli

    cli.main()


if __name__ == "__main__":
    main()
