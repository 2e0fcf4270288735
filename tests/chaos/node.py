"""A node whose clock is wrong by MINGTANG_TEST_SHIFT seconds: `python -m tests.chaos.node serve`, or `scheduler`."""

from __future__ import annotations

import os
from datetime import timedelta

from engine import clock
from web import wiring
from web.cli import main

SHIFT = timedelta(seconds=float(os.environ.get("MINGTANG_TEST_SHIFT", "0")))
build = wiring.build

if __name__ == "__main__":
    wiring.build = lambda settings: build(settings, clock=lambda: clock.now() + SHIFT)
    main()
