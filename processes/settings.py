"""Time limits: never a constant in a diagram, always a setting with its origin, overridden per organisation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.refusals import NotFound, Refusal
from processes.organisation import Organisation, ancestry


class LimitUnknown(NotFound):
    """There is no time limit "{key}"."""


class NotAPeriod(Refusal):
    """Not a period for {key}: "{value}". Write a number and wd (working days), d (days), h (hours), m (minutes) or s
    (seconds), such as 2wd."""


class ReasonMissing(Refusal):
    """Please give a reason for the change of {key}."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: its key, its names, its default such as `2wd`, and where that figure comes from."""

    key: str
    default: str
    zh: str
    en: str
    origin_zh: str
    origin_en: str


DESIGN = ("产品默认值，办法未作规定", "Default of the product; the regulation names no figure")

LIMITS: Mapping[str, Limit] = {
    limit.key: limit
    for limit in (
        Limit("t.propose", "5wd", "提出公开方案", "Propose the plan", *DESIGN),
        Limit("t.co_confirm", "2wd", "协同单位确认", "Co-unit confirmation", *DESIGN),
        Limit("t.review", "2wd", "审核", "Review", *DESIGN),
        Limit("t.sco", "3wd", "保密委员会办公室共同审查", "Joint secrecy review", *DESIGN),
        Limit("t.approve", "2wd", "审批", "Approval", *DESIGN),
        Limit("t.superior", "10wd", "上一级组织审批", "Approval by the superior", *DESIGN),
        Limit(
            "t.publish_after_approval",
            "2wd",
            "审批后公开",
            "Release after approval",
            "镇江经开区法院党务公开内容审核制度（2012）：主要负责人签字后两个工作日内公开",
            "Court Party group, Zhenjiang 2012: within two working days after the signature",
        ),
        Limit("t.prove", "5wd", "登记公开凭证", "Record the proof of release", *DESIGN),
        Limit(
            "t.minutes_release",
            "7d",
            "会议纪要公开",
            "Release of minutes",
            "办法附件目录表例1：会后一周内",
            "Annex, first example row: within one week after the meeting",
        ),
        Limit("t.immediate_total", "24h", "即时公开全过程", "Immediate disclosure, all steps", *DESIGN),
        Limit(
            "t.opinion_society",
            "15d",
            "向社会征求意见",
            "Opinions from society",
            "司法局党务预公开制度：面向社会不少于半个月",
            "Pre-disclosure rule of a justice bureau: at least half a month",
        ),
        Limit(
            "t.opinion_unit",
            "7d",
            "在单位内征求意见",
            "Opinions inside the unit",
            "司法局党务预公开制度：单位内部不少于一周",
            "Pre-disclosure rule of a justice bureau: at least one week",
        ),
        Limit(
            "t.hearing_announce",
            "10d",
            "听证公告",
            "Announcement of a hearing",
            "重大行政决策听证条款：十日前公告（各地十至三十日不等）",
            "A local rule on hearings: ten days before; other places have 15 or 30",
        ),
        Limit(
            "t.hearing_papers",
            "5d",
            "送达听证材料",
            "Papers for a hearing",
            "重大行政决策听证条款；福建省农业农村厅决策公开制度：五日前送达材料",
            "A local rule on hearings and the Fujian agriculture department: five days before",
        ),
        Limit(
            "t.notice_window",
            "5wd",
            "公示期",
            "Public notice window",
            "干部任前公示：五个工作日（另有七至十五日之说）",
            "Pre-appointment notices: five working days; other texts say 7 to 15 days",
        ),
        Limit("t.feedback", "15d", "意见建议收集期", "Feedback window", *DESIGN),
        Limit(
            "t.feedback_forward",
            "1wd",
            "转办意见建议",
            "Forward a suggestion",
            "西山金信公司党务公开意见收集处理反馈制度：一个工作日内",
            "A company's feedback rule: within one working day",
        ),
        Limit(
            "t.feedback_reply",
            "15wd",
            "答复意见建议",
            "Answer a suggestion",
            "山东省疼痛医学会党支部（2019）：受理后十五个工作日内",
            "A branch's rule of 2019: fifteen working days from acceptance",
        ),
        Limit(
            "t.incident_first",
            "1h",
            "突发事件首报",
            "First report of an incident",
            "中小学应急事件信息报送要求：一小时内",
            "School incident reporting: within one hour",
        ),
        Limit(
            "t.incident_written",
            "3wd",
            "突发事件书面报告",
            "Written report of an incident",
            "关于建立突发事件信息报送制度的通知（2013）：三个工作日内",
            "A notice of 2013 on incident reporting: within three working days",
        ),
        Limit("t.filing_after_change", "5wd", "目录变更后备案", "Filing after a change of the catalogue", *DESIGN),
        Limit("t.filing_receipt", "5wd", "备案回执", "Receipt of a filing", *DESIGN),
        Limit("t.catalogue_followup", "10wd", "目录外事项后续处理", "Catalogue follow-up", *DESIGN),
        Limit(
            "t.rectify",
            "10wd",
            "督查整改",
            "Rectification after an inspection",
            "政府网站巡查文章：通报后十个工作日内整改",
            "Site inspection practice: within ten working days after the bulletin",
        ),
        Limit("t.long_term_check", "365d", "长期公开事项复核", "Check of long-term matters", *DESIGN),
        Limit("t.catalogue_review", "365d", "目录年度复核", "Yearly review of the catalogue", *DESIGN),
        Limit(
            "t.annual_bulletin",
            "365d",
            "年度通报",
            "Yearly bulletin",
            "办法第二十三条：每年向有关党员和群众通报党务公开情况",
            "Art. 23: every year to the members and masses concerned",
        ),
        Limit("t.archive", "10wd", "归档", "Archiving", *DESIGN),
    )
}
"""Key → limit (domain.md §1.7)."""

