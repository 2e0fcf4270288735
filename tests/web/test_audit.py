"""Who audits sees everything there is to prove, finds what is wrong by name, and takes it away to check it alone."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib

import pytest
from sqlalchemy import text as sql

from engine import Actor, Instance, files, moving, tick
from processes import audit
from processes.disclosure.demo import load_matters
from processes.disclosure.matters import Matter
from tests.web.test_archived import PLAIN
from web.audit import ledger
from web.audit.tables import cell

AUDITOR, SUPERVISOR, FAR_SUPERVISOR = "sikongyi", "shixiaomin", "haojing"


@pytest.fixture
def matter(school):
    """A matter that has been proposed."""
    matter = school.matter()
    school.propose(matter)
    return matter


def change(school, statement, **values):
    """Somebody with the database's password at work."""
    with school.parts.database.engine.begin() as connection:
        connection.execute(sql(statement), values)


def tamper(school, matter, position=2):
    changed = "UPDATE entries SET body = replace(body, '党委常委会纪要', '党委常委会记要') "
    change(school, changed + "WHERE instance_id = :id AND position = :p", id=matter.instance_id, p=position)


def verify(school, login=AUDITOR, **asked):
    return school.browser(login).post("/audit/verifications", data=asked, follow_redirects=True)


@pytest.mark.parametrize("login", [AUDITOR, "jiyan", SUPERVISOR])
def test_an_auditor_finds_a_matter(school, text, matter, login):
    assert "党委常委会纪要" in text(school.browser(login).get("/audit"))


def test_a_supervisor_elsewhere_does_not(school, text, matter):
    browser = school.browser(FAR_SUPERVISOR)
    assert "党委常委会纪要" not in text(browser.get("/audit"))
    for page in ("", "/ledger.pdf", "/journal.jsonl", "/journal.zip"):
        assert browser.get(f"/audit/instances/{matter.instance_id}{page}").status_code == 404


@pytest.mark.parametrize("login", ["xuzhihang", "weixitong", "anquanzhi", "fangwenjing", "maoxiaolu"])
def test_nobody_else_comes_to_the_desk(school, text, matter, login):
    browser = school.browser(login)
    for page in ("", "/findings", "/verifications", f"/instances/{matter.instance_id}"):
        assert browser.get(f"/audit{page}").status_code == 403
    assert browser.post("/audit/verifications", data={"kind": "CHAINS"}).status_code == 403
    assert 'href="/audit"' not in browser.get("/inbox").get_data(as_text=True)


def test_a_stranger_is_asked_to_sign_in(school):
    assert school.visitor().get("/audit").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("text=常委会", True),
        ("text=招生", False),
        ("person=许志航", True),
        ("person=xuzhihang", True),
        ("person=毛晓璐", False),
        ("state=IN_REVIEW", True),
        ("state=open", True),
        ("state=completed", False),
        ("organisation=ccmu", True),
        ("organisation=basic-medicine", False),
        ("definition=disclosure", True),
        ("definition=nothing", False),
        ("since=2025-03-03&until=2025-03-03", True),
        ("since=2025-03-04", False),
        ("since=nonsense&page=-7", True),
    ],
)
def test_the_search_is_the_address(school, text, matter, query, is_found):
    assert ("党委常委会纪要" in text(school.browser(AUDITOR).get(f"/audit?{query}"))) is is_found


def test_what_is_found_is_taken_away_as_a_table(school, matter):
    answer = school.browser(AUDITOR).get("/audit?text=常委会&as=csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][0] == "事项" and rows[1][0] == "党委常委会纪要" and len(rows) == 2


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_a_spreadsheet_never_calculates_a_title(formula):
    assert cell(formula) == f"'{formula}"


def test_a_title_stays_text_on_every_page(school):
    matter = school.matter()
    school.propose(matter, title="<script>alert(1)</script>")
    browser = school.browser(AUDITOR)
    for page in ("/audit", f"/audit/instances/{matter.instance_id}"):
        assert "<script>alert" not in browser.get(page).get_data(as_text=True)


def test_the_history_shows_submission_deadline_and_hash(school, text, matter):
    answer = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}")
    with school.parts.database.read() as session:
        head = session.get_one(Instance, matter.instance_id).head
    assert "会议研究了党建工作" in text(answer) and "工作日" in text(answer)
    assert f"/instances/{matter.instance_id}/playback" in answer.get_data(as_text=True)
    assert answer.get_data(as_text=True).count(head) == 2


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [("kind=complete", True), ("kind=fire", False), ("element=draft", True), ("since=2025-03-04", False)],
)
def test_the_history_is_narrowed(school, matter, query, is_shown):
    page = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}?{query}").get_data(as_text=True)
    history = page.rpartition('name="until"')[2]
    assert (f"/instances/{matter.instance_id}/entries/2" in history) is is_shown


def test_matters_of_one_catalogue_row_are_linked(school, text):
    load_matters(school.parts.engine)
    with school.parts.database.read() as session:
        with_row = next(each for each in session.scalars(audit.select(Matter)) if each.item_id)
    change(school, "UPDATE matters SET item_id = :item", item=with_row.item_id)
    assert "同一目录项" in text(school.browser(AUDITOR).get(f"/audit/instances/{with_row.instance_id}"))


