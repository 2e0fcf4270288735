"""A version comes into force by two people, and running matters stay on theirs."""

from __future__ import annotations

import pytest

from engine import Instance
from tests.web.designer.conftest import JSON, REVIEW, Desk, in_force, opened

OLD, NEW = 'name="提出、协同确认与审核" isExecutable', 'name="提出、沟通确认与审核" isExecutable'
DEPLOYER = "mozhenyu"


@pytest.fixture
def changed(draft: Desk) -> Desk:
    """A draft with one change."""
    assert draft.change(REVIEW, OLD, NEW).status_code == 200
    return draft


@pytest.fixture
def asked(changed: Desk) -> str:
    """The address of the request for its deployment."""
    return str(changed.post("requests", note="改一个名字").json["url"])


def decide(school, login, url, how="approval", **said):
    return school.browser(login).post(f"{url}/{how}", json=said, headers=JSON)


def version_of(school, matter):
    with school.parts.database.read() as session:
        return session.get_one(Instance, matter.instance_id).version_id


def test_a_colleague_puts_it_in_force(school, asked):
    before = in_force(school)
    answer = decide(school, DEPLOYER, asked)
    assert answer.status_code == 200 and answer.json["version"]["number"] == 2
    assert in_force(school) == answer.json["version"]["version"] != before


def test_the_next_matter_takes_the_new_version_while_the_running_one_stays(school, asked):
    running = school.matter()
    before = in_force(school)
    decide(school, DEPLOYER, asked)
    assert version_of(school, running) == before
    assert version_of(school, school.matter()) == in_force(school) != before
    school.propose(running)


def test_who_drew_it_cannot_approve_it(school, asked, hire):
    hire("aiwen", "process_deployer")
    before = in_force(school)
    answer = decide(school, "aiwen", asked)
    assert answer.status_code == 403 and answer.json["code"] == "SamePerson" and in_force(school) == before


def test_who_drew_only_a_part_cannot_approve_it_either(school, changed, hire):
    hire(DEPLOYER, "process_designer")
    opened(school, DEPLOYER, changed.url).save("extra.form.json", b'{"components": []}')
    url = changed.post("requests", note="").json["url"]
    assert decide(school, DEPLOYER, url).json["code"] == "SamePerson"


def test_a_designer_alone_cannot_approve(school, asked, hire):
    assert decide(school, hire("xuzhihang", "process_designer"), asked).status_code == 403


def test_the_draft_rests_while_it_waits(changed, asked):
    assert changed.change(REVIEW, NEW, OLD).status_code == 409
    assert changed.post("requests", note="again").status_code == 409


def test_it_is_sent_back_with_a_reason(school, changed, asked):
    assert decide(school, DEPLOYER, asked, "rejection").status_code == 422
    assert decide(school, DEPLOYER, asked, "rejection", reason="名称不妥").json == {"state": "rejected"}
    told = changed.get("draft.json").json
    assert told["state"] == "open" and told["request"]["reason"] == "名称不妥"


def test_a_decided_request_is_not_decided_again(school, asked):
    decide(school, DEPLOYER, asked)
    assert decide(school, DEPLOYER, asked).status_code == 409


def test_who_asked_takes_it_back(school, changed, asked):
    assert decide(school, DEPLOYER, asked, "recall").status_code == 403
    assert decide(school, "aiwen", asked, "recall").json == {"state": "recalled"}
    assert changed.get("draft.json").json["may_edit"]


def test_a_draft_with_mistakes_is_not_requested(draft):
    draft.change(REVIEW, 'value="review.form.json"', 'value="gone.form.json"')
    answer = draft.post("requests", note="")
    assert answer.status_code == 422 and answer.json["findings"][0]["element"] == "review"


def test_the_main_process_keeps_its_id(draft):
    draft.change("disclosure.bpmn", 'processRef="disclosure"', 'processRef="disclosure2"')
    draft.change("disclosure.bpmn", '<bpmn:process id="disclosure"', '<bpmn:process id="disclosure2"')
    answer = draft.post("requests", note="")
    assert answer.status_code == 422 and "disclosure2" in answer.json["error"]


def test_the_difference_names_the_element_and_the_property(changed):
    told = changed.get("difference.json").json
    assert [file["path"] for file in told["files"]] == [REVIEW] and told["against"]["number"] == 1
    marks = [mark for mark in told["diagrams"][0]["marks"] if mark["change"] == "changed"]
    assert [(mark["element"], [each["name"] for each in mark["properties"]]) for mark in marks] == [
        ("propose_review", ["name"])
    ]
    assert told["diagrams"][0]["before"] != told["diagrams"][0]["after"]


def test_the_difference_names_changed_fields_and_rules(draft):
    draft.change("review.form.json", '"required": true', '"required": false')
    told = draft.get("difference.json").json
    assert [form["path"] for form in told["forms"]] == ["review.form.json"]
    assert told["forms"][0]["fields"][0]["change"] == "changed"


def test_the_request_is_a_page_that_works_without_scripts(school, asked, text):
    page = school.browser(DEPLOYER).get(asked)
    assert "改一个名字" in text(page) and "提出、沟通确认与审核" in text(page)
    school.browser(DEPLOYER).post(f"{asked}/approval", data={"reason": "同意"})
    assert "同意" in text(school.browser("sikongyi").get(asked))


def test_the_draft_that_was_deployed_is_closed(school, changed, asked):
    decide(school, DEPLOYER, asked)
    assert changed.get("draft.json").json["state"] == "deployed"
    assert changed.change(REVIEW, NEW, OLD).status_code == 409


def test_a_default_that_is_written_out_is_no_difference(draft):
    draft.change("disclosure.bpmn", ' cancelActivity="false"', "")
    marks = draft.get("difference.json").json["diagrams"][0]["marks"]
    assert [each["name"] for mark in marks for each in mark["properties"]] == ["cancelActivity"]
    draft.change("disclosure.bpmn", "<bpmn:boundaryEvent ", '<bpmn:boundaryEvent parallelMultiple="false" ')
    assert draft.get("difference.json").json["diagrams"][0]["marks"] == marks
