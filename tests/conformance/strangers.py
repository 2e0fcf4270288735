"""Any file of other people: it opens, or every refusal says where and why; what opens is played without breaking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.bpmn import check, compile_version
from engine.refusals import Finding, Refusal
from tests.engine.bpmn.drawing import Play

from . import corpus

MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """`result`: refused, unlocated (a refusal that does not say where), or what became of an instance: ended, failed,
    waits (for something that nobody here gives), stopped (a refusal while it ran, such as a missing variable), lost
    (no token is left and it has not ended), decides (a table that can be asked)."""

    path: str
    result: str
    why: str = ""


def open_and_play(path: str) -> Opened:
    """Check one file, and play it as far as it goes."""
    data = Path(path).read_bytes()
    name = corpus.name_of(Path(path), data)
    findings = [finding for finding in check({name: data}) if finding.level == "error"]
    if findings and name.endswith(".dmn") and [finding.code for finding in findings] == ["bpmn.none"]:
        return Opened(path, "decides")
    if findings:
        lost = next((finding for finding in findings if not is_located(finding)), None)
        return Opened(path, "unlocated" if lost else "refused", f"{(lost or findings[0]).code} {lost or findings[0]}")
    return Opened(path, *played({name: data}))


def is_located(finding: Finding) -> bool:
    """Does it say where and why?"""
    return bool(finding.line and str(finding) and " at 0x" not in str(finding))


def played(files: dict[str, bytes]) -> tuple[str, str]:
    """Start an instance, do every task, fire every timer and deliver every message that it waits for."""
    try:
        play = Play(compile_version(files))
        for _ in range(MOST_STEPS):
            if play.last.completed:
                return ("failed" if play.last.failed else "ended"), ""
            if not _goes_on(play):
                return ("waits", "") if play.live.is_under_way else ("lost", "no token is left")
    except Refusal as refusal:
        return "stopped", f"{type(refusal).__name__}: {refusal}"
    return "waits", f"after {MOST_STEPS} steps"


def _goes_on(play: Play) -> bool:
    for outcome in play.outcomes:
        for task in outcome.opened:
            if task.id in play.live.waiting:
                play.complete_task(task.id)
                return True
    for outcome in play.outcomes:
        for subscription in outcome.subscriptions:
            if subscription.id in play.live.waiting:
                play.deliver(subscription.element)
                return True
    timers = [t for o in play.outcomes for t in o.timers if t.id in play.live.waiting]
    timer = min(timers, key=lambda timer: datetime.fromisoformat(timer.due_at), default=None)
    if timer is not None:
        play.now = max(play.now, datetime.fromisoformat(timer.due_at))
        play.fire(timer.element)
    return timer is not None
