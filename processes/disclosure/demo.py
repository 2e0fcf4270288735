"""Three matters to try the product on: one waits for its review, one for its approval, one is archived.

They go through the engine's ordinary commands, so their journals are like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor, Task
from engine.canonical import digest
from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.demo import person
from processes.disclosure.matters import Matter, open_matter
from processes.disclosure.publications import Publication
from processes.feedback import Feedback, leave

if TYPE_CHECKING:
    from engine import Engine

Submission = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody (sign-in name) completes the first open task of an element; `before` happens first.

    `submission` may depend on the moment, in Shanghai.
    """

    element: str
    login: str
    submission: Submission | Callable[[datetime], Submission]
    before: Callable[[Engine, str], None] | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A matter and how far it goes. `content` names its catalogue row; None: outside the catalogue."""

    key: str
    organisation: str
    login: str
    content: str | None
    steps: Sequence[Step]
    is_staged: bool = False

    @property
    def matter_id(self) -> str:
        """Always the same, so that the story is told once."""
        return digest(f"demo:{self.key}")[:32]


def load_matters(engine: Engine) -> None:
    """Tell what is not told yet; a second time, and after a crash in the middle, nothing happens twice.

    The demo organisation (`processes.demo.load`) and the versions in force of both procedures must be there.
    """
    for story in STORIES:
        tell(engine, story)


def tell(engine: Engine, story: Story) -> None:
    """Open the matter if it is not open, and go on behind the tasks already done."""
    instance_id = _opened(engine, story)
    for step in story.steps[done_steps(engine, instance_id) :]:
        if step.before:
            step.before(engine, story.matter_id)
        carry_out(engine, instance_id, step)


def _opened(engine: Engine, story: Story) -> str:
    with engine.database.write() as session:
        if known := session.get(Matter, story.matter_id):
            return known.instance_id
        item = row_of(session, story.organisation, story.content) if story.content else None
        by, at = person(session, story.login).id, engine.clock()
        return open_matter(
            session,
            engine,
            story.organisation,
            item,
            by,
            at,
            matter_id=story.matter_id,
            is_staged=story.is_staged,
        ).instance_id


def row_of(session: Session, organisation: str, content: str) -> CatalogueItem | None:
    """The row of that content in the catalogue that governs the unit; None where somebody changed the catalogue."""
    version = CatalogueVersion.governing(session, organisation)
    rows = version.items if version else []
    return next((item for item in rows if item.content == content), None)


def done_steps(engine: Engine, instance_id: str) -> int:
    """How many tasks of an instance are done."""
    with engine.database.read() as session:
        closed = select(Task.id).where(Task.instance_id == instance_id, Task.state == "completed")
        return len(session.scalars(closed).all())


def go_on(engine: Engine, instance_id: str, steps: Sequence[Step]) -> None:
    """Carry out the steps behind those that are done."""
    for step in steps[done_steps(engine, instance_id) :]:
        carry_out(engine, instance_id, step)


def carry_out(engine: Engine, instance_id: str, step: Step) -> None:
    """Complete the step's task as its person."""
    with engine.database.read() as session:
        waiting = select(Task.id).where(
            Task.instance_id == instance_id, Task.element == step.element, Task.state == "open"
        )
        task = session.scalars(waiting.order_by(Task.opened_position, Task.id).limit(1)).one()
        actor, context = actor_for(engine, session, step.login), _choices(session)
    given = step.submission
    submission = given(engine.clock().astimezone(SHANGHAI)) if callable(given) else given
    engine.complete(task, actor, submission, context)


def actor_for(engine: Engine, session: Session, login: str) -> Actor:
    """Somebody by sign-in name, with the seats of this day."""
    who = person(session, login).id
    return Actor(who, organisations.seats(session, who, engine.clock().astimezone(SHANGHAI).date()))


def _choices(session: Session) -> dict[str, list[dict[str, str]]]:
    """What the lists of the forms offer."""
    everybody, units = organisations.Person.all(session), organisations.Organisation.all(session)
    return {
        "people": [{"value": one.id, "label": one.name} for one in everybody],
        "organisations": [{"value": one.code, "label": one.name} for one in units],
    }


def _ask_and_answer(engine: Engine, matter_id: str) -> None:
    """A nurse asks about the dues; the desk officer takes the question and replies."""
    with engine.database.write() as session:
        publication = Publication.of_matter(session, matter_id)
        if publication is None or Feedback.of(session, publication.id):
            return
        reader = person(session, "pengchao")
        question = "支部活动经费的结余可以跨年度使用吗？"
        asked = leave(session, engine, publication, reader, "QUESTION", question, engine.clock())
        case_id = str(asked.case_id)
    answer = "可以结转下一年度继续用于支部活动，具体手续请联系组织部。"
    carry_out(engine, case_id, Step("triage", "panlili", {"result": "ANSWER"}))
    carry_out(engine, case_id, Step("reply", "panlili", {"reply": answer, "disclose": False}))


