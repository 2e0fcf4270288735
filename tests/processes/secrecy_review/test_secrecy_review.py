"""A text is scanned, treated by whoever is in charge, and scanned again until nothing is found (Art. 21(1))."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from docx import Document

from engine import lines
from engine.refusals import Invalid
from processes.attachments import FileSecret
from processes.secrecy_review import SecrecyFinding
from processes.secrecy_review.refusals import KeptWithoutReason, StillShown
from tests.processes.kit import Kit, Run

PHONE = "13812345678"
PERSONAL = f"<p>捐赠人联系电话{PHONE}，办公室电话13900001111。</p>"
PASS = {"result": "PASS"}


def asked(kit: Kit, text: str, **more: object) -> Run:
    return kit.begin("secrecy_review", "panlili", {"title": "捐赠情况", "kind": "TEXT", "text": text, **more})


def findings(run: Run) -> list[SecrecyFinding]:
    with run.kit.database.read() as session:
        return SecrecyFinding.of(session, run.id)


def plan(run: Run) -> dict[str, object]:
    """The plan as the task of the verdict sees it."""
    with run.kit.database.read() as session:
        return dict(run.kit.engine.data(session, run.task("verdict"))["plan"])


def told(run: Run) -> str:
    """Everything that the journal keeps of a case."""
    with run.kit.database.read() as session:
        return "".join(entry.body for entry in lines(session.connection(), run.id))


def docx(*paragraphs: str) -> bytes:
    document, data = Document(), BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(data)
    return data.getvalue()


def test_a_text_without_findings_goes_straight_to_the_verdict(kit: Kit) -> None:
    run = asked(kit, "<p>全文公开。</p>")
    assert (run.waits, findings(run)) == (["verdict"], [])
    assert run.as_("gaojianping").does("verdict", PASS).end == "secrecy_passed"


def test_personal_data_is_masked_by_rule_and_the_masks_stay_visible(kit: Kit) -> None:
    run = asked(kit, PERSONAL)
    assert [(row.type, row.place, row.shown) for row in findings(run)] == [
        ("PHONE", "正文第1段", "138****5678"),
        ("PHONE", "正文第1段", "139****1111"),
    ]
    run.as_("panlili").does("check_personal", {"keep": []})
    assert "138****5678" in str(plan(run)["text"]) and PHONE not in str(plan(run)["text"])
    assert {row.state for row in findings(run)} == {"MASKED"}
    assert all(row.before_hash and row.after_hash and row.before_hash != row.after_hash for row in findings(run))


def test_what_has_to_stay_stays_with_a_reason(kit: Kit) -> None:
    run = asked(kit, PERSONAL)
    office = findings(run)[1].id
    with pytest.raises(KeptWithoutReason):
        run.as_("panlili").does("check_personal", {"keep": [office]})
    run.as_("panlili").does("check_personal", {"keep": [office], "reason": "对外公布的办公电话"})
    assert {(row.state, row.reason) for row in findings(run)} == {("MASKED", ""), ("KEPT", "对外公布的办公电话")}
    assert "13900001111" in str(plan(run)["text"])


def test_a_number_that_formatting_splits_is_taken_out_by_a_person(kit: Kit) -> None:
    run = asked(kit, "<p>电话138<strong>1234</strong>5678</p>")
    assert run.waits == ["desensitise"]
    with pytest.raises(StillShown, match="正文第1段"):
        run.as_("panlili").does("desensitise", {"result": "TREATED", "opinion": "已处理"})
    run.as_("panlili").does("desensitise", {"result": "TREATED", "text": "<p>电话〔已脱敏〕</p>", "opinion": "已处理"})
    assert run.waits == ["verdict"] and "〔已脱敏〕" in str(plan(run)["text"])


def test_sensitive_words_may_be_cleared_by_the_department(kit: Kit) -> None:
    run = asked(kit, "<p>保护举报人制度</p>")
    run.as_("panlili").does("desensitise", {"result": "NO_NEED", "opinion": "仅为制度名称"})
    assert [(row.state, row.reason) for row in findings(run)] == [("CLEARED", "仅为制度名称")]
    assert run.waits == ["verdict"]


def test_a_work_secret_goes_to_the_department_and_the_secrecy_office(kit: Kit) -> None:
    run = asked(kit, "<p>本办法不得外传</p>")
    assert run.waits == ["conclude_secrecy", "desensitise"]
    run.as_("panlili").does("desensitise", {"result": "NO_NEED", "opinion": "引用旧文"})
    run.as_("jiangshen").does("conclude_secrecy", {"result": "PASS", "reference": "保密〔2026〕3号"})
    assert run.waits == ["verdict"]


def test_findings_of_several_kinds_are_treated_at_the_same_time(kit: Kit) -> None:
    run = asked(kit, f"<p>举报人电话{PHONE}</p>")
    assert run.waits == ["check_personal", "desensitise"]
    run.as_("panlili").does("check_personal", {"keep": []})
    run.as_("panlili").does("desensitise", {"result": "NO_NEED", "opinion": "可以公开"})
    assert run.waits == ["verdict"] and PHONE not in str(plan(run)["text"])


def test_personal_data_in_a_file_is_taken_out_with_another_file(kit: Kit) -> None:
    before = kit.parts.store.put(docx("名单", f"张某 {PHONE}"), "名单.docx")
    after = kit.parts.store.put(docx("名单", "张某 138****5678"), "名单.docx")
    run = asked(kit, "<p>名单见附件。</p>", attachments=[before])
    assert [(row.kind, row.place) for row in findings(run)] == [("PERSONAL_FILE", "附件《名单.docx》第2段")]
    run.as_("panlili").does("desensitise", {"result": "TREATED", "attachments": [after], "opinion": "已换附件"})
    assert run.waits == ["verdict"] and plan(run)["attachments"] == [after]
    assert [row.state for row in findings(run)] == ["REMOVED"]


def test_a_file_that_cannot_be_read_is_looked_at_by_a_person(kit: Kit) -> None:
    picture = kit.parts.store.put(b"\x89PNG\r\n\x1a\n" + bytes(64), "海报.png")
    run = asked(kit, "<p>见海报。</p>", attachments=[picture])
    assert [(row.type, row.state) for row in findings(run)] == [("FILE", "OPEN")]
    assert run.waits == ["verdict"]
    with kit.database.read() as session:
        assert "海报.png" in kit.engine.data(session, run.task("verdict"))["scan"]["lines"]


def test_a_file_with_a_secrecy_mark_never_enters(kit: Kit) -> None:
    with pytest.raises(FileSecret, match="机密★"):
        kit.parts.store.put(docx("机密★一年", "内容"), "文件.docx")


def test_declassification_keeps_the_conclusion_and_nothing_before_it(kit: Kit) -> None:
    said = {"title": "某项工作总结", "kind": "SECRET", "summary": "年度总结需要向党员通报"}
    run = kit.begin("secrecy_review", "panlili", said)
    assert run.waits == ["conclude_secrecy"]
    text = "<p>已脱密的总结。</p>"
    run.as_("jiangshen").does(
        "conclude_secrecy", {"result": "DECLASSIFIED", "reference": "保密〔2026〕5号", "text": text}
    )
    secret = findings(run)[0]
    assert (secret.kind, secret.shown, secret.before_hash, secret.reason) == ("SECRET", "", "", "保密〔2026〕5号")
    assert plan(run)["text"] == text
    assert run.as_("gaojianping").does("verdict", PASS).end == "secrecy_passed"


def test_what_the_secrecy_office_forbids_is_not_disclosed(kit: Kit) -> None:
    said = {"title": "某项工作总结", "kind": "SECRET", "summary": "年度总结需要向党员通报"}
    run = kit.begin("secrecy_review", "panlili", said)
    refused = {"result": "NOT_DISCLOSE", "opinion": "尚未解密", "review_on": "2027-03-02"}
    assert run.as_("jiangshen").does("conclude_secrecy", refused).end == "sco_refused"


def test_a_refusal_without_a_date_for_the_next_review_is_not_taken(kit: Kit) -> None:
    run = asked(kit, "<p>全文公开。</p>")
    with pytest.raises(Invalid) as refused:
        run.as_("gaojianping").does("verdict", {"result": "NOT_DISCLOSE", "opinion": "不宜公开"})
    assert "review_on" in refused.value.errors
    said = {"result": "NOT_DISCLOSE", "opinion": "不宜公开", "review_on": "2027-03-02"}
    assert run.as_("gaojianping").does("verdict", said).end == "secrecy_refused"


def test_the_answer_of_a_scan_does_not_repeat_the_numbers_it_found(kit: Kit) -> None:
    run = asked(kit, PERSONAL)
    answers = [json.loads(line)["answers"] for line in told(run).splitlines() if line]
    assert PHONE not in json.dumps(answers)


@pytest.mark.parametrize(
    ("text", "element", "login"),
    [
        (PERSONAL, "check_personal", "panlili"),
        ("<p>举报人</p>", "desensitise", "panlili"),
        ("<p>无</p>", "verdict", "gaojianping"),
    ],
)
def test_whoever_is_slow_is_reminded_and_then_overdue(kit: Kit, text: str, element: str, login: str) -> None:
    run = asked(kit, text)
    assert element in run.waits
    kit.passes(days=4)
    assert {"case_remind", "case_overdue"} <= set(kit.notices(login))
