"""An office that does its work: every open task is done by whoever may do it, but those that it neglects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import Actor, Instance, Task, mainland
from engine.clock import SHANGHAI
from engine.refusals import NotAllowed
from processes import organisation
from processes.disclosure.demo import passed
from processes.organisation import Person
from tests.processes.kit import Kit

Said = Mapping[str, Any] | Callable[[Kit, Task], Mapping[str, Any]]


def plan(title: str, **more: Any) -> dict[str, Any]:
    """A plan for members, shown on the office network for thirty days."""
    return {
        "title": title,
        "content": title,
        "text": f"<p>{title}。</p>",
        "scope": "INTRA_PARTY",
        "channels": ["LAN"],
        "nature": "STABLE",
        "start_point": "批准之日",
        "display_duration": "30天",
        "hot_topics": "预计不会引起舆情热点。",
        "response_plan": "由党委办公室统一答复咨询。",
        "alignment": "内容符合中央和市委部署。",
        **more,
    }


def _draft(kit: Kit, task: Task) -> Mapping[str, Any]:
    with kit.database.read() as session:
        return plan(session.get_one(Instance, task.instance_id).subject)


def _archive(kit: Kit, task: Task) -> Mapping[str, Any]:
    return {"archive_no": f"DQ-{task.id[:8]}", "retention": "Y30", "note": ""}


ANSWERS: Mapping[str, Said] = {
    "draft": _draft,
    "review": passed("同意公开。"),
    "approve_head": {"result": "AGREE", "opinion": "同意。"},
    "approve_collective": {
        "meeting_no": "第8次",
        "meeting_date": "2026-01-09",
        "present": 9,
        "votes_for": 9,
        "votes_against": 0,
        "minutes_ref": "纪要〔2026〕8号",
        "result": "AGREE",
    },
    "feedback": {
        "summary": "未收到意见。",
        "outcome": "无。",
        "disclose_outcome": False,
        "early_reason": "临近期满，未收到意见。",
    },
    "file_archive": _archive,
    "answer_demand": {"result": "PROPOSE"},
    "check_validity": {"result": "VALID", "opinion": "仍然有效。"},
    "inspect": {"passed": ["CATALOGUE"], "score": 95, "lead": "NO"},
    "circulate": {"scope": "UNIT", "text": "情况良好。"},
    "collect": {"work": "按时公开。", "problems": "无。"},
    "draft_report": {"text": "<p>全年按时公开。</p>", "scope": "INTRA_PARTY"},
    "approve_report": {"result": "AGREE", "opinion": "同意。"},
    "hear_report": {"heard_on": "2027-01-15", "minutes": "1号", "problems": "无。", "measures": "无。"},
    "receive_report": {"guidance": "收悉。"},
    "hear_opinions": {"attended": 10, "satisfied": 10, "opinions": "无。", "adopted": "无。"},
    "handle_delay": {"result": "FINDING", "facts": "人员调整。"},
}
"""Element → what is entered."""


class Office:
    """Works through everything that is open. `neglects(task, subject)`: this one is left alone today."""

    def __init__(self, kit: Kit, neglects: Callable[[Task, str, date], bool]) -> None:
        self.kit, self.neglects = kit, neglects

    def lives_through(self, first: date, last: date) -> None:
        """The scheduler beats soon after midnight; on working days, at ten, what is open is done."""
        calendar, day = mainland(), first
        while day <= last:
            self.kit.passes(to=f"{day}T00:30")
            if calendar.is_working(day):
                self.kit.passes(to=f"{day}T10:00")
                self.works(day)
            day += timedelta(days=1)

    def works(self, day: date) -> None:
        """Do what is open until nothing is left to do."""
        while task := next(self._open(day), None):
            self._does(task)
            self.kit.beats()

    def _open(self, day: date) -> Iterator[Task]:
        with self.kit.database.read() as session:
            query = select(Task, Instance.subject).join(Instance, Instance.id == Task.instance_id)
            found = session.execute(query.where(Task.state == "open").order_by(Task.opened_at, Task.element, Task.id))
            yield from [task for task, subject in found.all() if not self.neglects(task, subject, day)]

    def _does(self, task: Task) -> None:
        """The first holder of the post who may."""
        answer = ANSWERS[task.element]
        said = answer(self.kit, task) if callable(answer) else answer
        refused: list[NotAllowed] = []
        for actor in self._actors(task):
            try:
                self.kit.engine.complete(task.id, actor, said, self.kit.choices())
                return
            except NotAllowed as refusal:
                refused.append(refusal)
        raise AssertionError(f"nobody may do {task.element} at {task.organisation}: {refused}")

    def _actors(self, task: Task) -> list[Actor]:
        on = self.kit.clock.now.astimezone(SHANGHAI).date()
        with self.kit.database.read() as session:
            if task.person:
                people = [session.get_one(Person, task.person)]
            else:
                people = organisation.holders(session, task.organisation, task.post, on)
            return [Actor(person.id, organisation.seats(session, person.id, on)) for person in people]


def shanghai(moment: datetime) -> str:
    """The day in Shanghai."""
    return moment.astimezone(SHANGHAI).date().isoformat()
