"""What the words in a catalogue mean. What is not understood stays as written and is named, never guessed wide."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from processes.catalogue.columns import KEYS
from processes.catalogue.reading import Row
from processes.catalogue.times import display_duration, start_point, time_mode
from processes.organisation import Organisation

SCOPES = {
    "ORG_ALL": ("党内外全员", "Everyone of the organisation"),
    "INTRA_PARTY": ("党内", "Party members"),
    "UNIT": ("本部门、本单位", "The unit"),
    "TARGETED": ("特定的党组织、党员和群众", "Named organisations and people"),
    "PUBLIC": ("向社会公开", "The public"),
}
"""Code → (zh, en); Art. 9, and society, which Art. 10 and 13 still name."""

ROUTES = {
    "HEAD": ("主要负责人审批", "Approval by the head"),
    "COLLECTIVE": ("领导班子集体研究决定", "Collective decision"),
    "COLLECTIVE_SUPERIOR": ("集体研究后报上一级组织审批", "Collective decision, then the superior"),
}
"""Code → (zh, en); Art. 11(3)."""

CHANNELS = {
    "MEETING": ("会议", "Meeting"),
    "DOCUMENT": ("文件", "Document"),
    "BULLETIN_PAPER": ("简报", "Printed bulletin"),
    "LAN": ("局域网", "Local network"),
    "NOTICE_BOARD": ("公开栏", "Notice board"),
    "COMMUNIQUE": ("公报", "Communiqué"),
    "PRESS_CONFERENCE": ("新闻发布会", "Press conference"),
    "INTERVIEW": ("接受采访", "Interview"),
    "NEWSPAPER": ("报刊", "Newspaper"),
    "RADIO": ("广播", "Radio"),
    "TV": ("电视", "Television"),
    "INTERNET": ("互联网", "Internet"),
    "NEW_MEDIA": ("新媒体", "New media"),
    "SCHOOL_AFFAIRS": ("校务公开平台", "School-affairs platform"),
}
"""Code → (zh, en); Art. 13."""

_SCOPE_WORDS = (
    ("PUBLIC", r"(面?向)?(全?社会)(公众|各界)?(公开)?|社会公众|公众|全社会"),
    (
        "ORG_ALL",
        r"(面?向)?(全校|校内|全院|院内|全员|全单位)(范围)?(公开)?|(本级党组织)?党内外(全员)?(范围)?"
        r"|(全校|全院|全体)?(党员)?(师生员工|师生|教职员工|教职工|职工|医务人员|群众|村民|学生)(员工)?",
    ),
    ("INTRA_PARTY", r"(面?向)?(党内|全党|全体党员|全校党员|党员|党员大会)(范围)?(公开)?"),
    ("UNIT", r"(在)?(本|所在)(部门|单位|支部|学院|科室|系统)(内部?)?(公开)?|(部门|单位|支部|科室)内部?"),
    (
        "TARGETED",
        r"(特定|指定)(的)?.*|(相关|有关)(党组织|部门|单位|人员|党员|群众|干部|领导|师生)|当事人|本人"
        r"|(党委)?常委(会)?(委员)?|(党委|纪委)委员|(校|院|学校|学院)领导(班子)?(成员)?|班子成员|(各?部门|各?单位|中层)负责人|中层干部|离退休.*",
    ),
)
_STEP = re.compile(r"[，,;；。、\n→—>]|(?<=[审核批准议定发字])后")
_NOT_DONE = re.compile(r"无需|不需|毋需|免于|免予|未经|不经")
_SUPERIOR = re.compile(
    r"(报|报请|报送|报经|呈)上一?级|上一?级.*(审批|批准|审定|同意|审核|核准)|报请?(校|学校|市)党?委(?!常委)"
)
_COLLECTIVE = re.compile(
    r"常委会|全委会|全体会议|党委会|支委会|支部大会|党员大会|党组织会议|办公会|联席会|集体|班子|代表大会"
    r"|会议?(讨论|研究|审议|决定|通过)|(党委|委员会)(审议|审批|研究|讨论|决定|批准|通过)"
)
_HEAD = re.compile(
    r"(书记|校长|院长|主任|部长|处长|所长|负责人|主要领导|分管领导|领导)+.*?(签发|签批|审批|批准|审定|同意|签字|签署|审签|核准)"
)
_CHECKED = re.compile(r"审核|初审|复核|审查|把关|核稿|拟稿|起草|会签|提出|拟定|校对")

_CHANNEL_WORDS = (
    ("SCHOOL_AFFAIRS", r"校务公开(?!栏|目录)"),
    ("PRESS_CONFERENCE", r"发布会"),
    ("INTERVIEW", r"采访|访谈"),
    ("COMMUNIQUE", r"公报"),
    ("NOTICE_BOARD", r"公[开示告]栏|宣传栏|电子屏|显示屏|橱窗|张榜|张贴|公告牌|明白墙"),
    ("BULLETIN_PAPER", r"简报|明白纸|通讯"),
    ("NEWSPAPER", r"报刊|报纸|党报|党刊|校报|纸质媒体|刊物"),
    ("RADIO", r"广播|电台"),
    ("TV", r"电视(?!电话)"),
    ("NEW_MEDIA", r"新媒体|两微一端|微信|微博|公众号|客户端|抖音|视频号|APP"),
    ("LAN", r"办公网|办公系统|办公平台|局域网|校园网|校内网|内网|内部网|内部OA|OA系统|OA|党建云平台|电子公文"),
    ("INTERNET", r"互联网|网站|官网|门户|外网|(?<![A-Za-z办公校园内局域])网络|(?<=在线).*平台"),
    (
        "MEETING",
        r"会议|大会|党员会|民主生活会|组织生活会|听证会|座谈会|情况通报会|(?<!发布)(?<!公)会$",
    ),
    ("DOCUMENT", r"文件(?!张贴)|印发|制发|发文|公文|红头"),
)
_TICKED = "■☑☒√✓✔▣◼⬛●"
_EMPTY = "□☐○◻◯▢"
_DITTO = re.compile(r"(同上|同前|同上行|同上一行|同上栏|以上相同|〃|″|”|\"|''|ditto)[。.]?", re.IGNORECASE)
_SHORT = {
    "党办": "党委办公室",
    "校办": "校长办公室",
    "院办": "院长办公室",
    "保密办": "保密委员会办公室",
    "保密委办公室": "保密委员会办公室",
    "纪委": "纪律检查委员会",
    "党委组织部": "组织部",
    "党委宣传部": "宣传部",
    "党委统战部": "统战部",
}
_SELF = re.compile(r"本(部门|单位|支部|学院|级党组织|组织)")


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of a cell that was not understood."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A row with its meaning. Empty cells mean nothing and are not unresolved."""

    row: Row
    stands_for: Mapping[str, str]
    """Column → the text that a ditto mark stands for."""
    scope: str | None = None
    route: str | None = None
    channels: list[str] = field(default_factory=list)
    start: dict[str, str] | None = None
    duration: str | None = None
    units: list[str] = field(default_factory=list)
    collaborator_units: list[str] = field(default_factory=list)
    time_mode: str | None = None
    notes: list[Note] = field(default_factory=list)

    @property
    def unresolved(self) -> list[str]:
        """The columns that say something which was not, or not wholly, understood; in the order of the annex."""
        columns = {note.column for note in self.notes}
        return [key for key in KEYS if key in columns]


