"""`python -m tests.fuzz [--minutes N] [--seed S]`: mutated procedures and made-up scripts until the time is over.

Each seed is printed when it did harm, and the file it made is kept in var/fuzz/; the same seed makes the same file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import count, takewhile
from pathlib import Path
from time import monotonic
from typing import Any

from tests.conformance import workers

from . import harm, mutations

KEPT = Path(__file__).parents[2] / "var" / "fuzz"
AT_ONCE = 200
PATIENT = 60.0


def main() -> int:
    """0 when nothing did harm."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--minutes", type=float, default=5.0)
    asked.add_argument("--seed", type=int, default=1, help="the first seed; those after it follow")
    given = asked.parse_args()
    until, harmed, results = monotonic() + given.minutes * 60, 0, Counter[str]()
    for first in takewhile(lambda _: monotonic() < until, count(given.seed, AT_ONCE)):
        seeds = range(first, first + AT_ONCE)
        print(f"seeds {first} to {seeds[-1]}", flush=True)
        for do in (harm.diagram, harm.generated):
            for seed, answer in workers.run(do, seeds, PATIENT, megabytes=2048):
                results[_result(answer)] += 1
                harmed += _tell(do.__name__, seed, answer)
    print(", ".join(f"{result} {times}" for result, times in sorted(results.items())), f"harm {harmed}", sep=", ")
    return 1 if harmed else 0


def _result(answer: Any) -> str:
    return answer.how if isinstance(answer, workers.Broken) else str(answer.result)


def _tell(kind: str, seed: int, answer: Any) -> bool:
    why = f"{answer.how} {answer.why}" if isinstance(answer, workers.Broken) else answer.harm
    if not why:
        return False
    print(f"HARM {kind} seed {seed}: {why}", flush=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    if kind == "diagram":
        name, files = mutations.mutant(seed)
        (KEPT / f"{seed}-{name}").write_bytes(files[name])
    else:
        (KEPT / f"{seed}.txt").write_text(mutations.script(seed))
    return True


if __name__ == "__main__":
    sys.exit(main())
