"""What the secrecy review asks for: the scan, and the treatment that the people decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.canonical import digest
from processes.attachments import Store
from processes.disclosure.plans import attachments, display_until
from processes.documents import paragraphs
from processes.secrecy_review.findings import CLEARED, KEPT, MASKED, OPEN, REMOVED, TREATED, SecrecyFinding
from processes.secrecy_review.refusals import KeptForGood, KeptWithoutReason, StillShown
from processes.secrecy_review.scanning import PERSONAL, SECRET, SENSITIVE, WORK_SECRET, Hit, mask, scan

PERSONAL_FILE, UNREADABLE, NONE = "PERSONAL_FILE", "UNREADABLE", "NONE"
TEXTS = {"title": "标题", "content": "公开内容", "summary": "概要", "text": "正文"}
"""Field of a plan → what it is called in a finding."""

TYPES = {
    "MARK": "密级标志",
    "PHONE": "手机号码",
    "ID_CARD": "身份证号",
    "BANK_CARD": "银行卡号",
    "EMAIL": "电子邮箱",
    "ADDRESS": "住址",
    "WORD": "提示词",
    "FILE": "无法自动读取的附件",
    "DECLARED": "申报含涉密信息",
}
STATES = {MASKED: "已遮盖", TREATED: "已处理", KEPT: "保留", CLEARED: "无须处理", REMOVED: "已撤换"}
BLOCKS = re.compile(r"</(?:p|h[1-6]|li|tr|td|th|blockquote|div)>|<br\s*/?>")
TAG = re.compile(r"<[^>]*>")
Sanitise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its place; `field` is that of the plan, or "file"."""

    hit: Hit
    field: str
    place: str


def services(store: Store, sanitise: Sanitise = str) -> dict[str, Service]:
    """`secrecy.scan` and `secrecy.apply`, inside the command's transaction."""
    steps = Steps(store, sanitise)
    return {name: Service(name, run) for name, run in (("secrecy.scan", steps.scan), ("secrecy.apply", steps.apply))}


class Steps:
    """The services, with the store of attachments that they read."""

    def __init__(self, store: Store, sanitise: Sanitise) -> None:
        self.store, self.sanitise = store, sanitise

    def scan(self, session: Session, call: Call) -> Done | Failed:
        """Look through a plan's words and files; what was settled before is passed over.

        → {found, kinds, lines, settled, personal: [{value, label}]}; kinds is ["NONE"] where nothing is open.
        """
        plan, at = dict(call.arguments["plan"]), _at(call)
        found = [*self._found(plan), *([DECLARED] if call.arguments.get("declared") else [])]
        noted = [_noted(session, call.instance, number, one, at) for number, one in enumerate(found, 1)]
        rows = [row for row in dict.fromkeys(noted) if row.state == OPEN]
        session.flush()
        return Done(
            {
                "found": bool(rows),
                "kinds": list(dict.fromkeys(row.kind for row in rows)) or [NONE],
                "lines": "\n".join(_line(row) for row in rows),
                "settled": "\n".join(
                    _line(row) for row in SecrecyFinding.of(session, call.instance) if row.state != OPEN
                ),
                "personal": [{"value": row.id, "label": _line(row)} for row in rows if row.kind == PERSONAL],
            }
        )

    def apply(self, session: Session, call: Call) -> Done | Failed:
        """Carry out what the people decided about the open findings → the plan with the treated text and files.

        KeptWithoutReason, KeptForGood, StillShown.
        """
        said = {key: dict(call.arguments.get(key) or {}) for key in ("masking", "desensitised", "conclusion")}
        plan = _replaced(dict(call.arguments["plan"]), said["desensitised"], said["conclusion"])
        open_ones = [row for row in SecrecyFinding.of(session, call.instance) if row.state == OPEN]
        settled = _Settling(call, said, open_ones)
        plan = settled.mask(plan)
        left = {_key(call.instance, found) for found in self._found(plan)}
        settled.rest(left)
        session.flush()
        return Done({**plan, "text": self.sanitise(str(plan.get("text") or ""))})

    def _found(self, plan: Mapping[str, Any]) -> Iterator[Found]:
        for field, name, raw in _texts(plan):
            for number, line in enumerate(_lines(raw), 1):
                place = f"{name}第{number}段" if field.endswith("text") else name
                yield from (Found(_reachable(hit, raw), field, place) for hit in scan(line))
        for file in attachments(plan):
            yield from self._in_file(file)

    def _in_file(self, file: Mapping[str, Any]) -> Iterator[Found]:
        name = str(file["name"])
        lines = paragraphs(name, self.store.get(str(file["digest"])))
        if lines is None:
            yield Found(Hit(UNREADABLE, "FILE", str(file["digest"])), "file", f"附件《{name}》")
            return
        for number, line in enumerate(lines, 1):
            for hit in scan(line):
                kind = PERSONAL_FILE if hit.kind == PERSONAL else hit.kind
                yield Found(Hit(kind, hit.type, hit.value), "file", f"附件《{name}》第{number}段")