@pytest.mark.parametrize("kind", ["CHAINS", "REPLAY"])
def test_what_holds_is_said_to_hold_and_the_record_is_kept(school, text, matter, kind):
    answer = text(verify(school, kind=kind))
    assert "全部完好" in answer and "1 / 1" in answer and "司空毅" in answer and "0.1.0 ·" in answer
    assert "全部完好" in text(school.browser("jiyan").get("/audit/verifications"))


@pytest.mark.parametrize("kind", ["CHAINS", "REPLAY"])
def test_a_changed_byte_is_named(school, text, matter, kind):
    tamper(school, matter)
    answer = text(verify(school, kind=kind, instance=matter.instance_id))
    assert "1 处异常" in answer and f"{matter.instance_id}/2" in answer
    assert "内容与摘要不符" in answer


def test_an_entry_that_was_cut_off_is_noticed(school, text, matter):
    change(school, "DELETE FROM entries WHERE instance_id = :id AND position = 2", id=matter.instance_id)
    assert "1 处异常" in text(verify(school, kind="CHAINS"))


def test_a_changed_diagram_is_noticed(school, text, matter):
    changed = "UPDATE version_files SET path = 'other.bpmn' WHERE path = 'implement.bpmn'"
    change(school, changed)
    assert "处异常" in text(verify(school, kind="CHAINS"))


def test_a_search_that_finds_nothing_verifies_nothing(school, text, matter):
    assert "无需核验" in text(verify(school, kind="CHAINS", text="没有这样的事项"))
    assert verify(school, kind="NONSENSE").status_code == 404


def test_the_scheduler_does_the_rest(school, text, monkeypatch):
    for _ in range(3):
        school.matter()
    monkeypatch.setattr(audit, "SLICE", {"CHAINS": 1, "REPLAY": 1})
    assert "1 / 3" in text(verify(school, kind="REPLAY"))
    for _ in range(3):
        audit.verify_asked(school.parts.engine, school.clock.now)
    assert "3 / 3" in text(school.browser(AUDITOR).get("/audit/verifications"))
    assert audit.verify_asked(school.parts.engine, school.clock.now) == 0


def test_the_duty_is_among_those_of_the_scheduler(school, text, monkeypatch):
    school.matter()
    school.matter()
    tick(school.parts.engine)
    monkeypatch.setattr(audit, "SLICE", {"CHAINS": 1, "REPLAY": 1})
    verify(school, kind="CHAINS")
    for _ in range(20):
        tick(school.parts.engine)
    assert re.search(r" (\d+) / \1 全部完好", text(school.browser(AUDITOR).get("/audit/verifications")))


def test_the_next_part_is_done_by_hand_where_no_scheduler_runs(school, text, monkeypatch):
    school.matter()
    school.matter()
    monkeypatch.setattr(audit, "SLICE", {"CHAINS": 1, "REPLAY": 1})
    page = verify(school, kind="CHAINS").request.path
    assert "2 / 2" in text(school.browser(AUDITOR).post(f"{page}/next", follow_redirects=True))


def test_two_schedulers_do_not_take_the_same_verification(school, monkeypatch):
    school.matter()
    school.matter()
    monkeypatch.setattr(audit, "SLICE", {"CHAINS": 1, "REPLAY": 1})
    verify(school, kind="CHAINS")
    with school.parts.database.write() as session:
        assert audit._claim(session, school.clock.now)
        assert audit._claim(session, school.clock.now) is None


def test_a_supervisor_does_not_read_what_concerns_the_whole_school(school, text, matter):
    page = verify(school, kind="CHAINS").request.path
    assert school.browser(FAR_SUPERVISOR).get(page).status_code == 404
    assert "全部完好" not in text(school.browser(FAR_SUPERVISOR).get("/audit/verifications"))


def test_the_lists_that_must_be_empty_are(school, text):
    load_matters(school.parts.engine)
    browser = school.browser(AUDITOR)
    for name in ("own-approval", "other-text"):
        assert "本清单为空" in text(browser.get(f"/audit/findings/{name}"))


def test_a_release_of_another_text_is_found(school, text):
    load_matters(school.parts.engine)
    change(school, "UPDATE publications SET text_hash = 'x'")
    assert "党费收缴" in text(school.browser(AUDITOR).get("/audit/findings/other-text"))
    assert "党费收缴" not in text(school.browser(FAR_SUPERVISOR).get("/audit/findings/other-text"))


def test_who_proposed_and_approved_is_found(school, text):
    load_matters(school.parts.engine)
    proposer = school.person("panlili").id
    change(
        school, "UPDATE tasks SET closed_by = :who WHERE element = 'approve_head' AND state = 'completed'", who=proposer
    )
    assert "潘莉莉" in text(school.browser(AUDITOR).get("/audit/findings/own-approval"))


