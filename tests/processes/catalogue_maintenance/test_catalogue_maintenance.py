"""A catalogue is adjusted, signed, filed and disclosed (Art. 10, annex): the straight way, each exit, each period."""

from __future__ import annotations

import pytest

from engine.refusals import MustBeSomebodyElse
from processes.announcements import Announcement
from processes.catalogue import CatalogueVersion, append
from processes.catalogue_maintenance import CatalogueFiling
from processes.catalogue_maintenance.refusals import CatalogueMoved
from tests.processes.kit import Kit, Run

ASKED = {"title": "新增党费公开条目", "reason": "DUTY", "note": ""}
SIGNED = {"result": "AGREE", "sealed": True, "signed_on": "2026-03-02", "opinion": ""}
NONE = {"result": "NONE", "opinion": ""}
RECEIPT = {"receipt_no": "备〔2026〕1号", "opinion": ""}


@pytest.fixture
def run(kit: Kit) -> Run:
    run = kit.begin("catalogue_maintenance", "qiaoxinyu", ASKED, organisation="ccmu")
    add_row(run, "党费收缴情况")
    return run.as_("qiaoxinyu").does("edit", {"opinion": "新增一条。"})


def add_row(run: Run, content: str) -> None:
    with run.kit.database.write() as session:
        append(session, CatalogueVersion.of(session, draft(run)), {"content": content})


def draft(run: Run) -> str:
    return next(target for kind, target in run.linked() if kind == "catalogue_version")


def commented(run: Run) -> Run:
    return run.as_("yanweidong").does("comment", NONE).as_("fangwenjing").does("comment", NONE)


def settled(run: Run) -> Run:
    return commented(run).as_("qiaoxinyu").does("settle", {"opinion": "无。"})


def contents(run: Run) -> list[str]:
    with run.kit.database.read() as session:
        version = CatalogueVersion.in_force(session, "ccmu")
        return [item.content for item in version.items] if version else []


def test_a_change_is_commented_signed_filed_and_disclosed(run: Run) -> None:
    settled(run).as_("shenguoan").does("sign", SIGNED)
    assert "党费收缴情况" in contents(run) and run.waits == ["receive"]
    run.as_("fangwenjing").does("receive", RECEIPT)
    with run.kit.database.read() as session:
        filing = session.get_one(CatalogueFiling, run.id)
        assert (filing.receipt_no, filing.received_by) == ("备〔2026〕1号", run.kit.id_of("fangwenjing"))
        shown = session.query(Announcement).filter_by(case_id=run.id).one()
        assert "党费收缴情况" in shown.plain
    assert run.end == "filed"


def test_it_is_in_force_while_the_superior_has_not_answered(run: Run) -> None:
    settled(run).as_("shenguoan").does("sign", SIGNED)
    run.kit.passes(days=8)
    assert "党费收缴情况" in contents(run)
    assert run.kit.notices("fangwenjing")[-2:] == ["case_remind", "case_overdue"]


def test_whoever_guides_in_silence_has_no_comment(run: Run) -> None:
    run.as_("yanweidong").does("comment", {"result": "COMMENT", "opinion": "补充范围。"})
    run.kit.passes(days=8)
    assert run.waits == ["settle"]


def test_a_returned_draft_is_settled_again(run: Run) -> None:
    settled(run).as_("shenguoan").does("sign", {**SIGNED, "result": "RETURN", "opinion": "再改。"})
    assert run.waits == ["settle"] and "党费收缴情况" not in contents(run)


def test_what_changed_after_it_was_fixed_is_not_put_in_force(run: Run) -> None:
    settled(run)
    add_row(run, "悄悄加上的一条")
    with pytest.raises(CatalogueMoved):
        run.as_("shenguoan").does("sign", SIGNED)
    assert run.waits == ["sign"]


def test_nobody_signs_the_own_draft(run: Run) -> None:
    run.kit.appoint("qiaoxinyu", "ccmu", "head_approver")
    settled(run)
    with pytest.raises(MustBeSomebodyElse):
        run.as_("qiaoxinyu").does("sign", SIGNED)


def test_a_row_drafted_elsewhere_begins_it(kit: Kit) -> None:
    kit.deploy("catalogue_maintenance")
    said = {"title": "目录外事项列入", "reason": "FOLLOWUP", "note": "", "organisation": "ccmu"}
    run = kit.message("CatalogueRowDrafted", "1", said)
    assert (run.waits, run.case.title) == (["edit"], "目录外事项列入")


def test_a_catalogue_is_reviewed_every_year_once(kit: Kit) -> None:
    kit.deploy("catalogue_maintenance")
    kit.passes(days=364)
    assert kit.runs("catalogue_maintenance") == []
    kit.passes(days=3)
    (run,) = kit.runs("catalogue_maintenance")
    assert (run.case.title, run.case.organisation, run.case.opened_by) == ("目录年度复核", "ccmu", None)