DECLARED = Found(Hit(SECRET, "DECLARED", ""), "declared", "申报")


class _Settling:
    """What becomes of the open findings, by what people said."""

    def __init__(self, call: Call, said: Mapping[str, Mapping[str, Any]], rows: list[SecrecyFinding]) -> None:
        self.call, self.said, self.rows = call, said, rows

    def mask(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Personal numbers in the text: masked by rule, but for those that are kept with a reason."""
        kept, reason = (
            set(self.said["masking"].get("keep") or []),
            str(self.said["masking"].get("reason") or "").strip(),
        )
        if kept and not reason:
            raise KeptWithoutReason
        plan = self._limited(plan) if kept else plan
        masked = {**plan, "stages": [dict(stage) for stage in plan.get("stages") or []]}
        for field, _name, raw in _texts(plan):
            for hit in (hit for line in _lines(raw) for hit in scan(line) if hit.kind == PERSONAL):
                row = self._row(Found(hit, field, ""))
                if row is not None and row.kind == PERSONAL:
                    raw = self._masked(row, hit, raw, row.id in kept, reason)
            _put(masked, field, raw)
        return masked if "stages" in plan else {key: masked[key] for key in masked if key != "stages"}

    def _limited(self, plan: dict[str, Any]) -> dict[str, Any]:
        """What keeps personal data is shown for a time, not for good (table D4)."""
        said = str(self.said["masking"].get("display_duration") or "").strip()
        duration = said or plan.get("display_duration")
        if "display_duration" not in plan:
            return plan
        if not display_until(duration, _at(self.call)):
            raise KeptForGood
        return {**plan, "display_duration": duration}

    def _masked(self, row: SecrecyFinding, hit: Hit, raw: str, is_kept: bool, reason: str) -> str:
        if is_kept:
            row.settle(KEPT, _at(self.call), self.call.by, after_hash=row.before_hash, reason=reason)
            return raw
        after = mask(hit.type, hit.value)
        row.settle(MASKED, _at(self.call), self.call.by, after_hash=_hash(self.call.instance, after))
        return raw.replace(hit.value, after)

    def _row(self, found: Found) -> SecrecyFinding | None:
        key = _key(self.call.instance, found)
        return next((row for row in self.rows if row.id == key), None)

    def rest(self, left: set[str]) -> None:
        """Everything else: gone from the text, cleared by whoever looked at it, or still there."""
        department, office = self.said["desensitised"], self.said["conclusion"]
        cleared_by = {
            **dict.fromkeys((SENSITIVE, UNREADABLE), department.get("result") == "NO_NEED"),
            WORK_SECRET: department.get("result") == "NO_NEED" and office.get("result") == "PASS",
            SECRET: office.get("result") == "PASS",
        }
        still = []
        for row in (row for row in self.rows if row.state == OPEN):
            if row.kind == SECRET and row.type == "DECLARED" and office:
                row.settle(TREATED, _at(self.call), self.call.by, reason=str(office.get("reference") or ""))
            elif row.id not in left:
                state = REMOVED if row.kind in (UNREADABLE, PERSONAL_FILE) else TREATED
                row.settle(state, _at(self.call), self.call.by, reason=str(department.get("opinion") or ""))
            elif cleared_by.get(row.kind):
                reason = str(department.get("opinion") or office.get("opinion") or "")
                row.settle(CLEARED, _at(self.call), self.call.by, after_hash=row.before_hash, reason=reason)
            elif row.kind not in (SECRET, UNREADABLE) and department.get("result") == "TREATED":
                still.append(row.place)
        if still and office.get("result") != "NOT_DISCLOSE":
            raise StillShown(places="、".join(dict.fromkeys(still)))


def _replaced(plan: dict[str, Any], desensitised: Mapping[str, Any], conclusion: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the text and files that the department or the secrecy office put in their place."""
    for said in (desensitised, conclusion):
        if said.get("text"):
            plan["text"] = said["text"]
    if "attachments" in desensitised:
        plan["attachments"] = desensitised["attachments"] or []
    return plan


def _texts(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, what it is called, its words) of everything that a plan says, its stages too (Art. 16)."""
    for field, name in TEXTS.items():
        if plan.get(field):
            yield field, name, str(plan[field])
    for place, stage in enumerate(plan.get("stages") or []):
        for field in ("title", "text"):
            if stage.get(field):
                yield f"stages.{place}.{field}", f"第{place + 1}阶段{TEXTS[field]}", str(stage[field])


def _put(plan: dict[str, Any], field: str, words: str) -> None:
    if field in TEXTS:
        plan[field] = words
    else:
        _stages, place, key = field.split(".")
        plan["stages"][int(place)][key] = words


def _reachable(hit: Hit, raw: str) -> Hit:
    """A personal number that is split by formatting cannot be masked by rule; a person takes it out."""
    is_split = hit.kind == PERSONAL and hit.value not in raw
    return Hit(SENSITIVE, hit.type, hit.value) if is_split else hit


def _noted(session: Session, instance: str, number: int, found: Found, at: datetime) -> SecrecyFinding:
    key = _key(instance, found)
    row = session.get(SecrecyFinding, key)
    if row is None:
        row = SecrecyFinding(
            id=key,
            instance_id=instance,
            number=number,
            kind=found.hit.kind,
            type=found.hit.type,
            place=found.place,
            shown=_shown(found.hit),
            before_hash="" if found.hit.kind == SECRET else _hash(instance, found.hit.value),
            after_hash="",
            state=OPEN,
            reason="",
            found_at=at,
        )
        session.add(row)
    elif row.state in (MASKED, TREATED, REMOVED):
        row.state, row.place = OPEN, found.place
    return row


def _line(row: SecrecyFinding) -> str:
    """A finding in one line: where, what, what became of it and why."""
    settled = [STATES[row.state], f"（{row.reason}）" if row.reason else ""] if row.state != OPEN else []
    return f"{row.place}：{TYPES[row.type]} {row.shown} {''.join(settled)}".strip()


def _shown(hit: Hit) -> str:
    """What may be shown of it: masked, and of a secret nothing."""
    if hit.kind in (SECRET, UNREADABLE):
        return ""
    return hit.value if hit.type == "WORD" else mask(hit.type, hit.value)


def _key(instance: str, found: Found) -> str:
    return digest(f"{instance}:{found.field}:{found.hit.type}:{found.hit.value}")[:32]


def _hash(instance: str, value: str) -> str:
    return digest(f"{instance}:{value}")


def _lines(raw: str) -> list[str]:
    """The paragraphs of a rich text, or of a plain one."""
    lines = [" ".join(unescape(TAG.sub("", part)).split()) for part in BLOCKS.sub("\n", raw).split("\n")]
    return [line for line in lines if line]


def _at(call: Call) -> datetime:
    if call.at is None:
        raise ValueError(f"the call {call.id} has no time")
    return call.at
