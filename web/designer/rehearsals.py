"""The dry runs under way: each person's own, few, in memory, and forgotten after a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock

from engine import Rehearsal
from engine.refusals import NotFound

MOST_PER_PERSON = 4
MOST = 60
IDLE = timedelta(hours=2)


@dataclass(slots=True)
class Kept:
    """A rehearsal with whose it is, which files it runs and when it was last touched."""

    id: str
    person: str
    draft: str
    title: str
    files: Mapping[str, bytes]
    rehearsal: Rehearsal
    started_at: datetime
    touched_at: datetime
    lock: RLock = field(default_factory=RLock)


class Rehearsals:
    """Holds the rehearsals of this process, the last touched ones first to stay."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self.lock = RLock()

    def keep(self, kept: Kept) -> None:
        """Hold it; the person's oldest goes when there are too many."""
        with self.lock:
            self.kept[kept.id] = kept
            own = [key for key, each in self.kept.items() if each.person == kept.person]
            for key in own[:-MOST_PER_PERSON] or list(self.kept)[:-MOST]:
                del self.kept[key]

    def find(self, key: str, person: str, at: datetime) -> Kept:
        """The person's rehearsal; NotFound where it is another's, or was forgotten."""
        with self.lock:
            for old in [key for key, each in self.kept.items() if at - each.touched_at > IDLE]:
                del self.kept[old]
            found = self.kept.get(key)
            if found is None or found.person != person:
                raise NotFound(what="rehearsal", key=key)
            found.touched_at = at
            self.kept.move_to_end(key)
            return found

    def drop(self, key: str, person: str, at: datetime) -> None:
        """Forget it."""
        with self.lock:
            self.kept.pop(self.find(key, person, at).id)