def test_feedback_without_a_reply_is_found(school, text):
    load_matters(school.parts.engine)
    change(school, "UPDATE feedback SET reply = NULL")
    assert "跨年度" in text(school.browser(AUDITOR).get("/audit/findings/unanswered"))


def test_what_is_late_or_stands_still_is_found(school, text, matter):
    browser = school.browser(AUDITOR)
    school.clock.pass_by(days=40)
    school.browsers.clear()
    browser = school.browser(AUDITOR)
    for name in ("overdue", "quiet", "quiet?days=39"):
        assert "党委常委会纪要" in text(browser.get(f"/audit/findings/{name}"))
    assert "本清单为空" in text(browser.get("/audit/findings/quiet?days=50"))
    assert "党委常委会纪要" in browser.get("/audit/findings/overdue?as=csv").get_data(as_text=True)
    assert browser.get("/audit/findings/nonsense").status_code == 404


def test_the_counts_of_all_lists_stand_on_one_page(school, text, matter):
    assert "逾期任务" in text(school.browser(AUDITOR).get("/audit/findings"))


def test_the_journal_is_taken_away_line_by_line(school, matter):
    said = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/journal.jsonl").get_data(as_text=True)
    assert [json.loads(line)["position"] for line in said.splitlines()] == [1, 2]


@pytest.fixture
def exported(school, matter, tmp_path):
    """The export, unpacked somewhere without this product."""
    data = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/journal.zip").get_data()
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "export")
    return tmp_path / "export"


def check(folder):
    command = [sys.executable, "-I", str(folder / "verify.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, check=False)


def test_an_export_is_verified_with_the_standard_library_alone(exported):
    done = check(exported)
    assert (done.returncode, done.stderr) == (0, "") and "OK" in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("entries.jsonl", "会议研究了", "会议研究过", "entry 2"),
        ("versions/*/plan.form.json", "{", "{ ", "plan.form.json"),
        ("instance.json", '"position": 2', '"position": 3', "ends at entry 2"),
    ],
)
def test_a_byte_changed_in_an_export_is_named(exported, file, old, new, named):
    (path,) = exported.glob(file)
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    done = check(exported)
    assert done.returncode == 1 and named in done.stdout


def test_an_export_of_a_matter_that_was_moved_holds_every_version_it_ran_on(school, matter, tmp_path):
    engine = school.parts.engine
    with engine.database.read() as session:
        before = session.get_one(Instance, matter.instance_id).version_id
        given = files(session.connection(), before)
    changed = given["disclosure.bpmn"].replace(b"</bpmn:definitions>", b"<!-- revised --></bpmn:definitions>")
    after = engine.deploy({**given, "disclosure.bpmn": changed}, "aiwen").id
    deployer = Actor("mozhenyu", frozenset({("ccmu", "process_deployer")}))
    moving.move(engine, matter.instance_id, after, deployer, "修订")
    data = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/journal.zip").get_data()
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "moved")
    assert check(tmp_path / "moved").returncode == 0
    versions = json.loads((tmp_path / "moved" / "versions.json").read_text("utf-8"))
    assert [version["id"] for version in versions] == [before, after]


def test_an_entry_whose_body_lies_apart_is_exported_whole(school, tmp_path):
    engine = school.parts.engine
    engine.deploy({"plain.bpmn": PLAIN}, "aiwen")
    large = engine.start("plain", {"text": "公开" * 30_000}, None, organisation="pco").id
    data = school.browser(AUDITOR).get(f"/audit/instances/{large}/journal.zip").get_data()
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "large")
    assert check(tmp_path / "large").returncode == 0
    assert "公开公开公开" in (tmp_path / "large" / "entries.jsonl").read_text("utf-8")


def test_a_line_cut_from_an_export_is_noticed(exported):
    path = exported / "entries.jsonl"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    assert "ends at entry 1" in check(exported).stdout


def unpacked(pdf):
    """What the streams of a PDF hold."""
    assert pdf.startswith(b"%PDF-")
    found = b""
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found += zlib.decompress(packed)
    return found


def test_the_ledger_is_printed(school, matter):
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    answer = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/ledger.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    said = unpacked(answer.get_data())
    assert len(re.findall(rb"/Type\s*/Page\b", said)) > 1
    assert "党委常委会纪要".encode("utf-16-be").hex().encode() in said.lower()


def test_a_ledger_of_a_changed_journal_says_so(school, matter, monkeypatch):
    tamper(school, matter)
    monkeypatch.setattr(ledger, "printed", lambda **facts: facts["broken"].encode())
    said = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/ledger.pdf").get_data(as_text=True)
    assert f"{matter.instance_id}/2" in said and "内容与摘要不符" in said


def test_a_server_without_the_libraries_says_what_is_missing(school, text, matter, monkeypatch):
    def missing():
        raise ledger.CannotPrint(missing="libpango-1.0-0")

    monkeypatch.setattr(ledger, "_weasyprint", missing)
    answer = school.browser(AUDITOR).get(f"/audit/instances/{matter.instance_id}/ledger.pdf")
    assert answer.status_code == 503 and "libpango-1.0-0" in text(answer)
