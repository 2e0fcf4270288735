"""The pages of incidents: reported by a reader, seen by whom they concern, releases held and resumed by clicking."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from engine import Task, tick
from processes.disclosure import demo
from processes.disclosure.holds import ReleaseHold
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident

SAID = {"what": "数据有误，引发误解", "where": "校内论坛", "severity": "MAJOR"}
PLAN = {"title": "舆情应急预案", "purpose": "公开引发舆情", "steps": "核实；澄清"}


@pytest.fixture
def publication(school):
    """The yearly work programme, released."""
    matter = told(school, "yearly-work-programme")
    approve(school, matter)
    with school.parts.database.read() as session:
        return Publication.of_matter(session, matter)


@pytest.fixture
def incident(school, publication):
    report(school, "zhulin", publication)
    return the_incident(school)


def told(school, key):
    story = next(story for story in demo.STORIES if story.key == key)
    demo.tell(school.parts.engine, story)
    return story.matter_id


def approve(school, matter_id):
    with school.parts.database.read() as session:
        instance = session.get(Matter, matter_id).instance_id
        element = session.scalar(select(Task.element).where(Task.instance_id == instance, Task.state == "open"))
    login, said = APPROVALS[element]
    demo.carry_out(school.parts.engine, instance, demo.Step(element, login, said))


APPROVALS = {
    "approve_head": ("shenguoan", {"result": "AGREE", "opinion": "同意。"}),
    "approve_collective": (
        "heyaqin",
        {
            "meeting_no": "第8次",
            "meeting_date": "2025-02-27",
            "present": 9,
            "votes_for": 9,
            "votes_against": 0,
            "minutes_ref": "纪要〔2025〕8号",
            "result": "AGREE",
        },
    ),
}


def report(school, login, publication, **changes):
    said = {"publication": publication.id, **SAID, **changes}
    return school.browser(login).post("/emergency/new", data=said, content_type="multipart/form-data")


def the_incident(school):
    with school.parts.database.read() as session:
        return session.scalars(select(EmergencyIncident)).one()


def holds(school):
    with school.parts.database.read() as session:
        return list(session.scalars(select(ReleaseHold).order_by(ReleaseHold.held_at)))


def state(school, matter_id):
    with school.parts.database.read() as session:
        return session.get(Matter, matter_id).state


def test_a_reader_reports_from_the_page_of_a_release(school, publication, text):
    page = school.browser("zhulin").get(f"/portal/{publication.id}").get_data(as_text=True)
    assert f"/emergency/new?publication={publication.id}" in page
    answer = report(school, "zhulin", publication, evidence=(io.BytesIO(b"%PDF-1.4 screenshot"), "截图.pdf"))
    page = text(school.browser("zhulin").get(answer.location))
    assert [said for said in ("已报告主管领导", "数据有误", "截图.pdf", "首报") if said not in page] == []


def test_a_report_with_gaps_comes_back_with_what_was_typed(school, publication):
    answer = report(school, "zhulin", publication, where="")
    assert answer.status_code == 422
    assert "数据有误，引发误解" in answer.get_data(as_text=True)


def test_a_report_needs_a_release_that_the_reporter_may_read(school, publication):
    publication.id = "no-such-release"
    answer = report(school, "zhulin", publication)
    assert (answer.status_code, "数据有误" in answer.get_data(as_text=True)) == (404, True)


def test_a_second_report_is_added_to_the_running_incident(school, publication, incident, text):
    form = text(school.browser("pengchao").get(f"/emergency/new?publication={publication.id}"))
    assert "正在处置，您的报告将作为补充报告并入" in form
    answer = report(school, "pengchao", publication, what="家长群也在转")
    assert answer.location == f"/emergency/{incident.id}"
    page = text(school.browser("pengchao").get(answer.location))
    assert "您的报告已作为补充报告并入" in page and "家长群也在转" in page


def test_the_reporter_and_the_receivers_see_the_incident_and_others_do_not(school, incident):
    for login in ("zhulin", "shenguoan", "fangwenjing", "tanglei", "yanweidong", "sikongyi"):
        assert school.browser(login).get(f"/emergency/{incident.id}").status_code == 200
        assert incident.title in school.browser(login).get("/emergency").get_data(as_text=True)
    for login in ("pengchao", "geqingshan", "weixitong"):
        assert school.browser(login).get(f"/emergency/{incident.id}").status_code == 404
        assert school.browser(login).get(f"/instances/{incident.instance_id}/diagram.json").status_code == 404
    assert "/sign-in" in school.visitor().get("/emergency").location


def test_the_instance_of_an_incident_is_shown_as_the_incident(school, incident):
    answer = school.browser("fangwenjing").get(f"/instances/{incident.instance_id}")
    assert answer.location == f"/emergency/{incident.id}"


def test_an_acknowledgement_after_the_escalation_is_shown_as_late(school, incident, text):
    school.clock.pass_by(hours=2)
    tick(school.parts.engine, school.clock.now)
    with school.parts.database.read() as session:
        waiting = select(Task).where(Task.instance_id == incident.instance_id, Task.element == "ack_leader")
        task = session.scalars(waiting).one()
    leader = school.browser("shenguoan")
    page = text(leader.get(f"/tasks/{task.id}"))
    assert "逾期未签收的，系统已上报上级" in page and "数据有误，引发误解" in page
    assert leader.post(f"/tasks/{task.id}/completion", data={"received": "true"}).status_code == 302
    assert "逾期签收" in text(leader.get(f"/emergency/{incident.id}"))
    assert "已记为逾期签收" in text(leader.get("/inbox/notices"))


def test_a_release_is_held_and_resumed_by_clicking(school, incident, text):
    matter = told(school, "standing-committee-minutes")
    with school.parts.database.read() as session:
        instance = session.get(Matter, matter).instance_id
    demo.carry_out(school.parts.engine, instance, demo.Step("review", "fangwenjing", demo.passed("同意公开。")))
    coordinator, page = school.browser("fangwenjing"), f"/emergency/{incident.id}"
    assert f'value="matter:{matter}"' in coordinator.get(page).get_data(as_text=True)
    coordinator.post(f"{page}/holds", data={"target": f"matter:{matter}", "reason": "数据待核实"})
    approve(school, matter)
    shown = text(coordinator.get(f"/matters/{matter}"))
    assert state(school, matter) == "ON_HOLD" and "数据待核实" in shown and "暂停中" in shown
    coordinator.post(f"{page}/holds/{holds(school)[0].id}/resumption", data={"reason": "已核实"})
    for _ in range(2):
        tick(school.parts.engine, school.clock.now)
    assert state(school, matter) in ("RELEASING", "RELEASED")
    assert "已核实" in text(coordinator.get(f"/matters/{matter}"))


def test_a_hold_without_a_reason_is_refused_and_so_is_a_stranger(school, incident, text):
    page = f"/emergency/{incident.id}/holds"
    empty = school.browser("fangwenjing").post(page, data={"target": "organisation:ccmu", "reason": " "})
    assert (empty.status_code, "请写明暂停或者恢复公开的理由" in text(empty)) == (422, True)
    reporter = school.browser("zhulin").post(page, data={"target": "organisation:ccmu", "reason": "x"})
    assert (reporter.status_code, holds(school)) == (403, [])
    assert "暂停哪些公开" not in text(school.browser("zhulin").get(f"/emergency/{incident.id}"))


def test_a_lead_is_recorded_and_seen_by_discipline_officers_only(school, incident, text):
    page = f"/emergency/{incident.id}"
    school.browser("yanweidong").post(f"{page}/leads", data={"ground": "G5", "facts": "首报迟报两小时"})
    assert "首报迟报两小时" in text(school.browser("yanweidong").get(page))
    assert "首报迟报两小时" not in text(school.browser("fangwenjing").get(page))
    assert "问责线索" not in text(school.browser("sikongyi").get(page))
    refused = school.browser("fangwenjing").post(f"{page}/leads", data={"ground": "G5", "facts": "x"})
    assert refused.status_code == 403


def test_the_coordinator_keeps_the_response_plans(school, text):
    keeper = school.browser("fangwenjing")
    answer = keeper.post("/emergency/plans", data=PLAN)
    changed = {**PLAN, "steps": "核实；报告；澄清", "after": "1"}
    assert keeper.post(f"{answer.location}/versions", data=changed).status_code == 302
    assert "核实；报告；澄清" in text(keeper.get(answer.location))
    late = keeper.post(f"{answer.location}/versions", data=changed)
    assert (late.status_code, "期间有人修改了该预案" in text(late)) == (409, True)
    keeper.post(f"{answer.location}/force", data={"_method": "DELETE"})
    assert "已停用" in text(keeper.get("/emergency/plans"))


def test_others_read_the_response_plans_and_do_not_change_them(school, text):
    plan = school.browser("fangwenjing").post("/emergency/plans", data=PLAN).location
    reader = school.browser("zhulin")
    assert "舆情应急预案" in text(reader.get("/emergency/plans")) and "核实；澄清" in text(reader.get(plan))
    assert reader.post("/emergency/plans", data=PLAN).status_code == 403
    assert reader.post(f"{plan}/versions", data=PLAN).status_code == 403


def test_an_empty_plan_is_refused_and_what_was_typed_is_kept(school, text):
    answer = school.browser("fangwenjing").post("/emergency/plans", data={**PLAN, "steps": ""})
    assert (answer.status_code, "公开引发舆情" in text(answer)) == (422, True)


def test_the_chosen_plan_is_offered_and_shown(school, incident, text):
    school.browser("fangwenjing").post("/emergency/plans", data=PLAN)
    with school.parts.database.read() as session:
        waiting = select(Task).where(Task.instance_id == incident.instance_id, Task.element == "choose_plan")
        task = session.scalars(waiting).one()
    shown = school.browser("fangwenjing").post(f"/tasks/{task.id}/form", data={"basis": "PLAN"})
    page = shown.get_data(as_text=True)
    plan = page.split("舆情应急预案")[0].rsplit('value="', 1)[1].split('"')[0]
    chosen = {"basis": "PLAN", "plan": plan, "severity": "SEVERE", "opinion": "按预案处置"}
    assert school.browser("fangwenjing").post(f"/tasks/{task.id}/completion", data=chosen).status_code == 302
    assert "核实；澄清" in text(school.browser("zhulin").get(f"/emergency/{incident.id}"))
