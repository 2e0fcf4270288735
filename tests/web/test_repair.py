"""Operators set an instance right; deployers move what runs to another version; others do neither."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine import Instance, Task, repairing
from web import procedures_folder

OPERATOR, COLLEAGUE, DEPLOYER = "weixitong", "fangwenjing", "mozhenyu"
WHY = {"reason": "数据录错"}


@pytest.fixture
def matter(school):
    """A matter whose plan waits for its review."""
    matter = school.matter()
    school.propose(matter)
    return matter


@pytest.fixture
def address(matter):
    return f"/operations/instances/{matter.instance_id}"


def stands(school, matter) -> list[str]:
    with school.parts.database.read() as session:
        query = select(Task.element).where(Task.instance_id == matter.instance_id, Task.state == "open")
        return sorted(session.scalars(query))


def other_version(school) -> str:
    """The five steps with a longer name of one step."""
    folder = next(folder for folder in procedures_folder.ours() if folder.name == "disclosure")
    files = procedures_folder.files_in(folder)
    path = next(path for path, data in files.items() if path.endswith(".bpmn") and b'id="review"' in data)
    changed = files[path].replace('name="公开审核'.encode(), 'name="公开审核（新）'.encode()) + b"\n<!-- 2 -->"
    return school.parts.engine.deploy({**files, path: changed}, "test").id


def test_the_page_tells_where_it_stands_and_what_can_be_done(school, text, matter, address):
    page = text(school.browser(OPERATOR).get(address))
    assert "转派" in page and "退回到先前的环节" in page and "挂起" in page
    assert school.browser(OPERATOR).get(f"{address}/diagram.json").json["files"]


@pytest.mark.parametrize("login", ["xuzhihang", "jiyan"])
def test_nobody_else_sets_it_right(school, matter, address, login):
    browser = school.browser(login)
    assert browser.get(address).status_code == 403
    for act in ("suspend", "cancel", "jump", "corrections"):
        assert browser.post(f"{address}/{act}", data={**WHY, "element": "draft"}).status_code == 403
    assert "处置" not in re.sub(r"<[^>]+>", " ", school.browser("xuzhihang").get(f"/matters/{matter.id}").text)


def test_a_suspended_matter_refuses_its_steps(school, text, matter, address):
    browser, engine = school.browser(OPERATOR), school.parts.engine
    assert "已挂起" in text(browser.post(f"{address}/suspend", data=WHY, follow_redirects=True))
    task = school.task(matter, "review")
    with pytest.raises(Exception, match="suspended"):
        engine.complete(task.id, school.actor("fangwenjing"), {})
    assert "流程继续" not in text(browser.post(f"{address}/resume", data=WHY, follow_redirects=True))
    assert stands(school, matter) == ["review"]


def test_without_a_reason_nothing_happens(school, text, matter, address):
    answer = school.browser(OPERATOR).post(f"{address}/suspend", data={"reason": " "})
    assert answer.status_code == 422 and stands(school, matter) == ["review"]


def test_it_goes_back_and_the_story_strikes_what_was_said(school, text, matter, address):
    done = school.browser(OPERATOR).post(f"{address}/jump", data={**WHY, "element": "draft"}, follow_redirects=True)
    assert "作为历史保留" in text(done) and stands(school, matter) == ["draft"]
    page = school.browser("xuzhihang").get(f"/matters/{matter.id}").text
    assert "is-undone" in page and "退回到" in page and "数据录错" in page


def test_the_ledger_and_the_playback_name_the_act(school, text, matter, address):
    school.browser(OPERATOR).post(f"{address}/jump", data={**WHY, "element": "draft"})
    audit = text(school.browser("jiyan").get(f"/audit/instances/{matter.instance_id}"))
    assert "已退回" in audit and "数据录错" in audit
    assert "退回到" in text(school.browser("xuzhihang").get(f"/instances/{matter.instance_id}/playback"))


def test_a_task_is_given_to_a_person(school, text, matter, address):
    task, person = school.task(matter, "review"), school.person("gaojianping")
    data = {**WHY, "organisation": task.organisation, "post": task.post, "person": person.id}
    school.browser(OPERATOR).post(f"/operations/tasks/{task.id}/assignment", data=data)
    assert school.task(matter, "review").person == person.id


def test_a_correction_needs_two(school, text, matter, address):
    browser = school.browser(COLLEAGUE)
    data = {**WHY, "path": "plan.title", "value": "新的标题"}
    assert "须由另一人确认" in text(browser.post(f"{address}/corrections", data=data, follow_redirects=True))
    with school.parts.database.read() as session:
        (asked,) = repairing.Correction.waiting(session)
    assert browser.post(f"{address}/corrections/{asked.id}/confirmation").status_code == 403
    school.browser(OPERATOR).post(f"{address}/corrections/{asked.id}/confirmation")
    with school.parts.database.read() as session:
        assert repairing.variables(school.parts.engine, session, matter.instance_id)["plan"]["title"] == "新的标题"


def test_what_runs_is_tried_out_and_moved(school, text, matter):
    browser, after = school.browser(DEPLOYER), other_version(school)
    with school.parts.database.read() as session:
        before = session.get_one(Instance, matter.instance_id).version_id
    page = text(browser.get(f"/operations/versions/{before}?to={after}"))
    assert "保留" in page and "迁移 1 个实例" in page
    shown = browser.get(f"/operations/instances/{matter.instance_id}/move?to={after}")
    assert "迁移后" in text(shown)
    sides = [browser.get(f"/operations/instances/{matter.instance_id}/move.json?to={after}&side={side}").json
             for side in ("before", "after")]  # fmt: skip
    assert all("review" in [mark for file in side["files"] for mark in file["active"]] for side in sides)
    done = browser.post(f"/operations/versions/{before}/acts", data={**WHY, "act": "move", "after": after},
                        follow_redirects=True)  # fmt: skip
    assert "全部完成" in text(done)
    with school.parts.database.read() as session:
        assert session.get_one(Instance, matter.instance_id).version_id == after
    assert "迁移到流程的另一版本" in text(school.browser("xuzhihang").get(f"/matters/{matter.id}"))


def test_only_who_may_moves(school, matter):
    after = other_version(school)
    with school.parts.database.read() as session:
        before = session.get_one(Instance, matter.instance_id).version_id
    for login in ("xuzhihang", "fangwenjing"):
        data = {**WHY, "act": "move", "after": after}
        assert school.browser(login).post(f"/operations/versions/{before}/acts", data=data).status_code == 403


def test_a_whole_version_is_suspended_and_resumed(school, text, matter, address):
    browser = school.browser(OPERATOR)
    with school.parts.database.read() as session:
        version = session.get_one(Instance, matter.instance_id).version_id
    acts = f"/operations/versions/{version}/acts"
    assert "全部完成" in text(browser.post(acts, data={**WHY, "act": "suspend"}, follow_redirects=True))
    assert "不再受理新的实例" in text(browser.get(f"/operations/versions/{version}"))
    browser.post(acts, data={**WHY, "act": "resume"})
    assert "已挂起" not in text(browser.get(address)).split("历史")[0]
