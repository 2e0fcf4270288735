"""What the scan finds, what it leaves alone, and how it masks."""

from __future__ import annotations

import pytest

from processes.secrecy_review.scanning import Hit, mask, scan

ID = "11010519491231002X"
CARD = "6222021234567890128"


def found(line: str) -> list[tuple[str, str]]:
    return [(hit.type, hit.value) for hit in scan(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("联系人张某，电话13812345678。", [("PHONE", "13812345678")]),
        (f"身份证号{ID}", [("ID_CARD", ID)]),
        (f"卡号 {CARD}", [("BANK_CARD", CARD)]),
        ("邮箱zhang.san@ccmu.edu.cn，请反馈", [("EMAIL", "zhang.san@ccmu.edu.cn")]),
        ("住北京市昌平区某某镇幸福路12号3栋", [("ADDRESS", "北京市昌平区某某镇幸福路12号3栋")]),
        ("本件机密★一年", [("MARK", "机密★")]),
        ("密级：秘密", [("MARK", "密级：秘密")]),
        ("此件为内部资料", [("WORD", "内部资料")]),
    ],
)
def test_what_must_not_be_shown_is_found(line: str, expected: list[tuple[str, str]]) -> None:
    assert found(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "共收缴党费 138123456789 元",
        "电话010-83911000",
        "身份证号110105194912310021",
        "编号6222021234567890123",
        "文号首医大党发〔2013〕23号",
        "全校保密工作会议",
        "北京市昌平区某某镇党委",
    ],
)
def test_what_only_looks_like_it_is_left_alone(line: str) -> None:
    assert found(line) == []


def test_a_value_is_named_once_in_a_paragraph() -> None:
    assert found("13812345678或者13812345678") == [("PHONE", "13812345678")]


@pytest.mark.parametrize(
    ("type", "value", "masked"),
    [
        ("PHONE", "13812341234", "138****1234"),
        ("ID_CARD", ID, "11*************02X"),
        ("BANK_CARD", CARD, "***************0128"),
        ("EMAIL", "zhang.san@ccmu.edu.cn", "z***@ccmu.edu.cn"),
        ("ADDRESS", "北京市昌平区某某镇幸福路12号", "北京市昌平区某某镇****"),
    ],
)
def test_a_mask_shows_what_the_rule_says_and_hides_the_rest(type: str, value: str, masked: str) -> None:
    assert mask(type, value) == masked
    assert list(scan(masked)) == []


def test_a_hit_says_its_kind() -> None:
    assert list(scan("不得外传")) == [Hit("WORK_SECRET", "WORD", "不得外传")]
