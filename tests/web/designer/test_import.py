"""Files from outside: taken whole, or refused by name."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.web.designer.conftest import REVIEW, Desk

FOREIGN = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    targetNamespace="x" id="d">
  <process id="other" name="外来流程" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
    <userTask id="t" name="办理" camunda:assignee="demo">
      <extensionElements><camunda:formData><camunda:formField id="x"/></camunda:formData></extensionElements>
    </userTask>
    <sequenceFlow id="f2" sourceRef="t" targetRef="e"/><endEvent id="e"/>
  </process>
</definitions>
""".encode()


@pytest.fixture
def bring(school):
    """Import files at the designer's browser."""
    school.app.config["MAX_CONTENT_LENGTH"] = 40_000_000

    def bring(*files):
        chosen = [(io.BytesIO(data), name) for name, data in files]
        return school.browser("aiwen").post("/designer/import", data={"files": chosen})

    return bring


@pytest.fixture
def desk(school):
    return lambda answer: Desk(school.browser("aiwen"), answer.headers["Location"])


def zipped(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def test_foreign_extensions_are_kept_and_listed(bring, desk, text):
    draft = desk(bring(("other.bpmn", FOREIGN)))
    names = [each["name"] for each in draft.get("draft.json").json["foreign"]]
    assert names == ["camunda:assignee", "camunda:formData", "camunda:formField"]
    assert "camunda:formField" in draft.text("other.bpmn")
    assert "camunda:assignee" in text(draft.browser.get(draft.url))


def test_a_foreign_diagram_runs_without_its_extensions(bring, desk):
    draft = desk(bring(("other.bpmn", FOREIGN)))
    assert [task["element"] for task in draft.post("rehearsals").json["tasks"]] == ["t"]


def test_a_diagram_without_a_drawing_is_laid_out(bring, desk, text):
    draft = desk(bring(("other.bpmn", FOREIGN)))
    assert 'bpmnElement="t"' in draft.text("other.bpmn")
    assert [each for each in draft.findings() if each["kind"] == "drawing"] == []


def test_what_is_not_xml_is_refused_by_name(bring, text):
    answer = bring(("good.bpmn", FOREIGN), ("bad.bpmn", b"PK\x03 no"))
    assert answer.status_code == 422 and "bad.bpmn" in text(answer) and "good.bpmn" not in text(answer)


def test_five_megabytes_of_xml_are_refused(bring, text):
    answer = bring(
        ("large.bpmn", FOREIGN.replace(b"</definitions>", b"<!--" + b"x" * 5_000_000 + b"--></definitions>"))
    )
    assert answer.status_code == 422 and "large.bpmn" in text(answer)


def test_another_kind_of_file_is_refused(bring, text):
    answer = bring(("plan.docx", b"PK"))
    assert answer.status_code == 422 and "plan.docx" in text(answer)


def test_xml_that_is_no_diagram_is_refused(bring, text):
    answer = bring(("page.bpmn", b"<html/>"))
    assert answer.status_code == 422 and "page.bpmn" in text(answer)


def test_entities_are_refused(bring):
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]>' + FOREIGN.partition(b"?>")[2].lstrip()
    assert bring(("bomb.bpmn", bomb)).status_code == 422


def test_nothing_chosen_is_said(bring):
    assert bring().status_code == 422


def test_a_broken_zip_is_refused(bring, text):
    assert "files.zip" in text(bring(("files.zip", b"PK\x03\x04nothing")))


def test_files_of_other_tools_get_their_endings(bring, desk):
    draft = desk(bring(("other.bpmn20.xml", FOREIGN), ("ask.json", b'{"components": []}')))
    assert [file["path"] for file in draft.get("draft.json").json["files"]] == ["ask.form.json", "other.bpmn"]


def test_an_export_comes_back_the_same(draft, bring, desk):
    data = draft.browser.get(f"{draft.url}/export.zip").data
    again = desk(bring(("files.zip", data)))
    assert again.get("draft.json").json["definition"] == "disclosure"
    assert again.get("difference.json").json["is_same"]
    assert again.browser.get(f"{again.url}/export.zip").data == data


def test_a_folder_in_a_zip_is_opened(bring, desk):
    draft = desk(bring(("f.zip", zipped({"mine/a/other.bpmn": FOREIGN, "__MACOSX/._x": b"", "mine/.DS_Store": b""}))))
    assert [file["path"] for file in draft.get("draft.json").json["files"]] == ["other.bpmn"]


def test_a_version_is_exported(school, draft):
    base = draft.get("draft.json").json["base"]["version"]
    data = school.browser("sikongyi").get(f"/designer/versions/{base}/export.zip").data
    assert REVIEW in zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_files_come_into_a_draft_over_those_of_their_names(bring, desk):
    draft = desk(bring(("other.bpmn", FOREIGN), ("kept.bpmn", FOREIGN.replace(b'"other"', b'"kept"'))))
    before, other = draft.text("other.bpmn"), FOREIGN.replace("外来流程".encode(), "新流程".encode())
    answer = into(draft, ("files.zip", zipped({"other.bpmn": other, "third.bpmn": FOREIGN})))
    assert answer.status_code == 303
    assert "新流程" in draft.text("other.bpmn") and "新流程" not in before
    assert paths(draft) == ["kept.bpmn", "other.bpmn", "third.bpmn"]
    assert len(draft.get("history.json?path=other.bpmn").json["history"]) == 2


def test_a_wrong_file_changes_nothing_of_the_draft(bring, desk):
    draft = desk(bring(("other.bpmn", FOREIGN)))
    assert into(draft, ("third.bpmn", FOREIGN), ("broken.bpmn", b"no xml")).status_code == 422
    assert paths(draft) == ["other.bpmn"]


def into(draft, *files):
    chosen = [(io.BytesIO(data), name) for name, data in files]
    return draft.browser.post(f"{draft.url}/import", data={"files": chosen})


def paths(draft):
    return sorted(each["path"] for each in draft.get("draft.json").json["files"])
