"""A draft is opened by several, saved by one at a time, and never lost."""

from __future__ import annotations

from tests.web.designer.conftest import JSON, REVIEW, Desk, opened


def test_a_draft_begins_with_the_files_in_force(draft):
    told = draft.get("draft.json").json
    assert told["definition"] == "disclosure" and told["start"] == "disclosure.bpmn" and told["may_edit"]
    assert REVIEW in [file["path"] for file in told["files"]]


def test_the_list_shows_procedures_and_drafts(school, draft, text):
    page = text(draft.browser.get("/designer"))
    assert "艾文" in page and "disclosure" in page


def test_a_file_is_saved_over_the_state_one_has_read(draft):
    answer = draft.change(REVIEW, "提出、协同确认与审核", "提出、确认与审核")
    assert answer.status_code == 200 and answer.headers["ETag"].strip('"') == answer.json["digest"]
    assert "提出、确认与审核" in draft.text(REVIEW)


def test_two_designers_never_overwrite_each_other(school, draft, hire):
    other = opened(school, hire("xuzhihang", "process_designer"), draft.url)
    digest = draft.digest(REVIEW)
    other.change(REVIEW, "提出、协同确认与审核", "别人改过")
    answer = draft.save(REVIEW, draft.text(REVIEW).replace("别人", "我").encode(), digest)
    assert answer.status_code == 412 and answer.json["code"] == "Outdated"
    assert answer.json["by"]["name"] == school.person("xuzhihang").name and answer.json["digest"] == other.digest(
        REVIEW
    )
    assert "别人改过" in draft.text(REVIEW)


def test_what_was_overwritten_can_be_read_in_the_history(draft):
    before = draft.digest(REVIEW)
    draft.change(REVIEW, "提出、协同确认与审核", "改过")
    states = draft.get(f"history.json?path={REVIEW}").json["history"]
    assert [state["digest"] for state in states][1:] == [before]
    assert "提出、协同确认与审核" in draft.text(f"{REVIEW}?digest={before}")


def test_saving_without_saying_what_one_saw_is_refused(draft):
    answer = draft.browser.put(f"{draft.url}/files/{REVIEW}", data=b"<x/>", headers=JSON)
    assert answer.status_code == 428


def test_a_new_file_does_not_replace_one_of_the_same_name(draft):
    assert draft.save("new.form.json", b'{"components": []}').status_code == 201
    assert draft.save("new.form.json", b'{"components": [1]}').status_code == 412


def test_a_file_taken_out_stays_in_the_history(draft):
    digest = draft.digest("prove.form.json")
    headers = {**JSON, "If-Match": f'"{digest}"'}
    assert draft.browser.delete(f"{draft.url}/files/prove.form.json", headers=headers).status_code == 200
    assert draft.get("files/prove.form.json").status_code == 404
    assert draft.get(f"files/prove.form.json?digest={digest}").status_code == 200


def test_what_is_not_xml_is_not_saved(draft):
    answer = draft.save(REVIEW, b"<bpmn", draft.digest(REVIEW))
    assert answer.status_code == 422 and answer.json["findings"][0]["path"] == REVIEW
    assert answer.json["findings"][0]["mend"]


def test_other_kinds_of_files_are_not_taken(draft):
    assert draft.save("virus.exe", b"MZ").status_code == 415
    assert draft.save("../up.bpmn", b"<a/>").status_code in (404, 415)


def test_a_withdrawn_draft_can_still_be_read(draft):
    draft.browser.post(f"{draft.url}/withdrawal")
    assert draft.get("draft.json").json["state"] == "withdrawn" and draft.text(REVIEW)
    assert draft.change(REVIEW, "审核", "审").status_code == 409


def test_an_auditor_reads_and_changes_nothing(school, draft):
    reader = opened(school, "sikongyi", draft.url)
    assert reader.get("draft.json").json["may_edit"] is False
    assert reader.change(REVIEW, "审核", "审").status_code == 403
    assert school.browser("sikongyi").get("/designer").status_code == 200


def test_a_handler_does_not_come_in(school, draft):
    assert opened(school, "xuzhihang", draft.url).get("draft.json").status_code == 403
    assert school.browser("xuzhihang").get("/designer").status_code == 403


def test_the_page_hosts_the_editors(draft, text):
    answer = draft.browser.get(draft.url)
    assert 'id="designer"' in answer.get_data(as_text=True) and REVIEW in text(answer)
    assert "style-src 'self' 'unsafe-inline'" in answer.headers["Content-Security-Policy"]


def test_a_new_procedure_begins_with_a_drawn_start_and_end(school):
    url = school.browser("aiwen").post("/designer/drafts", data={"title": "新流程 <甲>"}).headers["Location"]
    desk = Desk(school.browser("aiwen"), url)
    assert desk.findings() == []
    assert desk.get("draft.json").json["title"] == "新流程 <甲>"


def test_a_draft_is_renamed(draft):
    assert draft.browser.put(f"{draft.url}/title", json={"title": "改名"}, headers=JSON).json == {"title": "改名"}


def test_the_layout_answers_a_drawing_and_saves_nothing(draft):
    before = draft.digest(REVIEW)
    assert "BPMNShape" in draft.post("layout", path=REVIEW).json["xml"]
    assert draft.digest(REVIEW) == before
