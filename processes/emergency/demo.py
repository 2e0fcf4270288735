"""An incident to try the product on: a misreading of the demo's release, handled, closed and reviewed (Art. 21(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from processes.demo import person
from processes.disclosure.demo import STORIES, Step, go_on
from processes.disclosure.publications import Publication
from processes.emergency.incidents import EmergencyIncident, report

if TYPE_CHECKING:
    from engine import Engine


def load_incident(engine: Engine) -> None:
    """Tell what is not told yet. The demo's matters and the version in force must be there."""
    with engine.database.write() as session:
        finished = next(story.matter_id for story in STORIES if story.key == "party-dues")
        publication = Publication.of_matter(session, finished)
        if publication is None:
            return
        reported = select(EmergencyIncident).where(EmergencyIncident.publication_id == publication.id)
        incident = session.scalar(reported.order_by(EmergencyIncident.reported_at).limit(1))
        if incident is None:
            by = person(session, "zhulin").id
            incident, _ = report(session, engine, publication, REPORT, by, engine.clock())
        instance = incident.instance_id
    go_on(engine, instance, STEPS)


REPORT = {
    "what": "有师生把表格中的占比误读为金额，在群里转发，引起误解。",
    "where": "校内工作群",
    "severity": "GENERAL",
    "departments": [],
    "evidence": [],
}
RECEIVED = {"received": True, "opinion": "收到，请尽快说明。"}

STEPS = (
    Step("ack_leader", "shenguoan", RECEIVED),
    Step("ack_office", "fangwenjing", RECEIVED),
    Step("ack_department", "gaojianping", RECEIVED),
    Step(
        "choose_plan",
        "fangwenjing",
        {"basis": "NONE", "severity": "GENERAL", "opinion": "影响有限，没有专门预案，按一般情况处置。"},
    ),
    Step("decide", "shenguoan", {"approach": "由组织部在工作群说明占比的含义。"}),
    Step("arrange", "fangwenjing", {"actions": [{"what": "在工作群说明表中数字是占比", "unit": "orgdept"}]}),
    Step("carry_out_action", "gaojianping", {"outcome": "DONE", "opinion": "已说明，没有新的疑问。"}),
    Step("progress", "fangwenjing", {"opinion": "误解已消除。", "next": "CLOSE"}),
    Step(
        "review_incident",
        "fangwenjing",
        {
            "cause": "表格没有写明单位。",
            "opinion": "公开前应检查表格的单位和说明。",
            "improvements": "今后的表格写明计量单位。",
            "in_time": True,
        },
    ),
)