def _plan(title: str, content: str, text: str, **more: Any) -> Submission:
    return {
        "title": title,
        "content": content,
        "text": text,
        "scope": "ORG_ALL",
        "channels": ["LAN"],
        "nature": "STABLE",
        "start_point": "常委会通过之日后",
        "display_duration": "永久",
        "hot_topics": "预计不会引起舆情热点。",
        "response_plan": "由党委办公室统一答复咨询。",
        "alignment": "内容符合中央和市委部署。",
        **more,
    }


def passed(opinion: str) -> Submission:
    """A review that passes the plan in all four respects (Art. 11(2))."""
    verdicts = dict.fromkeys(("secrecy", "necessity", "accuracy", "others"), "PASS")
    words = {
        "secrecy_opinion": "不涉及国家秘密和工作秘密。",
        "necessity_opinion": "属于应当公开的内容。",
        "accuracy_opinion": "数据已与原始材料核对。",
        "others_opinion": "无。",
    }
    return {**verdicts, **words, "stop_list": [], "risk": "LOW", "result": "PASS", "opinion": opinion}


AGREED: Submission = {
    "meeting_no": "党委常委会第8次会议",
    "meeting_date": "2026-02-26",
    "present": 9,
    "votes_for": 9,
    "votes_against": 0,
    "minutes_ref": "纪要〔2026〕8号",
    "result": "AGREE",
}
"""The leading body agrees, with its meeting and votes (Art. 11(3))."""


def _bulletin(now: datetime) -> Submission:
    return {"doc_no": "党建简报第3期", "at": now.strftime("%Y-%m-%dT%H:%M"), "attachments": []}


STORIES = (
    Story(
        "standing-committee-minutes",
        "pco",
        "xuzhihang",
        "党委常委会纪要",
        (
            Step(
                "draft",
                "xuzhihang",
                _plan(
                    "党委常委会第7次会议纪要（摘要）",
                    "党委常委会纪要",
                    "<p>会议听取了本学期教学安排的汇报，研究了实验室安全工作，审议了两项制度的修订稿。</p>",
                    scope="INTRA_PARTY",
                    scope_note="常委、校领导及相关部门",
                    channels=["DOCUMENT", "LAN"],
                    start_point="会后一周内",
                ),
            ),
        ),
    ),
    Story(
        "yearly-work-programme",
        "pco",
        "xuzhihang",
        "年度党政工作要点",
        (
            Step(
                "draft",
                "xuzhihang",
                _plan(
                    "年度党政工作要点",
                    "年度党政工作要点",
                    "<h2>总体要求</h2><p>围绕立德树人，推进高水平研究型医科大学建设。</p>"
                    "<h2>重点任务</h2><ol><li>加强思想政治工作</li><li>深化教学改革</li><li>提升科研能力</li></ol>",
                    co_units=["president-office"],
                ),
            ),
            Step("co_confirm", "dongmin", {"consistent": "YES", "opinion": "与校长办公室掌握的情况一致。"}),
            Step("review", "fangwenjing", passed("同意公开，建议全校范围。")),
        ),
    ),
    Story(
        "party-dues",
        "orgdept",
        "panlili",
        None,
        (
            Step(
                "give_reason",
                "panlili",
                {
                    "content": "上年度党费收缴、使用和管理情况",
                    "reason": "制定目录时党费情况由各支部在组织生活会上通报，未列为学校的公开事项。",
                    "necessity": "党费取之于党员、用之于党员，党员有权了解其收缴、使用和管理情况。",
                },
            ),
            Step(
                "draft",
                "panlili",
                _plan(
                    "上年度党费收缴、使用和管理情况",
                    "党费收缴使用管理情况、基层党组织党建活动经费使用情况",
                    "<p>上年度共收缴党费若干万元，主要用于教育培训党员、表彰先进和走访慰问。</p>"
                    "<table><thead><tr><th>项目</th><th>占比</th></tr></thead><tbody>"
                    "<tr><td>教育培训</td><td>六成</td></tr><tr><td>走访慰问</td><td>三成</td></tr>"
                    "<tr><td>其他</td><td>一成</td></tr></tbody></table>",
                    scope="INTRA_PARTY",
                    channels=["LAN", "BULLETIN_PAPER"],
                    start_point="批准之日",
                ),
            ),
            Step("review", "gaojianping", passed("同意公开。")),
            Step("approve_head", "shenguoan", {"result": "AGREE", "opinion": "同意，在党内公开。"}),
            Step("prove", "caiyunfei", _bulletin),
            Step(
                "feedback",
                "panlili",
                {
                    "summary": "收到咨询一条，已答复。",
                    "outcome": "无需整改。",
                    "disclose_outcome": True,
                    "early_reason": "咨询已答复，意见征集完毕。",
                },
                before=_ask_and_answer,
            ),
            Step(
                "file_archive", "luozhengping", {"archive_no": "DQ-2026-0001", "retention": "Y30", "note": "材料齐全。"}
            ),
            Step(
                "decide_followup",
                "gaojianping",
                {"result": "ADD_ITEM", "reason": "党费情况每年都应公开，列入目录后按时办理。"},
            ),
        ),
    ),
)
