"""How often somebody without a name may write, so that nobody floods the desk officers."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from engine.refusals import NotAllowed

MOST, WITHIN = 5, timedelta(minutes=10)
REMEMBERED = 10_000


class TooOften(NotAllowed):
    """Too much feedback came from here in a short time. Please try again in some minutes; what you wrote is kept."""


@dataclass
class Limit:
    """At most `most` in any period of `within` for one key, in this process; the oldest keys are forgotten first."""

    most: int = MOST
    within: timedelta = WITHIN
    keys: int = REMEMBERED
    _seen: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def check(self, key: str, at: datetime) -> None:
        """TooOften when the key has used up its share; nothing is counted here."""
        with self._lock:
            if len(self._recent(key, at)) >= self.most:
                raise TooOften(reason="")

    def count(self, key: str, at: datetime) -> None:
        """Something was accepted from this key."""
        with self._lock:
            self._recent(key, at).append(at)
            while len(self._seen) > self.keys:
                self._seen.popitem(last=False)

    def _recent(self, key: str, at: datetime) -> deque[datetime]:
        moments = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while moments and moments[0] <= at - self.within:
            moments.popleft()
        return moments