def resolve(rows: Iterable[Row], organisations: Iterable[Organisation], own: str | None = None) -> list[Resolved]:
    """The meaning of each row. `own` is the code of the organisation whose catalogue it is (本单位)."""
    units = Units(organisations, own)
    above: dict[str, str] = {}
    resolved = []
    for row in rows:
        stands_for, dangling, above = _expanded(row, above)
        resolved.append(_meaning(row, stands_for, dangling, units))
    return resolved


def _expanded(row: Row, above: Mapping[str, str]) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """(what the ditto marks stand for, columns whose mark has nothing above, the texts for the row below)."""
    stands_for: dict[str, str] = {}
    dangling: list[str] = []
    for key, text in row.texts.items():
        if not (parts := _split(text)) or not any(_DITTO.fullmatch(part) for part in parts) or key == "seq":
            continue
        if above.get(key):
            stands_for[key] = "；".join(above[key] if _DITTO.fullmatch(part) else part for part in parts)
        else:
            dangling.append(key)
    below = {key: "" if key in dangling else stands_for.get(key, text) for key, text in row.texts.items()}
    return stands_for, dangling, below


def _meaning(row: Row, stands_for: dict[str, str], dangling: list[str], units: Units) -> Resolved:
    texts = {key: "" if key in dangling else stands_for.get(key, text) for key, text in row.texts.items()}
    notes = [Note(key, row.texts[key]) for key in dangling]

    def understand(key: str, meaning: Callable[[str], tuple[Any, list[str]]]) -> Any:
        value, left = meaning(texts[key])
        notes.extend(Note(key, piece) for piece in left)
        return value

    start = understand("start_point", _whole(start_point))
    duration = understand("display_duration", _whole(display_duration))
    resolved = Resolved(
        row,
        stands_for,
        scope=understand("audience_scope", lambda text: scope(text, units)),
        route=understand("approval_procedure", route),
        channels=understand("channel", channels),
        start=start,
        duration=duration,
        units=understand("responsible_unit", units.find),
        collaborator_units=understand("collaborators", units.find),
        time_mode=time_mode(
            start, duration, "；".join(texts[key] for key in ("start_point", "display_duration", "remarks"))
        ),
        notes=notes,
    )
    notes.extend(Note(key, "") for key in row.covered if key not in ("seq", "remarks"))
    if not row.texts["content"] and "content" not in row.covered:
        notes.append(Note("content", ""))
    return resolved


