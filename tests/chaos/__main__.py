"""`make chaos`: minutes of faults, told as they come; ends with 1 when anything is wrong."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from tests.chaos.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    asked = parser.parse_args()
    print(
        f"the same faults on the same clocks again: make chaos SEED={asked.seed} MINUTES={asked.minutes:g}", flush=True
    )
    folder = Path(tempfile.mkdtemp(prefix="mingtang-nodes-"))
    told = run(folder, asked.seed, asked.minutes * 60, say=lambda line: print(f"  {line}", flush=True))
    print(told)
    if told.wrong:
        print(f"The nodes' logs are in {folder}.")
        return 1
    shutil.rmtree(folder)
    print("Nothing was lost, doubled or turned round.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
