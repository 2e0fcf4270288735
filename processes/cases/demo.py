"""Cases to try the product on: a demand that waits, an inspection being rectified, a bulletin and an interpretation.

They go through the engine's ordinary commands, so their journals are like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from processes.cases.clockwork import CaseKey, begin_once
from processes.demo import person
from processes.disclosure.demo import AGREED, Step, go_on
from processes.disclosure.demo import STORIES as MATTERS
from processes.disclosure.publications import Publication

if TYPE_CHECKING:
    from engine import Engine

Links = Callable[[Session], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """A case and how far it goes; `key` tells it from the others, so that it is told once."""

    key: str
    definition: str
    organisation: str
    login: str
    said: Mapping[str, Any]
    steps: Sequence[Step]
    links: Links = field(default=lambda session: {})
    home: str = ""


def load_cases(engine: Engine) -> None:
    """Tell what is not told yet; what was begun goes on behind the tasks already done.

    The demo's matters must be there, and the procedures in force; a procedure that is not is passed over.
    """
    for told in CASES:
        tell(engine, told)


def tell(engine: Engine, told: Told) -> None:
    """Begin the case if it has not begun, and go on behind the tasks already done."""
    with engine.database.read() as session:
        by, links = person(session, told.login).id, told.links(session)
    key = f"demo:{told.key}"
    begin_once(
        engine,
        told.definition,
        key,
        told.said,
        engine.clock(),
        organisation=told.organisation,
        links=links,
        home=told.home,
        by=by,
    )
    with engine.database.read() as session:
        row = session.get(CaseKey, (told.definition, key))
    if row is not None:
        go_on(engine, row.case_id, told.steps)


def _party_dues(session: Session) -> Mapping[str, str]:
    """The release of the demo's finished matter."""
    finished = next(story.matter_id for story in MATTERS if story.key == "party-dues")
    publication = Publication.of_matter(session, finished)
    return {"publication": publication.id} if publication else {}


def _until(now: datetime) -> Mapping[str, Any]:
    """A wish to wait for two months."""
    until = (now + timedelta(days=60)).date().isoformat()
    return {"reason": "方案涉及多个单位，尚待上级批复，属于特别重大复杂的事项。", "until": until}


