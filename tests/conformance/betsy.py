"""The betsy conformance suite (uniba-dsg/betsy, data only): its diagrams in our dialect, played and judged.

Only the dialect is adapted: what a script is to log, conditions, and timers in quotes. Time is virtual. Every step is
done twice, by the live instance and by a twin that was frozen and thawed before it; both must agree.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn import Execution, Outcome, Program, compile_version, words
from engine.refusals import NotDeployable, Refusal
from tests.engine.bpmn.drawing import Play

from . import corpus

SCRIPTS = {
    "CREATE_LOG_FILE": "pass",
    "CREATE_MARKER_FILE": "log('MARKER_exists')",
    "SET_STRING_DATA": "data = 'String'",
    "LOG_DATA": "log('DATA_correct' if data == 'String' else 'DATA_bad')",
    "INCREMENT_INTEGER_VARIABLE_AND_LOG": "integerVariable = integerVariable + 1\nlog('INCREMENT_correct')",
    "INCREMENT_INTEGER_VARIABLE": "integerVariable = integerVariable + 1",
    "WAIT_TEN_SECONDS": "pass",
    "THROW_ERROR": "throw('ERR_CODE')",
    "CREATE_TIMESTAMP_LOG_1": "pass",
    "CREATE_TIMESTAMP_LOG_2": "pass",
}
CONDITIONED = "conditionExpression|loopCondition|completionCondition|loopCardinality|activationCondition"
NEEDS_A_PARTNER = ("Message_StartEvent", "Message_EndEvent", "Signal_StartEvent", "Signal_EndEvent")
LOGGED: list[str] = []
LENIENCY = timedelta(seconds=1)
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a diagram: what comes in, how long it may take, what its scripts are to log."""

    file: str
    number: int
    process: str
    data: dict[str, Any]
    traces: tuple[str, ...]
    delay: timedelta

    @property
    def name(self) -> str:
        return f"{self.file.rpartition('/')[2].removesuffix('.bpmn')}-{self.number}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`result` is passed, refused (at deployment) or wrong."""

    result: str
    why: str = ""


def cases() -> list[Case]:
    """The cases that one instance can show by itself; nothing when the corpus is not at hand."""
    return [case for case, needs_partner in _cases() if not needs_partner]


def left_out() -> list[Case]:
    """The cases that need a second instance or real parallelism."""
    return [case for case, needs_partner in _cases() if needs_partner]


def _cases() -> Iterator[tuple[Case, bool]]:
    path = corpus.folder() / "betsy" / "expectations.json"
    if not path.is_file():
        return
    for told in json.loads(path.read_text()):
        stem = told["file"].rpartition("/")[2].removesuffix(".bpmn")
        for number, case in enumerate(told["cases"]):
            data = {"integerVariable": case["integer"], "test": case["input"] or ""}
            delay = timedelta(milliseconds=case["delay"])
            traces = tuple(case["traces"])
            needs = case["parallel"] or "EXECUTION_parallel" in traces or stem in (*NEEDS_A_PARTNER, STARTS_BY_MESSAGE)
            yield Case(told["file"], number, told["process"], data, traces, delay), needs


STARTS_BY_MESSAGE = "ReceiveTask_Instantiate"


def diagram(file: str, logs: bool = True) -> bytes:
    """The file with its scripts, conditions and timers in our language; `logs`: scripts say what they did."""
    text = (corpus.folder() / "betsy" / file).read_text()
    text = re.sub(r"(<bpmn2:script>)\s*([^<]*?)\s*(</bpmn2:script>)", _script if logs else _quiet, text)
    text = re.sub(rf"(<bpmn2:(?:{CONDITIONED})[^>]*>)(.*?)(</)", _condition, text, flags=re.S)
    text = re.sub(r"(<bpmn2:condition xsi:type[^>]*>)(.*?)(</)", _condition, text, flags=re.S)
    return re.sub(r"(<bpmn2:time(?:Duration|Cycle|Date)[^>]*>)\s*([^<]*?)\s*(</)", r'\1"\2"\3', text).encode()


def _script(found: re.Match[str]) -> str:
    return found[1] + SCRIPTS.get(found[2], f"log('{found[2]}')") + found[3]


def _quiet(found: re.Match[str]) -> str:
    said = SCRIPTS.get(found[2], "pass").partition("\n")[0]
    return found[1] + (said if "log(" not in said else "pass") + found[3]


def _condition(found: re.Match[str]) -> str:
    text = found[2].replace("<![CDATA[", "").replace("]]>", "").replace("&lt;", "<").strip()
    text = re.sub(r'!\s*test\.contains\(("\w+")\)', r"\1 not in test", text)
    text = re.sub(r'test\.contains\(("\w+")\)', r"\1 in test", text)
    text = re.sub(r"\$\{(\w+)\}", r"\1", text)
    text = {"true": "True", "false": "False"}.get(text, text)
    return found[1] + text.replace("<", "&lt;") + found[3]


def judge(case: Case) -> Verdict:
    """Deploy and play one case."""
    words.FUNCTIONS["log"] = _log
    try:
        program = compile_version({case.file.rpartition("/")[2]: diagram(case.file)})
    except NotDeployable as refusal:
        return Verdict("refused", str(refusal.findings[0]))
    logged, has_failed, is_lost = played(program, case)
    if is_lost:
        return Verdict("wrong", "no token is left and the process has not ended")
    wanted = Counter(case.traces)
    errors = [name for name in wanted if name.startswith("ERROR")]
    if bool(errors) == has_failed and wanted - Counter(errors) == Counter(_counted(logged, wanted)):
        return Verdict("passed")
    return Verdict("wrong", f"wanted {sorted(case.traces)}, got {sorted(logged)}{' and a failure' * has_failed}")


def _counted(logged: list[str], wanted: Counter[str]) -> Iterator[str]:
    return (name for name in logged if name != "MARKER_exists" or name in wanted)


def _log(run: object, said: str) -> None:
    LOGGED.append(said)


def played(program: Program, case: Case) -> tuple[list[str], bool, bool]:
    """What was logged, whether the instance failed or could not go on, and whether it lost its tokens."""
    LOGGED.clear()
    try:
        play = Logged(program, case.data, process_id=case.process)
        end = play.now + case.delay + LENIENCY
        for _ in range(MOST_STEPS):
            if play.last.completed or not _goes_on(play, end):
                break
    except Refusal:
        return list(LOGGED), True, False
    return list(LOGGED), play.last.failed, not play.last.completed and not play.live.is_under_way


def _goes_on(play: Play, end: datetime) -> bool:
    if play.open:
        play.complete(play.open[0])
        return True
    timers = [t for o in play.outcomes for t in o.timers if t.id in play.live.waiting]
    timer = min(timers, key=lambda timer: datetime.fromisoformat(timer.due_at), default=None)
    if timer is None or datetime.fromisoformat(timer.due_at) > end:
        return False
    play.now = max(play.now, datetime.fromisoformat(timer.due_at))
    play.fire(timer.element)
    return True


class Logged(Play):
    """A play in which time moves only from timer to timer and what the twin logged does not count."""

    pause = timedelta(0)

    def _step(self, act: Callable[[Execution], Outcome]) -> Outcome:
        before = len(LOGGED)

        def again(execution: Execution) -> Outcome:
            del LOGGED[before:]
            return act(execution)

        return super()._step(again)