def _whole(meaning: Callable[[str], Any]) -> Callable[[str], tuple[Any, list[str]]]:
    def read(text: str) -> tuple[Any, list[str]]:
        value = meaning(text)
        return value, [text] if text and value is None else []

    return read


def scope(text: str, units: Units) -> tuple[str | None, list[str]]:
    """(scope, pieces not understood). Several audiences give one scope only if that is certain (Art. 9)."""
    found: dict[str, str] = {}
    left: list[str] = []
    for piece in _split(text, r"[、,，;；\n]|及|和|与|或"):
        if code := _scope_of(piece, units):
            found[code] = piece
        else:
            left.append(piece)
    codes = set(found)
    if codes == {"ORG_ALL", "INTRA_PARTY"}:
        codes = {"ORG_ALL"}
    if len(codes) == 1 and not left:
        return codes.pop(), []
    return None, left or ([text] if codes else [])


def _scope_of(piece: str, units: Units) -> str | None:
    for code, pattern in _SCOPE_WORDS:
        if re.fullmatch(pattern, piece):
            return code
    return "TARGETED" if units.find(piece)[0] else None


def route(text: str) -> tuple[str | None, list[str]]:
    """(route, steps not understood): the highest approval among the steps of a procedure (Art. 11(3))."""
    found: set[str] = set()
    left: list[str] = []
    for step in _split(text, _STEP.pattern):
        if code := _route_of(step):
            found.add(code)
        elif _NOT_DONE.search(step) or not (_CHECKED.search(step) or "备案" in step):
            left.append(step)
    highest = next((code for code in reversed(ROUTES) if code in found), None)
    return highest, left or ([text] if text and not highest else [])


