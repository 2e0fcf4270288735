"""Tables and time limits on their pages: everybody reads, the desk officer proposes, the head decides."""

from __future__ import annotations

import pytest

from engine import tables
from processes.decisions import DecisionEdition, editions
from processes.settings import OrganisationSetting
from web.norms.using import limit_of

KEEPER, HEAD, READER = "qiaoxinyu", "shenguoan", "maoxiaolu"
ROUTE = "/norms/ccmu/tables/approval_route"


def rows(school, decision="approval_route"):
    with school.parts.database.read() as session:
        return list(tables.read_table(editions.shipped(session)[decision]).rows)


def filled_in(found, **changed):
    """The page of a change as a browser sends it."""
    cells = {"rows": str(len(found)), "reason": "从严掌握"}
    for number, row in enumerate(found):
        cells |= {f"in-{number}-{place}": text for place, text in enumerate(row.inputs)}
        cells |= {f"out-{number}-{place}": text for place, text in enumerate(row.outputs)}
        cells[f"note-{number}"] = row.note
    return cells | changed


def history(school, decision="approval_route"):
    with school.parts.database.read() as session:
        return DecisionEdition.history(session, "ccmu", decision)


def propose(school, **changed):
    return school.browser(KEEPER).post(f"{ROUTE}/change", data=filled_in(rows(school), **changed))


def test_everybody_who_is_signed_in_reads_what_counts_and_where_it_comes_from(school, text):
    page = text(school.browser(READER).get("/norms", follow_redirects=True))
    assert "基础医学院党委" in page and "流程自带的决策表" in page
    assert "办法附件目录表例1：会后一周内" in page and "不长于7天" in page.replace("7 天", "7天")
    assert "第十一条（三）" in text(school.browser(READER).get(ROUTE))
    assert school.visitor().get(ROUTE).location.startswith("/sign-in")


def test_a_stricter_table_is_proposed_by_one_and_put_in_force_by_another(school, text):
    assert propose(school, **{"out-6-0": '"CHOICE"'}).status_code == 302
    page = text(school.browser(HEAD).get(ROUTE))
    assert "待决定" in page and "使其生效" in page
    school.browser(HEAD).post(f"/norms/editions/{history(school)[0].id}/approval", data={"opinion": "同意"})
    assert history(school)[0].state == "IN_FORCE"
    assert "中共首都医科大学委员会第 1 版" in text(school.browser(READER).get("/norms/pco"))


def test_a_looser_table_names_row_and_article_and_keeps_what_was_entered(school, text):
    answer = propose(school, **{"out-0-0": '"HEAD"', "note-0": "第十一条：试试"})
    page = text(answer)
    assert answer.status_code == 422 and history(school) == []
    assert "第 1 行比上级决策表第 1 行宽松" in page and "第十一条（三）" in page and "试试" in page


def test_a_row_can_be_removed_and_added(school):
    extra = {
        "rows": "9",
        "remove-6": "1",
        **{f"in-7-{place}": text for place, text in enumerate(('"否"', '"否"', '"是"', '"HEAD"', "-"))},
        "out-7-0": '"COLLECTIVE"',
        "note-7": "第十一条（三）：本单位一律集体研究",
        "remove-5": "1",
    }
    assert propose(school, **extra).status_code == 302
    made = tables.read_table(history(school)[0].data)
    assert (len(made.rows), made.rows[-1].outputs) == (6, ('"COLLECTIVE"',))


@pytest.mark.parametrize("login", [READER, HEAD, "yubin"])
def test_who_keeps_nothing_here_proposes_nothing(school, login):
    assert school.browser(login).post(f"{ROUTE}/change", data={"rows": "0"}).status_code in (403, 422)
    assert school.browser(login).get(f"{ROUTE}/change").status_code == 403
    assert history(school) == []


def test_who_is_not_the_head_decides_nothing(school):
    propose(school, **{"out-6-0": '"CHOICE"'})
    made = history(school)[0]
    for login in (KEEPER, READER, "renshuhua"):
        assert school.browser(login).post(f"/norms/editions/{made.id}/approval").status_code == 403
    assert history(school)[0].state == "PROPOSED"


def test_a_time_limit_is_changed_from_a_day_on_with_a_reason(school, text):
    form = {"value": "1wd", "since": "2025-03-10", "reason": "加快办理"}
    assert school.browser(KEEPER).post("/norms/ccmu/limits/t.review", data=form).status_code == 302
    with school.parts.database.read() as session:
        made = OrganisationSetting.history(session, "ccmu", "t.review")[0]
    assert (made.value, made.since.isoformat(), made.reason) == ("1wd", "2025-03-09T16:00:00+00:00", "加快办理")
    page = text(school.browser(READER).get("/norms/ccmu/limits/t.review"))
    assert "加快办理" in page and "尚未生效" in page


@pytest.mark.parametrize(
    ("key", "form", "said"),
    [
        ("t.minutes_release", {"value": "8d", "reason": "放宽"}, "不得长于"),
        ("t.review", {"value": "soon", "reason": "试试"}, "soon"),
        ("t.review", {"value": "1wd", "reason": ""}, "t.review"),
        ("t.review", {"value": "1wd", "reason": "补记", "since": "2025-01-01"}, "不能从过去开始"),
        ("t.review", {"value": "1wd", "reason": "补记", "since": "明天"}, "不是日期"),
    ],
)
def test_a_time_limit_that_cannot_be_is_refused_in_its_place(school, text, key, form, said):
    answer = school.browser(KEEPER).post(f"/norms/ccmu/limits/{key}", data=form)
    assert answer.status_code == 422 and said in text(answer)


def test_unknown_tables_limits_and_organisations_are_not_found(school):
    reader = school.browser(READER)
    for address in ("/norms/nowhere", "/norms/ccmu/tables/nothing", "/norms/ccmu/limits/t.nothing"):
        assert reader.get(address).status_code == 404


def test_a_matter_shows_the_rows_and_limits_that_it_used(school, text):
    matter = school.matter()
    school.propose(matter)
    page = text(school.browser("xuzhihang").get(f"/matters/{matter.id}"))
    assert "所用决策表与时限" in page and "第 5 行" in page and "具有长期性、稳定性的工作应当长期公开" in page
    assert "产品默认值，办法未作规定" in page
    assert "审核 t.review" in page


@pytest.mark.parametrize(("spec", "key"), [("4h", "t.immediate_step"), ("2wd", "t.review")])
def test_of_two_limits_that_a_deadline_may_have_the_one_it_was_counted_by_is_named(spec, key):
    by = 'settings["t.immediate_step"] if plan.nature == "URGENT" else settings["t.review"]'
    assert limit_of({"by": by, "spec": spec}).key == key
