"""A sample of `make conformance`: all of betsy, all labelled files, and every twelfth file of everybody else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.bpmn import check

from . import betsy, corpus, report, spector, strangers, workers

needs_corpus = pytest.mark.skipif(not corpus.is_there(), reason=corpus.absent())
SAMPLE = [path for name in corpus.collections() for path in corpus.files(name)][::12] if corpus.is_there() else []


@needs_corpus
def test_betsy_passes_or_is_refused_by_name() -> None:
    verdicts = {case.name: betsy.judge(case) for case in betsy.cases()}
    assert {name: verdict.why for name, verdict in verdicts.items() if verdict.result == "wrong"} == {}
    assert Counter(verdict.result for verdict in verdicts.values()) == {"passed": 97, "refused": 12}


@needs_corpus
def test_the_check_tells_valid_files_from_violating_ones() -> None:
    score = spector.score(spector.look(str(path)) for path in spector.labelled())
    assert score.worth >= 0.8 and score.false_alarms <= 0.05


@needs_corpus
@pytest.mark.timeout(300)
def test_strangers_open_or_are_refused_with_a_place() -> None:
    answers = dict(workers.run(strangers.open_and_play, map(str, SAMPLE), seconds=60))
    wrong = {path: a for path, a in answers.items() if isinstance(a, workers.Broken) or a.result in report.MUST_BE_NONE}
    assert len(answers) == len(SAMPLE) and wrong == {}


@pytest.mark.parametrize("path", SAMPLE[::5], ids=lambda path: path.name)
def test_the_same_findings_come_every_time(path: Path) -> None:
    data = path.read_bytes()
    files = {corpus.name_of(path, data): data}
    assert check(files) == check(files)


def sleepy(seconds: float) -> float:
    import time

    time.sleep(seconds)
    return seconds


def hungry(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def test_a_job_that_hangs_is_given_up_and_the_others_go_on() -> None:
    answers = dict(workers.run(sleepy, [60.0, 0.0], seconds=2, count=1))
    assert answers[0.0] == 0.0 and answers[60.0].how == "time"


def test_a_job_that_swells_is_given_up() -> None:
    answers = dict(workers.run(hungry, [1, 900], seconds=60, megabytes=200, count=1))
    assert answers[1] == 1024 * 1024 and answers[900].how == "memory"
