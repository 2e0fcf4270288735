"""`python -m tests.engine.search [--minutes N] [--seed S]`: search until the time is over; each seed is printed first.

The same seed plays the same instances again.
"""

from __future__ import annotations

import argparse
from itertools import count
from time import monotonic

from hypothesis import seed

from tests.engine.search.test_search import journal_holds, searched

AT_ONCE = 200


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.engine.search", description=__doc__)
    asked.add_argument("--minutes", type=float, default=10.0)
    asked.add_argument("--seed", type=int, default=1, help="the first seed; those after it follow")
    given = asked.parse_args()
    until = monotonic() + given.minutes * 60
    for number in count(given.seed):
        print(f"seed {number}: {AT_ONCE} instances", flush=True)
        seed(number)(searched(journal_holds, AT_ONCE, derandomize=False))()
        if monotonic() > until:
            return


if __name__ == "__main__":
    main()
