"""What a text shows that it should not: numbers of people, secrecy marks, work secrets, sensitive words.

A scan helps the reviewer and replaces nobody: what it cannot read it says so, and what it does not find may be there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

SECRET, WORK_SECRET, SENSITIVE, PERSONAL = "SECRET", "WORK_SECRET", "SENSITIVE", "PERSONAL"

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ID_CARD = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?![\dXx])")
BANK_CARD = re.compile(r"(?<!\d)[1-9]\d{15,18}(?!\d)")
EMAIL = re.compile(r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
ADDRESS = re.compile(
    r"(?:(?:(?![住址在于为])[一-龥]){2,7}(?:省|自治区))?(?:(?![住址在于为])[一-龥]){2,6}市(?:[一-龥]{1,6}[区县])?[一-龥]{1,8}(?:镇|乡|街道)[一-龥\d\-]{0,16}?\d+号?"
    r"(?:院|楼|栋|单元|室|号|\d|-){0,12}"
)
MARK = re.compile(r"(?:绝密|机密|秘密)\s*[★☆]|密级\s*[:：]\s*(?:绝密|机密|秘密)")
TOWNSHIP = re.compile(r"(?:镇|乡|街道)")

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LAST = "10X98765432"


def _words() -> Mapping[str, str]:
    text = (files("processes") / "data" / "secrecy_words.csv").read_text(encoding="utf-8")
    return {row["word"]: row["kind"] for row in csv.DictReader(text.splitlines())}


WORDS = _words()
"""Word → kind of finding."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found in a line: its kind, its type, and the words themselves."""

    kind: str
    type: str
    value: str


def scan(line: str) -> Iterator[Hit]:
    """Everything found in one paragraph, each value once."""
    seen: set[str] = set()
    for hit in _hits(line):
        if hit.value not in seen:
            seen.add(hit.value)
            yield hit


@lru_cache(maxsize=128)
def is_personal(text: str) -> bool:
    """Does any paragraph show personal data, such as a telephone number that is not masked?"""
    return any(True for line in text.splitlines() for _ in _personal(line))


def _hits(line: str) -> Iterator[Hit]:
    yield from (Hit(SECRET, "MARK", found[0]) for found in MARK.finditer(line))
    yield from _personal(line)
    yield from (Hit(kind, "WORD", word) for word, kind in WORDS.items() if word in line)


def _personal(line: str) -> Iterator[Hit]:
    cards = [found[0] for found in ID_CARD.finditer(line) if is_id_card(found[0])]
    yield from (Hit(PERSONAL, "ID_CARD", card) for card in cards)
    banks = (found[0] for found in BANK_CARD.finditer(line) if found[0] not in cards and is_bank_card(found[0]))
    yield from (Hit(PERSONAL, "BANK_CARD", card) for card in banks)
    for type, pattern in (("PHONE", PHONE), ("EMAIL", EMAIL), ("ADDRESS", ADDRESS)):
        yield from (Hit(PERSONAL, type, found[0]) for found in pattern.finditer(line))


def is_id_card(number: str) -> bool:
    """Does the last character check the seventeen before it?"""
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return LAST[total % 11] == number[-1].upper()


def is_bank_card(number: str) -> bool:
    """Luhn's check."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


# -- masking


def _phone(value: str) -> str:
    return f"{value[:3]}****{value[-4:]}"


def _id_card(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 5)}{value[-3:]}"


def _bank_card(value: str) -> str:
    return f"{'*' * (len(value) - 4)}{value[-4:]}"


def _email(value: str) -> str:
    name, _, domain = value.partition("@")
    return f"{name[0]}***@{domain}"


def _address(value: str) -> str:
    """To the township."""
    ends = [found.end() for found in TOWNSHIP.finditer(value)]
    return f"{value[: ends[0]]}****"


MASKS: Mapping[str, Callable[[str], str]] = {
    "PHONE": _phone,
    "ID_CARD": _id_card,
    "BANK_CARD": _bank_card,
    "EMAIL": _email,
    "ADDRESS": _address,
}


def mask(type: str, value: str) -> str:
    """The value with what identifies a person taken out: 138****1234, first two and last three of an ID number."""
    return MASKS[type](value)
