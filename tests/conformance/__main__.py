"""`make conformance`: the whole corpus, the matrix on the screen and in docs/, 1 when a target is missed."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

from . import betsy, corpus, report, spector, strangers, workers

SECONDS = 20.0
DOCS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Run everything."""
    if not corpus.is_there():
        print(corpus.absent(), file=sys.stderr)
        return 2
    run = report.Run(left_out=len(betsy.left_out()))
    judge(run)
    look(run)
    play(run)
    report.write(run, DOCS)
    print(report.page(run, 0).partition("## Rules of the standard")[0])
    for name in run.broken:
        print(name)
    for miss in run.misses():
        print(f"MISSED {miss}")
    return 1 if run.misses() else 0


def judge(run: report.Run) -> None:
    """The cases of betsy, in their order."""
    found = {case.name: answer for case, answer in workers.run(betsy.judge, betsy.cases(), SECONDS)}
    for case in betsy.cases():
        answer = found[case.name]
        if isinstance(answer, workers.Broken):
            answer = betsy.Verdict("broken", f"{answer.how}: {answer.why}")
        run.betsy[case.name] = answer
        if answer.result in ("broken", "wrong"):
            run.broken.append(f"{answer.result} {case.name}: {answer.why}")


def look(run: report.Run) -> None:
    """The labelled files of BPMNspector."""
    jobs = [str(path) for path in spector.labelled()]
    answers = [answer for _, answer in workers.run(spector.look, jobs, SECONDS)]
    run.spector = spector.score(answer for answer in answers if isinstance(answer, spector.Look))


def play(run: report.Run) -> None:
    """Every file of every collection."""
    opened: dict[str, Counter[str]] = defaultdict(Counter)
    where = {str(path): name for name in corpus.collections() for path in corpus.files(name)}
    for path, answer in workers.run(strangers.open_and_play, where, SECONDS):
        result = "broken" if isinstance(answer, workers.Broken) else answer.result
        opened[where[path]][result] += 1
        if result in report.MUST_BE_NONE:
            run.broken.append(f"{result} {path}: {answer.why}")
    run.opened = opened


if __name__ == "__main__":
    sys.exit(main())
