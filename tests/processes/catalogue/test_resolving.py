"""What the words of a row mean, and what is left as written."""

from __future__ import annotations

import pytest

from processes.catalogue.columns import KEYS
from processes.catalogue.reading import Row
from processes.catalogue.resolving import Resolved, Units, channels, resolve, route, scope
from processes.organisation import Organisation

SCHOOL = [
    Organisation(code="ccmu", name="中共首都医科大学委员会", parent=None),
    Organisation(code="pco", name="党委办公室", parent="ccmu"),
    Organisation(code="president", name="校长办公室", parent="ccmu"),
    Organisation(code="orgdept", name="组织部", parent="ccmu"),
    Organisation(code="discipline", name="中共首都医科大学纪律检查委员会", parent="ccmu"),
    Organisation(code="basic", name="基础医学院党委", parent="ccmu"),
    Organisation(code="b1", name="第一党支部", parent="basic"),
    Organisation(code="b2", name="第一党支部", parent="ccmu"),
]
UNITS = Units(SCHOOL, own="pco")


def meaning(*rows: dict[str, str]) -> list[Resolved]:
    given = [
        Row("表1", line, dict.fromkeys(KEYS, "") | {"content": "事项"} | texts) for line, texts in enumerate(rows, 2)
    ]
    return resolve(given, SCHOOL, own="pco")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("全校", "ORG_ALL"),
        ("校内", "ORG_ALL"),
        ("全体师生员工", "ORG_ALL"),
        ("党内外全员", "ORG_ALL"),
        ("全体党员和村民", "ORG_ALL"),
        ("党内", "INTRA_PARTY"),
        ("全体党员", "INTRA_PARTY"),
        ("本单位", "UNIT"),
        ("本部门、本单位", "UNIT"),
        ("常委、校领导及相关部门", "TARGETED"),
        ("特定群众：项目单位", "TARGETED"),
        ("组织部、基础医学院党委", "TARGETED"),
        ("全社会", "PUBLIC"),
        ("向社会公开", "PUBLIC"),
    ],
)
def test_an_audience_is_one_scope(text: str, code: str) -> None:
    assert scope(text, UNITS) == (code, [])


@pytest.mark.parametrize("text", ["学习工作生活所在地", "党内或社会", "全校、有关人员", "适当范围"])
def test_an_uncertain_audience_is_never_guessed_wide(text: str) -> None:
    code, left = scope(text, UNITS)
    assert code is None and left


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("书记签发", "HEAD"),
        ("主要负责人审批", "HEAD"),
        ("部门审核，分管领导审定", "HEAD"),
        ("常委会决定", "COLLECTIVE"),
        ("领导班子集体研究决定", "COLLECTIVE"),
        ("全委会审议，常委会决定，书记校长签发", "COLLECTIVE"),
        ("经村党组织会议讨论", "COLLECTIVE"),
        ("支委会研究后公示，报上级备案", "COLLECTIVE"),
        ("党委会审议后报上级党组织审批", "COLLECTIVE_SUPERIOR"),
        ("支委会讨论、报学校党委批准", "COLLECTIVE_SUPERIOR"),
        ("上级组织批准", "COLLECTIVE_SUPERIOR"),
    ],
)
def test_a_procedure_gives_the_highest_approval_it_names(text: str, code: str) -> None:
    assert route(text)[0] == code


@pytest.mark.parametrize("text", ["公开监督小组审核", "报上级备案", "无需常委会审议", "保密办审查", "按规定办理"])
def test_a_procedure_without_approval_stays_open(text: str) -> None:
    code, left = route(text)
    assert code is None and left


