"""The ten columns of the annex table, and the names under which people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the annex: key, heading as printed there, share of the table's width, other headings in use."""

    key: str
    heading: str
    width: int
    aliases: tuple[str, ...] = ()

    @property
    def zh(self) -> str:
        """The heading on one line."""
        return self.heading.replace("\n", "")


COLUMNS = (
    Column("seq", "序号", 5, ("编号", "序")),
    Column("content", "公开内容", 22, ("公开事项", "公开项目", "事项", "内容")),
    Column("audience_scope", "公开范围", 12, ("范围", "公开对象")),
    Column("approval_procedure", "审批程序", 14, ("审批流程", "审批", "公开程序")),
    Column("channel", "公开方式", 12, ("方式", "公开形式", "公开渠道", "公开渠道和载体")),
    Column("start_point", "公开\n起始时点", 11, ("起始时点", "公开时点", "公开时间", "公开时限")),
    Column("display_duration", "公开时长", 8, ("时长", "公开期限")),
    Column("responsible_unit", "责任主体", 11, ("责任单位", "责任部门", "公开主体")),
    Column("collaborators", "协同单位\n或人员", 11, ("协同单位", "协同单位（人员）", "协同单位及人员", "协办单位")),
    Column("remarks", "备注", 10, ("说明",)),
)
KEYS = tuple(column.key for column in COLUMNS)
COLUMN: Mapping[str, Column] = {column.key: column for column in COLUMNS}


def _heading(text: str) -> str:
    return re.sub(r"[\s:：*]", "", unicodedata.normalize("NFKC", text))


_PRINTED = {_heading(column.heading): column.key for column in COLUMNS}
_ALIASES = {_heading(alias): column.key for column in COLUMNS for alias in column.aliases}


def recognise(text: str) -> str | None:
    """The key of the column that a heading names, whatever its line breaks; `None` for a strange one."""
    heading = _heading(text)
    return _PRINTED.get(heading) or _ALIASES.get(heading)


def is_printed(text: str) -> bool:
    """Whether the heading is the annex's own."""
    return _heading(text) in _PRINTED