def _route_of(step: str) -> str | None:
    if _NOT_DONE.search(step):
        return None
    if _SUPERIOR.search(step) and "备案" not in step:
        return "COLLECTIVE_SUPERIOR"
    if _COLLECTIVE.search(step):
        return "COLLECTIVE"
    return "HEAD" if _HEAD.search(step) else None


def channels(text: str) -> tuple[list[str], list[str]]:
    """(channels in the order written, pieces not understood). Of a list of boxes only the ticked ones count."""
    found: dict[str, None] = {}
    left: list[str] = []
    pieces = _ticked(text) if re.search(f"[{_TICKED}{_EMPTY}]", text) else _split(text)
    if text and not pieces:
        return [], [text]
    for piece in pieces:
        codes = _channels_of(piece)
        found.update(dict.fromkeys(codes))
        if not codes:
            left.append(piece)
    return list(found), left


def _channels_of(piece: str) -> list[str]:
    at = {
        code: match.start() for code, pattern in _CHANNEL_WORDS if (match := re.search(pattern, piece, re.IGNORECASE))
    }
    return sorted(at, key=lambda code: at[code])


def _ticked(text: str) -> list[str]:
    """Boxes usually stand before their words; a text that begins with words has them behind."""
    before = re.match(rf"\s*[{_TICKED}{_EMPTY}]", text)
    pattern = rf"[{_TICKED}]\s*([^{_TICKED}{_EMPTY}]+)" if before else rf"([^{_TICKED}{_EMPTY}]+)\s*[{_TICKED}]"
    return [piece for found in re.findall(pattern, text) for piece in _split(found)]


class Units:
    """Finds organisations by the names that people write for them."""

    def __init__(self, organisations: Iterable[Organisation], own: str | None = None) -> None:
        self.own = own
        self.codes: dict[str, set[str]] = defaultdict(set)
        everybody = list(organisations)
        self.school = next((_school(each.name) for each in everybody if each.parent is None), "")
        for organisation in everybody:
            for name in _names(organisation.name, self.school):
                self.codes[name].add(organisation.code)

    def find(self, text: str) -> tuple[list[str], list[str]]:
        """(codes in the order written, pieces not understood)."""
        found: dict[str, None] = {}
        left: list[str] = []
        for piece in _split(text, r"[、,，;；/／\n]"):
            if code := self._code(piece):
                found[code] = None
            else:
                left.append(piece)
        return list(found), left

    def _code(self, piece: str) -> str | None:
        if _SELF.fullmatch(piece):
            return self.own
        codes: set[str] = next((self.codes[name] for name in _names(piece, self.school) if name in self.codes), set())
        return next(iter(codes)) if len(codes) == 1 else None


def _names(name: str, school: str) -> Iterator[str]:
    """A name as written, then in its longer, shorter and plainer forms."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", name))
    yield plain
    bare = re.sub(r"^中共", "", plain)
    if school and bare.startswith(school) and bare != school:
        bare = bare.removeprefix(school)
    forms = (bare, re.sub(r"^学校", "", bare), re.sub("委员会$", "党委", bare) if plain != bare else bare)
    for form in forms:
        if form:
            yield form
            yield _SHORT.get(form, form)


def _school(name: str) -> str:
    return re.sub(r"^中共|(党委|委员会)$", "", name)


def _split(text: str, pattern: str = r"[、,，;；\n]") -> list[str]:
    """The pieces between separators that stand outside brackets."""
    pieces, depth, piece = [], 0, ""
    separators = re.compile(pattern)
    at = 0
    while at < len(text):
        match = separators.match(text, at) if depth == 0 else None
        if match and match.end() > at:
            pieces.append(piece)
            piece, at = "", match.end()
            continue
        depth = max(0, depth + (text[at] in "（(") - (text[at] in "）)"))
        piece, at = piece + text[at], at + 1
    return [stripped for each in [*pieces, piece] if (stripped := each.strip(" \t\n。.：:"))]