CASES = (
    Told(
        "demand",
        "plan_demand",
        "propaganda",
        "qiaoxinyu",
        {
            "title": "新闻发言人名单和联系方式",
            "organisation": "propaganda",
            "reason": "第十三条要求建立新闻发言人制度，党员群众多次咨询联系方式。",
        },
        (),
        home="ccmu",
    ),
    Told(
        "catalogue",
        "catalogue_maintenance",
        "basic-medicine",
        "yubin",
        {"title": "基础医学院党委公开目录年度修订", "reason": "DUTY", "note": "增加发展党员公示条目。"},
        (),
    ),
    Told(
        "correction",
        "correction",
        "orgdept",
        "zhulin",
        {"title": "党费情况中的人数", "what": "缴费人数与支部名册相差一人，请核对。", "evidence": []},
        (),
        links=_party_dues,
    ),
    Told(
        "rumour",
        "clarification",
        "ccmu",
        "qiaoxinyu",
        {
            "title": "网传党费用于发放补贴",
            "what": "校内论坛有帖称结余党费用于发放补贴，与已公开的情况不符。",
            "where": "校内论坛",
            "reach": "跟帖四十余条",
            "evidence": [],
        },
        (),
    ),
    Told(
        "secrecy",
        "secrecy_review",
        "orgdept",
        "panlili",
        {
            "title": "困难党员帮扶名单",
            "kind": "TEXT",
            "text": "<p>帮扶对象联系电话13812345678，帮扶金额按标准发放。</p>",
        },
        (),
    ),
    Told(
        "risk",
        "risk_assessment",
        "orgdept",
        "panlili",
        {"title": "公布党组织活动经费分配办法", "summary": "在全校范围公布分配办法，涉及各单位经费。"},
        (
            Step(
                "assess",
                "panlili",
                {
                    **{
                        f"{risk}_{aspect}": "OK"
                        for risk in ("political", "stability", "opinion")
                        for aspect in ("legality", "reasonableness", "feasibility", "controllability")
                    },
                    "opinion_reasonableness": "FAIL",
                },
            ),
        ),
    ),
    Told(
        "postponement",
        "postponement",
        "orgdept",
        "panlili",
        {"title": "内设机构设置调整方案"},
        (
            Step("request", "panlili", _until),
            Step("consent", "heyaqin", AGREED),
        ),
    ),
    Told(
        "validity",
        "long_term_check",
        "orgdept",
        "panlili",
        {"title": "党费情况是否仍须公开", "reason": "新一年度的党费情况即将公布，请核对上年度的是否继续保留。"},
        (),
        links=_party_dues,
    ),
    Told(
        "lead",
        "accountability",
        "basic-medicine",
        "shixiaomin",
        {
            "title": "意见建议逾期未答复",
            "organisation": "basic-medicine",
            "ground": "G1",
            "facts": "督查中发现两项意见建议超过十五个工作日才答复，此前已提醒一次。",
        },
        (
            Step(
                "verify_facts",
                "yanweidong",
                {"result": "ESTABLISHED", "ground": "G1", "facts": "办理记录属实。", "consequence": "NONE"},
            ),
        ),
        home="discipline",
    ),
    Told(
        "consultation",
        "predecision_consultation",
        "orgdept",
        "panlili",
        {
            "title": "党员教育培训五年规划",
            "secret": "NO",
            "text": "<p>规划草案：每名党员每年集中学习不少于三十二学时。</p>",
            "reach": "ORG_ALL",
            "interest": "NO",
            "discussion": "NO",
            "hearing": "NO",
            "notice": "NO",
        },
        (),
    ),
    Told(
        "inspection",
        "inspection",
        "basic-medicine",
        "shixiaomin",
        {
            "title": "基础医学院党委党务公开专项督查",
            "kind": "SPECIAL",
            "organisation": "basic-medicine",
            "reason": "结合党建工作考核，检查目录和意见建议答复情况。",
        },
        (
            Step(
                "inspect",
                "wanlihua",
                {
                    "passed": ["CATALOGUE", "PROCEDURE", "SECRECY", "PEOPLE"],
                    "score": 86,
                    "problems": "两项意见建议超过期限才答复\n归档材料缺少公开栏撤下凭证",
                    "lead": "NO",
                },
            ),
        ),
    ),
    Told(
        "interpretation",
        "policy_interpretation",
        "orgdept",
        "panlili",
        {"title": "党费收缴、使用和管理情况解读", "reason": "涉及全体党员，咨询较多。"},
        (
            Step(
                "draft_interpretation",
                "panlili",
                {
                    "background": "<p>党费按照有关规定收缴、使用和管理，每年向党员公布一次。</p>",
                    "meaning": "<p>公开党费情况，是保障党员知情权、接受党员监督的基本做法。</p>",
                    "points": "<ul><li>党费主要用于教育培训党员</li><li>结余可以结转下一年度</li></ul>",
                    "focus": "<p>各支部活动经费如何申请：由支部书记向组织部提出。</p>",
                },
            ),
            Step(
                "review_interpretation",
                "gaojianping",
                {"secrecy": "PASS", "result": "PASS", "opinion": "表述准确，不涉密。"},
            ),
            Step("approve_interpretation", "wenhaoran", {"result": "AGREE", "opinion": "同意随原事项发布。"}),
        ),
        links=_party_dues,
    ),
    Told(
        "rule-question",
        "rule_interpretation",
        "anatomy-branch",
        "zhulin",
        {
            "title": "支部大会记录是否属于应当公开的内容",
            "article": "第八条",
            "question": "支部大会的决议会公开，会议记录全文是否也要公开？",
        },
        (
            Step(
                "draft_answer",
                "fangwenjing",
                {
                    "text": "<p>应当公开的是决议和执行情况；会议记录全文属于内部工作材料，可以依申请查阅。</p>",
                    "offices": ["orgdept", "propaganda"],
                },
            ),
        ),
    ),
    Told(
        "bulletin",
        "annual_report",
        "anatomy-branch",
        "houliangcai",
        {"title": "解剖学系教工党支部2025年度党务公开情况通报", "year": 2025},
        (
            Step(
                "draft_report",
                "longyating",
                {
                    "text": "<p>2025年度，本支部公开组织生活、党费收缴、发展党员等事项，收到的意见建议均已答复。</p>",
                    "scope": "INTRA_PARTY",
                },
            ),
            Step("approve_report", "houliangcai", {"result": "AGREE", "opinion": "属实，同意报送和通报。"}),
            Step(
                "hear_report",
                "houliangcai",
                {
                    "heard_on": "2026-01-20",
                    "minutes": "支委会〔2026〕2号",
                    "problems": "党员外出较多，公开栏看到的人少。",
                    "measures": "党费收缴情况同时在党员群公布，由组织委员从二月起办理。",
                },
            ),
        ),
    ),
)
