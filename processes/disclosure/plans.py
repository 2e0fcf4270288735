"""What a disclosure plan says, and the hash of what is to be released."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.canonical import digest, dump
from engine.clock import SHANGHAI

Plan = Mapping[str, Any]

SCOPES = ("ORG_ALL", "INTRA_PARTY", "UNIT", "TARGETED", "PUBLIC")
WITHIN: Mapping[str, tuple[str, ...]] = {
    "NONE": (),
    "TARGETED": ("TARGETED",),
    "INTRA_PARTY": ("INTRA_PARTY", "TARGETED"),
    "UNIT": ("UNIT", "TARGETED"),
}
"""Scope that the table decides → the scopes that a plan may have then; any where a person decides (Art. 9)."""

SCOPE_NAMES: Mapping[str, str] = {
    "NONE": "任何人",
    "TARGETED": "特定的党组织、党员和群众",
    "INTRA_PARTY": "党内",
    "UNIT": "本部门、本单位",
    "ORG_ALL": "党内外全员",
    "PUBLIC": "社会",
}

PORTAL_CHANNELS = frozenset({"LAN", "INTERNET"})
"""The channels that this system is itself, where the table of channels says nothing else."""

MARK = re.compile(r"(?:绝密|机密|秘密)\s*[★☆]")
ISO = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?")
CHINESE = re.compile(r"(\d{1,4})\s*(?:个)?\s*(年|月|周|星期|日|天)")
UNITS = {"年": (12, 0), "月": (1, 0), "周": (0, 7), "星期": (0, 7), "日": (0, 1), "天": (0, 1)}


def text_hash(title: str, text: str, attachments: Iterable[str]) -> str:
    """The hash of what is released: title, sanitised text and the attachments' digests in their order."""
    return digest(dump({"title": title, "text": text, "attachments": list(attachments)}))


def plan_hash(plan: Plan) -> str:
    """`text_hash` of a plan."""
    return text_hash(str(plan.get("title") or ""), str(plan.get("text") or ""), digests(plan))


def attachments(plan: Plan, key: str = "attachments") -> list[dict[str, Any]]:
    """The files of a plan or of another form: [{digest, name, type, size}]."""
    return [dict(file) for file in _items(plan.get(key)) if isinstance(file, Mapping) and file.get("digest")]


def files_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every file mentioned anywhere in JSON-able data, as {digest, name, type, size}."""
    if isinstance(value, Mapping):
        if value.get("digest") and "name" in value and "size" in value:
            yield dict(value)
        for inner in value.values():
            yield from files_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from files_in(inner)


def digests(plan: Plan) -> list[str]:
    """The digests of the plan's attachments, in order."""
    return [str(file["digest"]) for file in attachments(plan)]


def recipients(plan: Plan) -> list[str]:
    """The ids of the named people, each once, in order."""
    return list(dict.fromkeys(str(person) for person in _items(plan.get("recipients")) if person))


def channels(plan: Plan) -> list[str]:
    """The planned channels, each once, in order."""
    return list(dict.fromkeys(str(channel) for channel in _items(plan.get("channels")) if channel))


@dataclass(frozen=True, slots=True)
class Way:
    """A planned channel as the table of channels judges it: what proves it, is it the portal, does it fit the scope."""

    channel: str
    proof: str
    portal: bool
    allowed: bool


def ways(plan: Plan, rules: Sequence[Mapping[str, Any]] | None) -> list[Way]:
    """The planned channels with their rows of the table (Art. 13), in the order of the plan.

    `rules` is what the table answers: [{channel, proof, portal, allowed}]. A channel without a row is allowed.
    """
    by_channel = {row["channel"]: row for row in rules or []}
    return [_way(channel, by_channel.get(channel, {})) for channel in channels(plan)]


def _way(channel: str, row: Mapping[str, Any]) -> Way:
    portal = bool(row.get("portal", channel in PORTAL_CHANNELS))
    return Way(channel, str(row.get("proof") or "OTHER"), portal, bool(row.get("allowed", True)))


def direction(scope: str | None) -> str | None:
    """INTRA: inside the Party only; EXTRA: others see it as well (Art. 2). None as long as no scope is chosen."""
    return None if not scope else "INTRA" if scope == "INTRA_PARTY" else "EXTRA"


def secrecy_mark(plan: Plan) -> str | None:
    """The first secrecy mark such as 机密★ in title, content or text, or None."""
    marks = (mark_in(str(plan.get(key) or "")) for key in ("title", "content", "text"))
    return next((mark for mark in marks if mark), None)


def mark_in(text: str) -> str | None:
    """The first secrecy mark in a text, or None."""
    found = MARK.search(text)
    return found[0] if found else None


def is_important(plan: Plan, item: Plan | None) -> bool:
    """Does the matter count as important whatever the reviewer says (raise-only)?"""
    several = bool(_items(plan.get("co_units")))
    return bool(plan.get("important") or plan.get("scope") == "PUBLIC" or several or (item or {}).get("important"))


def is_risky(plan: Plan) -> bool:
    """Are the risks of a plan assessed before its review (Art. 21(2))? What was asked for once is asked for always."""
    return bool(plan.get("assess_risk") or plan.get("scope") == "PUBLIC")


def display_until(duration: str | None, released_at: datetime) -> datetime | None:
    """When the display ends, from "P30D" or "15天" and the like; None: never, or the words do not say.

    The last day counts whole: it ends at 24:00 in Shanghai.
    """
    months, days = _iso(duration or "") or _chinese(duration or "") or (0, 0)
    if not (months or days):
        return None
    last = _add_months(released_at.astimezone(SHANGHAI).date(), months) + timedelta(days=days + 1)
    return datetime.combine(last, time(), SHANGHAI).astimezone(UTC)


def _iso(duration: str) -> tuple[int, int] | None:
    found = ISO.fullmatch(duration.strip())
    if not found:
        return None
    years, months, weeks, days = (int(count or 0) for count in found.groups())
    return years * 12 + months, weeks * 7 + days


def _chinese(duration: str) -> tuple[int, int] | None:
    found = CHINESE.fullmatch(duration.strip())
    if not found:
        return None
    months, days = UNITS[found[2]]
    return int(found[1]) * months, int(found[1]) * days


def _add_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []
