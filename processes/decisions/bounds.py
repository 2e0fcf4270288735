"""Within which bounds an organisation may change a table: never looser than the regulation, case by case.

A table is compared with the one above it over all cases that matter to the regulation. Looking at the answers rather
than at the rows lets an organisation write its rows as it likes, and still nothing gets past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from engine import Decision
from engine.refusals import Refusal
from processes.decisions.refusals import Loosened, TableIncomplete

Variables = Mapping[str, Any]
YES_NO = (True, False)
SCOPES = ("ORG_ALL", "INTRA_PARTY", "UNIT", "TARGETED", "PUBLIC")


@dataclass(frozen=True, slots=True)
class Case:
    """What a table is asked, in words and as variables."""

    words: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class Bounds:
    """A table of domain rules: its number, names, what may be changed, and how that is found out.

    `is_within(above, own)`: is the organisation's answer at least as strict? None: nobody may change the table.
    """

    decision: str
    number: str
    zh: str
    en: str
    rule_zh: str
    rule_en: str
    cases: Callable[[], Iterator[Case]] = lambda: iter(())
    is_within: Callable[[Any, Any], bool] | None = None


def check(bounds: Bounds, above: Decision, own: Decision, notes: Sequence[str]) -> None:
    """Refuse a table that is looser than the one above it in any case: Loosened names both rows and the article.

    `notes`: what the rows of the table above say.
    """
    for case in bounds.cases():
        given, rows = above.decide(case.variables)
        try:
            answer, own_rows = own.decide(case.variables)
        except Refusal as refusal:
            raise TableIncomplete(reason=str(refusal)) from None
        assert bounds.is_within is not None
        if not bounds.is_within(given, answer):
            raise Loosened(
                row=", ".join(map(str, own_rows)) or "–",
                base_row=", ".join(map(str, rows)) or "–",
                case=case.words,
                answer=said(answer),
                base_answer=said(given),
                article=" ".join(notes[row - 1] for row in rows[:1]),
            )


def said(answer: Any) -> str:
    """An answer of a table in a line."""
    if isinstance(answer, list):
        return "、".join(said(each) for each in answer) or "–"
    if isinstance(answer, Mapping):
        return " · ".join(said(value) for value in answer.values() if value not in (None, ""))
    return {True: "是", False: "否"}.get(answer, str(answer)) if isinstance(answer, bool) else str(answer)


def _ladder(key: str, *steps: str) -> Callable[[Any, Any], bool]:
    """Answers on a ladder from loose to strict: an organisation may climb."""

    def is_within(above: Any, own: Any) -> bool:
        return own[key] in steps and steps.index(own[key]) >= steps.index(above[key])

    return is_within


def _cases(build: Callable[..., Variables], **choices: Sequence[Any]) -> Callable[[], Iterator[Case]]:
    def cases() -> Iterator[Case]:
        for values in product(*choices.values()):
            named = dict(zip(choices, values, strict=True))
            yield Case("，".join(f"{name} {said(value)}" for name, value in named.items()), build(*values))

    return cases


def _route(superior: bool, risk: str, listed: bool, item_route: str | None, important: bool) -> Variables:
    return {
        "review": {"superior_required": superior, "risk": risk, "important": important},
        "registered": {"in_catalogue": listed, "item_route": item_route, "important": important},
    }


def _audience(unsuitable: bool, *concerns: bool) -> Variables:
    named = zip(("TARGETS", "MEMBERS", "UNIT", "LIVELIHOOD"), concerns, strict=True)
    ground = "UNSUITABLE" if unsuitable else None
    return {"plan": {"relevance": [name for name, is_so in named if is_so], "ground": ground}}


def _narrower(above: Any, own: Any) -> bool:
    """A narrower audience will do; not disclosing at all is only for the grounds of Article 5."""
    narrower = {
        "NONE": {"NONE"},
        "TARGETED": {"TARGETED"},
        "INTRA_PARTY": {"INTRA_PARTY", "TARGETED"},
        "UNIT": {"UNIT", "TARGETED"},
        "ORG_ALL": {"ORG_ALL", "INTRA_PARTY", "UNIT", "TARGETED"},
        "MANUAL": {"MANUAL", "INTRA_PARTY", "UNIT", "TARGETED"},
    }
    return own["scope"] in narrower[above["scope"]]


def _fewer_channels(above: Any, own: Any) -> bool:
    """A channel may be closed to a scope and a proof asked for; nothing may be opened."""
    rows = {row["channel"]: row for row in own}
    return all(_is_channel_within(row, rows.get(row["channel"])) for row in above)


def _is_channel_within(above: Mapping[str, Any], own: Mapping[str, Any] | None) -> bool:
    if own is None:
        return False
    keeps_proof = above["proof"] == "NONE" or own["proof"] != "NONE"
    return bool(above["allowed"] or not own["allowed"]) and keeps_proof and own["portal"] == above["portal"]


def _channels_case(channel: str, scope: str) -> Variables:
    return {"plan": {"channels": [channel], "scope": scope}}


CHANNELS = (
    "MEETING",
    "DOCUMENT",
    "BULLETIN_PAPER",
    "LAN",
    "NOTICE_BOARD",
    "COMMUNIQUE",
    "PRESS_CONFERENCE",
    "INTERVIEW",
    "NEWSPAPER",
    "RADIO",
    "TV",
    "INTERNET",
    "NEW_MEDIA",
    "SCHOOL_AFFAIRS",
)


def _late(consequence: str, is_done: bool, days: int) -> Variables:
    return {"late": {"consequence": consequence}, "delay": {"is_done": is_done, "days": days}}


def _sooner(above: Any, own: Any) -> bool:
    """Acting earlier will do; a lead to accountability is never a matter of days."""
    steps = ("NONE", "REMIND", "HEAD", "SUPERVISOR", "SUPERIOR", "LEAD")
    is_same_lead = (own["action"] == "LEAD") == (above["action"] == "LEAD")
    return is_same_lead and own["action"] in steps and steps.index(own["action"]) >= steps.index(above["action"])


FINDINGS = ("SECRET", "WORK_SECRET", "SENSITIVE", "PERSONAL", "PERSONAL_FILE", "UNREADABLE", "NONE")
RISKS = ("political", "stability", "opinion")
ASPECTS = ("legality", "controllability", "reasonableness", "feasibility")


def _risk_cases() -> Iterator[Case]:
    """Every number of cells that are not sound and of doubts, with and without legality and controllability."""
    cells = [f"{risk}_{aspect}" for aspect in ASPECTS for risk in RISKS]
    for unlawful, uncontrolled, fails, concerns in product((0, 1), (0, 1), range(4), range(6)):
        failing = {*cells[:unlawful], *cells[3 : 3 + uncontrolled], *cells[6 : 6 + fails]}
        doubtful = [cell for cell in cells if cell not in failing][:concerns]
        grid = {cell: "FAIL" if cell in failing else "CONCERN" if cell in doubtful else "OK" for cell in cells}
        words = f"不合法 {unlawful}，不可控 {uncontrolled}，不成立 {len(failing)}，存疑 {len(doubtful)}"
        yield Case(words, {"assessment": grid})


BOUNDS: Mapping[str, Bounds] = {
    bounds.decision: bounds
    for bounds in (
        Bounds(
            "audience_scope",
            "D1",
            "公开范围",
            "Audience",
            "可以收窄公开范围，不得放宽；不予公开只限第五条规定的情形。",
            "May narrow the audience, never widen it; not disclosing is for the grounds of Art. 5 alone.",
            _cases(_audience, 不宜公开=YES_NO, 特定对象=YES_NO, 党员=YES_NO, 本单位=YES_NO, 民生=YES_NO),
            _narrower,
        ),
        Bounds(
            "approval_route",
            "D2",
            "审批程序",
            "Approval route",
            "可以提高审批层级（主要负责人 → 本人或集体 → 集体 → 集体并报上级），不得降低。",
            "May ask for more (head, head or body, body, body and superior), never for less.",
            _cases(
                _route,
                须报上级=YES_NO,
                风险=("LOW", "MEDIUM", "HIGH"),
                列入目录=YES_NO,
                目录规定=(None, "HEAD", "COLLECTIVE", "COLLECTIVE_SUPERIOR"),
                重要=YES_NO,
            ),
            _ladder("route", "HEAD", "CHOICE", "COLLECTIVE", "COLLECTIVE_SUPERIOR"),
        ),
        Bounds(
            "outside_route",
            "D2",
            "目录外事项由谁审批",
            "Approval outside the catalogue",
            "可以改为集体研究或者报上级，不得降低（第十二条）。",
            "May ask for the leading body or the superior, never for less (Art. 12).",
            _cases(
                lambda superior, risk: {"review": {"superior_required": superior, "risk": risk}},
                须报上级=YES_NO,
                风险=("LOW", "MEDIUM", "HIGH"),
            ),
            _ladder("route", "CHOICE", "COLLECTIVE", "COLLECTIVE_SUPERIOR"),
        ),
        Bounds(
            "time_mode",
            "D3",
            "时间方式",
            "Time mode",
            "第十六条直接规定了五种时间方式，各单位不得更改。",
            "Art. 16 itself fixes the five modes; no organisation may change them.",
        ),
        Bounds(
            "channel_rules",
            "D4",
            "公开方式",
            "Channels",
            "可以不使用某种公开方式、增加凭证要求，不得开放办法未允许的方式。",
            "May close a channel or ask for proof, never open what the regulation does not.",
            _cases(_channels_case, 公开方式=CHANNELS, 公开范围=SCOPES),
            _fewer_channels,
        ),
        Bounds(
            "risk_level",
            "D5",
            "风险等级",
            "Level of risk",
            "可以提高等级（低 → 中 → 高 → 不得公开），不得降低。",
            "May raise the level (low, medium, high, not to be disclosed), never lower it.",
            _risk_cases,
            _ladder("level", "LOW", "MEDIUM", "HIGH", "BLOCK"),
        ),
        Bounds(
            "treatment",
            "D7",
            "处理方式",
            "Treatment of findings",
            "可以增加处理方式，不得减少。",
            "May ask for more treatments, never for fewer.",
            _cases(lambda kind: {"scan": {"kinds": [kind]}}, 发现=FINDINGS),
            lambda above, own: set(above) <= set(own),
        ),
        Bounds(
            "overdue",
            "D6",
            "超期督办",
            "What follows a delay",
            "可以提前督办，不得推迟；追责线索只由后果引起。",
            "May act earlier, never later; only a consequence opens a lead.",
            _cases(_late, 后果=("NONE", "ADVERSE", "REFUSED"), 已办结=YES_NO, 超期工作日=tuple(range(9))),
            _sooner,
        ),
        Bounds(
            "opinion_response",
            "D8",
            "舆情回应",
            "Response to public opinion",
            "可以增加澄清、报告、引导，不得减少。",
            "May clarify, report and guide more, never less.",
            _cases(
                lambda untrue, major: {"assessed": {"untrue": untrue, "major": major}},
                不实=("YES", "NO"),
                重大=("YES", "NO"),
            ),
            lambda above, own: all(own[key] or not above[key] for key in ("clarify", "report", "guide")),
        ),
    )
}
"""Decision → within which bounds it may be changed."""
