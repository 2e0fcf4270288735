"""What differs between two versions: rows are followed by what they say, not by their numbers."""

from __future__ import annotations

from processes.catalogue import KEYS, CatalogueItem
from web.catalogue.changes import changes


def item(number: int, content: str, **texts: str) -> CatalogueItem:
    written = dict.fromkeys(KEYS, "") | {"seq": str(number), "content": content} | texts
    return CatalogueItem(id=f"{content}-{number}-{sorted(texts.items())}", position=number, stands_for={}, **written)


def kinds(before, after):
    return [(change.kind, change.columns) for change in changes(before, after)]


def test_a_row_that_only_moved_has_not_changed():
    assert kinds([item(1, "纪要"), item(2, "要点")], [item(1, "要点"), item(2, "纪要")]) == []


def test_new_and_gone_rows_are_named():
    found = changes([item(1, "纪要")], [item(1, "党费收缴使用情况")])
    assert [(each.kind, (each.after or each.before).content) for each in found] == [
        ("added", "党费收缴使用情况"),
        ("removed", "纪要"),
    ]


def test_a_changed_cell_names_its_column():
    before, after = item(1, "纪要", audience_scope="党内"), item(1, "纪要", audience_scope="全校")
    assert kinds([before], [after]) == [("changed", ["audience_scope"])]


def test_reworded_content_is_the_same_row():
    assert kinds([item(1, "年度党政工作要点")], [item(3, "年度党政工作要点摘要")]) == [("changed", ["content"])]


def test_of_two_rows_with_the_same_content_the_unit_decides():
    office, hospital = item(1, "纪要", responsible_unit="党委办公室"), item(2, "纪要", responsible_unit="附属医院")
    assert kinds([office, hospital], [hospital, office]) == []


def test_the_same_row_twice_is_one_more_row():
    assert kinds([item(1, "纪要")], [item(1, "纪要"), item(2, "纪要")]) == [("added", [])]