def test_a_strange_step_is_named_even_when_the_route_is_known() -> None:
    assert route("常委会决定，星期三碰头") == ("COLLECTIVE", ["星期三碰头"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("纸质印发", ["DOCUMENT"]),
        ("办公网发布", ["LAN"]),
        ("会议、文件，简报；局域网", ["MEETING", "DOCUMENT", "BULLETIN_PAPER", "LAN"]),
        ("政府网站；两微一端；广播电视", ["INTERNET", "NEW_MEDIA", "RADIO", "TV"]),
        ("固定公开栏（设意见箱、举报箱）；广播、明白纸", ["NOTICE_BOARD", "RADIO", "BULLETIN_PAPER"]),
        ("社区/企事业单位/村公示栏（电子屏）", ["NOTICE_BOARD"]),
        ("发布会听证会", ["PRESS_CONFERENCE", "MEETING"]),
        ("校园网络", ["LAN"]),
        ("■政府网站 □政府公报 ■两微一端 □广播", ["INTERNET", "NEW_MEDIA"]),
        ("☑会议☐文件☑公开栏", ["MEETING", "NOTICE_BOARD"]),
        ("会议□ 文件√ 简报□ 公开栏√", ["DOCUMENT", "NOTICE_BOARD"]),
        ("公报、新闻发布会、采访、报刊", ["COMMUNIQUE", "PRESS_CONFERENCE", "INTERVIEW", "NEWSPAPER"]),
    ],
)
def test_a_list_of_channels_is_understood(text: str, codes: list[str]) -> None:
    assert channels(text) == (codes, [])


def test_strange_channels_are_named_and_the_others_kept() -> None:
    assert channels("政府网站；便民服务站；公开查阅点") == (["INTERNET"], ["便民服务站", "公开查阅点"])


def test_a_list_of_boxes_with_none_ticked_stays_open() -> None:
    assert channels("□会议 □文件") == ([], ["□会议 □文件"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("党委办公室", ["pco"]),
        ("党委办公室\n\n校长办公室", ["pco", "president"]),
        ("党办、校办", ["pco", "president"]),
        ("党委组织部；纪委", ["orgdept", "discipline"]),
        ("中共首都医科大学委员会，首都医科大学党委", ["ccmu"]),
        ("本单位", ["pco"]),
        ("纪律检查委员会/组织部", ["discipline", "orgdept"]),
    ],
)
def test_several_owners_in_one_cell_are_found(text: str, codes: list[str]) -> None:
    assert UNITS.find(text) == (codes, [])


@pytest.mark.parametrize("text", ["第一党支部", "石羊镇中心学校", "学校各级党组织"])
def test_an_unknown_or_ambiguous_owner_stays_as_written(text: str) -> None:
    assert UNITS.find(text) == ([], [text])


def test_a_chain_of_ditto_marks_reaches_the_text_above() -> None:
    rows = meaning({"audience_scope": "全校", "channel": "会议"}, *[{"audience_scope": "同上", "channel": "〃"}] * 3)
    assert [row.scope for row in rows] == ["ORG_ALL"] * 4
    assert rows[3].stands_for == {"audience_scope": "全校", "channel": "会议"}
    assert rows[3].row.texts["audience_scope"] == "同上"
    assert not rows[3].unresolved


def test_a_ditto_mark_beside_words_adds_to_them() -> None:
    rows = meaning({"channel": "会议、文件"}, {"channel": "同上、公开栏"}, {"channel": "同上"})
    assert rows[2].channels == ["MEETING", "DOCUMENT", "NOTICE_BOARD"]


def test_a_ditto_mark_with_nothing_above_stays_as_written() -> None:
    rows = meaning({"start_point": "同上"}, {"start_point": "同上"}, {"start_point": "随时"})
    assert [row.unresolved for row in rows] == [["start_point"], ["start_point"], []]
    assert rows[1].notes[0].text == "同上"


def test_an_empty_cell_means_nothing_and_is_not_marked() -> None:
    [row] = meaning({})
    assert (row.scope, row.route, row.channels, row.start, row.duration) == (None, None, [], None, None)
    assert row.unresolved == []


def test_unresolved_columns_are_named_in_the_order_of_the_annex() -> None:
    [row] = meaning({"content": "", "remarks": "随便", "responsible_unit": "某处", "audience_scope": "适当范围"})
    assert row.unresolved == ["content", "audience_scope", "responsible_unit"]


def test_a_cell_spanned_from_the_left_is_marked() -> None:
    [row] = resolve([Row("表1", 2, dict.fromkeys(KEYS, "") | {"content": "事项"}, ("channel",))], SCHOOL)
    assert row.unresolved == ["channel"]
