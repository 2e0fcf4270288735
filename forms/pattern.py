r"""Regular expressions written by designers, matched in bounded time.

A pattern is read here, not by `re`, and the ways in which it can match a text of `LONGEST_TEXT` characters are
counted; more than `MOST_WAYS` and it is refused. Repetitions inside repetitions are refused by the same count.
As in a browser: ASCII \d \w \s, `$` is the very end, and the pattern may match anywhere unless it begins with ^.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import exp, inf, log
from typing import Any

from forms import messages

LONGEST = 200
LONGEST_TEXT = 300
MOST_WAYS = 3e7

CLASSES = "dDwWsS"
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
COUNTED = re.compile(r"\{(\d{1,4})(,(\d{1,4})?)?\}")
UNICODE = re.compile(r"u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})")


class BadPattern(ValueError):
    """The pattern is unsafe or not understood. `message` is a msgid with {names}, `parameters` fills them."""

    def __init__(self, message: str, **parameters: Any) -> None:
        super().__init__(message.format(**parameters))
        self.message, self.parameters = message, parameters


class Pattern:
    """A pattern known to be safe."""

    def __init__(self, compiled: re.Pattern[str]) -> None:
        self._compiled = compiled

    def matches(self, text: str) -> bool:
        """Never true for more than `LONGEST_TEXT` characters."""
        return len(text) <= LONGEST_TEXT and self._compiled.search(text) is not None


@lru_cache(maxsize=512)
def compile(text: str) -> Pattern:
    """Raises `BadPattern`."""
    if len(text) > LONGEST:
        raise BadPattern(messages.PATTERN_LONG, max=LONGEST)
    reader = _Reader(text)
    ways = reader.whole()
    if ways * (1 if reader.is_anchored else LONGEST_TEXT) > MOST_WAYS:
        raise BadPattern(messages.PATTERN_SLOW)
    return Pattern(re.compile("".join(reader.python), re.ASCII))


class _Reader:
    """Each method reads one piece, writes it for Python and returns in how many ways it can match."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0
        self.python: list[str] = []
        self.is_anchored = text.startswith("^")
        self.depth = 0

    def whole(self) -> float:
        ways = self.alternatives()
        if self.position < len(self.text):
            raise self.wrong()
        return ways

    def alternatives(self) -> float:
        ways = self.sequence()
        while self.take("|"):
            self.python.append("|")
            self.is_anchored = self.is_anchored and self.depth > 0
            ways += self.sequence()
        return ways

    def sequence(self) -> float:
        ways = 1.0
        while self.next not in ("", "|", ")"):
            ways *= self.repeated()
        return ways

    def repeated(self) -> float:
        start = self.position
        is_anchor = self.next in ("^", "$")
        ways = self.piece()
        repetition = self.repetition()
        if repetition is None:
            return ways
        if is_anchor or self.text[start : start + 2] in (r"\b", r"\B"):
            raise self.wrong()
        least, most = repetition
        if most > LONGEST_TEXT:
            return inf if ways > 1 else float(LONGEST_TEXT)
        return _power(ways, most) * (most - least + 1)

    def repetition(self) -> tuple[int, float] | None:
        found = self.counts()
        if found is not None and self.take("?"):
            self.python.append("?")
        return found

    def counts(self) -> tuple[int, float] | None:
        for sign, counts in (("*", (0, inf)), ("+", (1, inf)), ("?", (0, 1.0))):
            if self.take(sign):
                self.python.append(sign)
                return counts
        if self.next == "{":
            return self.counted()
        return None

    def counted(self) -> tuple[int, float]:
        match = COUNTED.match(self.text, self.position)
        if match is None:
            raise self.wrong()
        least = int(match[1])
        most = float(least if match[2] is None else inf if match[3] is None else int(match[3]))
        if most < least or LONGEST_TEXT < most < inf:
            raise self.wrong()
        self.position = match.end()
        self.python.append(match[0])
        return least, most

    def piece(self) -> float:
        character = self.text[self.position]
        if character == "(":
            return self.group()
        if character == "[":
            return self.character_class()
        if character == "\\":
            return self.write(self.escape(r"bB" + CLASSES))
        if character in "*+?{":
            raise self.wrong()
        self.position += 1
        return self.write({"^": r"\A", "$": r"\Z", ".": "."}.get(character) or re.escape(character))

    def write(self, python: str) -> float:
        self.python.append(python)
        return 1.0

    def group(self) -> float:
        self.position += 1
        if self.next == "?" and self.text[self.position : self.position + 2] != "?:":
            raise BadPattern(messages.PATTERN_FEATURE, near=self.text[self.position - 1 : self.position + 3])
        self.position += 2 if self.next == "?" else 0
        self.python.append("(?:")
        self.depth += 1
        ways = self.alternatives()
        self.depth -= 1
        if not self.take(")"):
            raise self.wrong()
        self.python.append(")")
        return ways

    def character_class(self) -> float:
        self.position += 1
        written = "[^" if self.take("^") else "["
        empty = written
        while self.next not in ("", "]"):
            written += self.member()
        if not self.take("]") or written == empty:
            raise self.wrong()
        try:
            re.compile(written + "]")
        except re.error as error:
            raise self.wrong() from error
        return self.write(written + "]")

    def member(self) -> str:
        if self.next == "\\":
            return self.escape(CLASSES)
        character = self.text[self.position]
        self.position += 1
        return "-" if character == "-" else re.escape(character)

    def escape(self, offered: str) -> str:
        self.position += 1
        code = self.next
        match = UNICODE.match(self.text, self.position)
        if match:
            self.position = match.end()
            return re.escape(chr(int(match[1] or match[2], 16)))
        if code == "" or code.isalnum() and code not in offered and code not in CONTROLS:
            raise BadPattern(messages.PATTERN_FEATURE, near="\\" + code)
        self.position += 1
        return "\\" + code if code in offered else re.escape(CONTROLS.get(code, code))

    @property
    def next(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self, character: str) -> bool:
        found = self.next == character
        self.position += found
        return found

    def wrong(self) -> BadPattern:
        near = self.text[self.position : self.position + 6] or self.text[-6:]
        return BadPattern(messages.PATTERN_SYNTAX, near=near, position=self.position + 1)


def _power(ways: float, times: float) -> float:
    return exp(min(times * log(ways), 600)) if ways < inf else inf