PERIOD = re.compile(r"\d+(wd|d|h|m|s)")


class OrganisationSetting(Base):
    """One change of a time limit by an organisation: what, who, when, why. Rows are only added; the last one counts.

    A `value` of `None` gives the limit back to the superior.
    """

    __tablename__ = "organisation_settings"
    __table_args__ = (Index("ix_organisations_setting_organisation_key", "organisation", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    key: Mapped[str] = mapped_column(String(32))
    value: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)

    @classmethod
    def history(cls, session: Session, organisation: str, key: str) -> list[OrganisationSetting]:
        """The changes of one limit by one organisation, oldest first."""
        query = select(cls).where(cls.organisation == organisation, cls.key == key)
        return list(session.scalars(query.order_by(cls.id)))

    @classmethod
    def latest(cls, session: Session, organisations: list[str]) -> dict[tuple[str, str], OrganisationSetting]:
        """(organisation, key) → the row that counts."""
        rows = session.scalars(select(cls).where(cls.organisation.in_(organisations)).order_by(cls.id))
        return {(row.organisation, row.key): row for row in rows}


def change(
    session: Session, organisation: str, key: str, value: str | None, *, by: str, at: datetime, reason: str
) -> OrganisationSetting:
    """An organisation sets a limit, or gives it back with `None`. Refused: unknown key, no period, no reason."""
    if key not in LIMITS:
        raise LimitUnknown(what="time limit", key=key)
    if value is not None and not PERIOD.fullmatch(value):
        raise NotAPeriod(value=value, key=key)
    if not reason.strip():
        raise ReasonMissing(key=key)
    code = Organisation.of(session, organisation).code
    row = OrganisationSetting(organisation=code, key=key, value=value, by=by, at=at, reason=reason.strip())
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts for an organisation, and why: `change` is the row that set it, `None` for the default."""

    limit: Limit
    value: str
    change: OrganisationSetting | None


def explained(session: Session, organisation: str) -> list[Effective]:
    """Every limit as it counts for an organisation: its own, else the nearest one upwards, else the default."""
    line = [above.code for above in ancestry(session, organisation)]
    rows = OrganisationSetting.latest(session, line)
    return [_effective(limit, [rows.get((code, limit.key)) for code in line]) for limit in LIMITS.values()]


def effective(session: Session, organisation: str) -> dict[str, str]:
    """Key → period such as `2wd`, as it counts for an organisation; what a matter is started with."""
    return {found.limit.key: found.value for found in explained(session, organisation)}


def _effective(limit: Limit, rows: list[OrganisationSetting | None]) -> Effective:
    for row in rows:
        if row and row.value is not None:
            return Effective(limit, row.value, row)
    return Effective(limit, limit.default, None)
