"""The catalogue: everybody reads what counts; its keeper alone changes it; a wrong file changes nothing."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from processes.catalogue import COLUMNS, CatalogueItem, CatalogueVersion

KEEPER, READER, OTHER_KEEPER = "qiaoxinyu", "maoxiaolu", "yubin"
HEADER = ",".join(column.zh for column in COLUMNS)
MINUTES = "1,党委常委会纪要,全校,书记签发,纸质印发,会后一周内,永久,党委办公室,,"
BULLETIN = "2,情况通报<b>,火星居民,书记签发,纸质印发,会后一周内,永久,党委办公室,,"


def table(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def send(browser, data, name="目录.csv", organisation="ccmu"):
    return browser.post(
        f"/catalogue/organisations/{organisation}/versions",
        data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def versions(school):
    with school.parts.database.read() as session:
        return list(session.scalars(select(CatalogueVersion).order_by(CatalogueVersion.number)))


def in_force(school):
    return next(version for version in versions(school) if version.status == "IN_FORCE")


def first_item(school):
    with school.parts.database.read() as session:
        return session.scalars(select(CatalogueItem).order_by(CatalogueItem.position)).first()


def test_everybody_who_signs_in_reads_the_ten_columns_and_what_they_mean(school, text):
    browser = school.browser(READER)
    assert "中共首都医科大学委员会" in text(browser.get("/catalogue"))
    page = text(browser.get(f"/catalogue/versions/{in_force(school).id}"))
    for words in (*[column.zh for column in COLUMNS], "会后一周内", "会议结束后 7 天", "党委常委会纪要"):
        assert words in page


def test_a_stranger_is_asked_to_sign_in(school):
    for address in ("/catalogue", f"/catalogue/versions/{in_force(school).id}"):
        assert school.visitor().get(address).location.startswith("/sign-in")


def test_the_keeper_imports_a_draft_and_reads_row_by_row_what_was_understood(school, text):
    answer = send(school.browser(KEEPER), table(MINUTES, BULLETIN))
    report = school.browser(KEEPER).get(answer.location)
    assert versions(school)[-1].status == "DRAFT"
    assert "火星居民" in text(report) and "保留原文" in text(report)
    assert "<b>" not in report.get_data(as_text=True)


def test_the_keeper_puts_the_draft_in_force_after_a_last_look(school, text):
    browser = school.browser(KEEPER)
    send(browser, table(MINUTES, BULLETIN))
    draft = versions(school)[-1].id
    page = text(browser.get(f"/catalogue/versions/{draft}/in-force"))
    assert "新增 1 行" in page and "删除 1 行" in page and "变更 1 行" in page and "未能识别" in page
    answer = browser.post(f"/catalogue/versions/{draft}/in-force", follow_redirects=True)
    assert "已生效" in text(answer)
    assert [version.status for version in versions(school)] == ["SUPERSEDED", "IN_FORCE"]


def test_a_version_is_put_in_force_once(school):
    browser, version = school.browser(KEEPER), in_force(school).id
    assert browser.post(f"/catalogue/versions/{version}/in-force").status_code == 409


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("目录.csv", b"a,b\n1,2\n", "没有"),
        ("目录.csv", "公开内容,公开范围,备注\n一,二,三\n".encode(), "审批程序"),
        ("目录.xlsx", b"no workbook", "目录.xlsx"),
        ("目录.pdf", b"%PDF-1.4", "目录.pdf"),
        ("目录.csv", b"", "空"),
        ("目录.csv", table(MINUTES.replace("全校", "长" * 5001)), "公开范围"),
    ],
)
def test_a_wrong_file_is_named_and_changes_nothing(school, text, name, data, words):
    before = len(versions(school))
    answer = send(school.browser(KEEPER), data, name)
    assert answer.status_code == 422 and words in text(answer)
    assert len(versions(school)) == before


def test_no_file_is_no_import(school, text):
    answer = school.browser(KEEPER).post("/catalogue/organisations/ccmu/versions", data={})
    assert answer.status_code == 422 and "请先选择文件" in text(answer)


@pytest.mark.parametrize("login", [READER, OTHER_KEEPER, "xuzhihang", "weixitong"])
def test_nobody_but_the_keeper_imports_or_puts_in_force(school, login):
    send(school.browser(KEEPER), table(MINUTES))
    draft, browser = versions(school)[-1].id, school.browser(login)
    assert browser.get("/catalogue/organisations/ccmu/import").status_code == 403
    assert send(browser, table(MINUTES)).status_code == 403
    assert browser.post(f"/catalogue/versions/{draft}/in-force").status_code in (403, 404)
    assert len(versions(school)) == 2 and versions(school)[-1].status == "DRAFT"


def test_a_draft_is_hidden_from_those_who_do_not_keep_it(school):
    send(school.browser(KEEPER), table(MINUTES))
    draft = versions(school)[-1].id
    with school.parts.database.read() as session:
        item = session.scalars(select(CatalogueItem.id).where(CatalogueItem.version_id == draft)).first()
    for address in (f"versions/{draft}", f"versions/{draft}/export/xlsx", f"versions/{draft}/changes", f"items/{item}"):
        assert school.browser(READER).get(f"/catalogue/{address}").status_code == 404
        assert school.browser("fangwenjing").get(f"/catalogue/{address}").status_code == 200


def test_a_form_from_elsewhere_is_refused(school):
    browser = school.browser(KEEPER)
    school.app.config["WTF_CSRF_ENABLED"] = True
    assert send(browser, table(MINUTES)).status_code == 400
    assert len(versions(school)) == 1


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_the_table_goes_out_as_a_file_and_comes_back_the_same(school, kind):
    browser, version = school.browser(KEEPER), in_force(school)
    answer = browser.get(f"/catalogue/versions/{version.id}/export/{kind}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    send(browser, answer.data, f"目录.{kind}")
    page = browser.get(f"/catalogue/versions/{versions(school)[-1].id}/changes").get_data(as_text=True)
    assert "没有变更" in page


def test_the_handler_of_a_responsible_unit_opens_a_matter_and_others_do_not(school, text):
    item = first_item(school)
    page = school.browser("xuzhihang").get(f"/catalogue/items/{item.id}").get_data(as_text=True)
    assert 'action="/matters"' in page and "为本行发起公开事项" in page
    for login in (READER, "panlili"):
        assert "为本行发起公开事项" not in text(school.browser(login).get(f"/catalogue/items/{item.id}"))


@pytest.mark.parametrize(
    ("query", "rows"), [("text=常委会纪要", 1), ("unit=president-office", 1), ("text=没有", 0), ("page=99", 0), ("", 2)]
)
def test_the_table_is_narrowed(school, query, rows):
    page = school.browser(READER).get(f"/catalogue/versions/{in_force(school).id}?{query}").get_data(as_text=True)
    assert page.count('id="row-') == rows


def test_every_row_of_a_long_table_has_a_place(school):
    rows = [f"{n},事项{n},全校,书记签发,纸质印发,会后一周内,永久,党委办公室,," for n in range(1, 121)]
    browser = school.browser(KEEPER)
    send(browser, table(*rows))
    draft = versions(school)[-1].id
    pages = [browser.get(f"/catalogue/versions/{draft}?page={n}").get_data(as_text=True) for n in (1, 2, 3)]
    assert [page.count('id="row-') for page in pages] == [50, 50, 20]


def test_an_organisation_without_a_catalogue_follows_the_one_above(school, text):
    page = text(school.browser(READER).get("/catalogue/organisations/basic-medicine"))
    assert "没有自己生效的目录" in page and "中共首都医科大学委员会" in page


def test_a_keeper_of_a_lower_organisation_makes_its_own(school):
    send(school.browser(OTHER_KEEPER), table(MINUTES), organisation="basic-medicine")
    with school.parts.database.read() as session:
        made = select(func.count()).where(CatalogueVersion.organisation == "basic-medicine")
        assert session.scalar(made) == 1


def test_the_pages_are_there_in_english_too(school, text):
    browser = school.browser(KEEPER)
    browser.post("/language", data={"language": "en"})
    page = text(browser.get(f"/catalogue/versions/{in_force(school).id}"))
    assert "Length of disclosure" in page and "end of the meeting + 7 days" in page
