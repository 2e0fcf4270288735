"""What differs between two versions of a catalogue, row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from processes.catalogue import KEYS, CatalogueItem

COMPARED = tuple(key for key in KEYS if key != "seq")
"""A row that only moved to another number has not changed."""
SIMILAR = 0.6
MOST_PAIRS = 40_000
"""Beyond this many pairs of rows left over, reworded content is not looked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new (`before` is None), gone (`after` is None) or written otherwise in some `columns`."""

    before: CatalogueItem | None
    after: CatalogueItem | None
    columns: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def changes(before: Sequence[CatalogueItem], after: Sequence[CatalogueItem]) -> list[Change]:
    """The differences in the order of `after`, then the rows that are gone."""
    partner = match(before, after)
    kept = {old.id for old in partner.values()}
    found = [_compare(partner.get(new.id), new) for new in after]
    gone = [Change(old, None) for old in before if old.id not in kept]
    return [change for change in found if change] + gone


def match(before: Sequence[CatalogueItem], after: Sequence[CatalogueItem]) -> dict[str, CatalogueItem]:
    """Id of a new row → the old row it continues: the same content and unit, then content alone, then similar words."""
    partner: dict[str, CatalogueItem] = {}
    for same in (_content_and_unit, _content):
        partner |= _equal(*_left(before, after, partner), same)
    return partner | _similar(*_left(before, after, partner))


def _left(
    before: Sequence[CatalogueItem], after: Sequence[CatalogueItem], partner: dict[str, CatalogueItem]
) -> tuple[list[CatalogueItem], list[CatalogueItem]]:
    taken = {old.id for old in partner.values()}
    return [old for old in before if old.id not in taken], [new for new in after if new.id not in partner]


def _equal(
    before: Sequence[CatalogueItem], after: Sequence[CatalogueItem], same: Callable[[CatalogueItem], Hashable]
) -> dict[str, CatalogueItem]:
    waiting: dict[Hashable, list[CatalogueItem]] = defaultdict(list)
    for old in before:
        waiting[same(old)].append(old)
    return {new.id: waiting[same(new)].pop(0) for new in after if waiting[same(new)]}


def _similar(before: list[CatalogueItem], after: list[CatalogueItem]) -> dict[str, CatalogueItem]:
    if len(before) * len(after) > MOST_PAIRS:
        return {}
    partner: dict[str, CatalogueItem] = {}
    for score, new, old in sorted(_scores(before, after), key=lambda found: -found[0]):
        if score >= SIMILAR and new.id not in partner and old not in partner.values():
            partner[new.id] = old
    return partner


def _scores(
    before: list[CatalogueItem], after: list[CatalogueItem]
) -> Iterator[tuple[float, CatalogueItem, CatalogueItem]]:
    for new in after:
        matcher = SequenceMatcher(b=_content(new), autojunk=False)
        for old in before:
            matcher.set_seq1(_content(old))
            if matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR:
                yield matcher.ratio(), new, old


def _compare(old: CatalogueItem | None, new: CatalogueItem) -> Change | None:
    if old is None:
        return Change(None, new)
    columns = [key for key in COMPARED if old.text_of(key) != new.text_of(key)]
    return Change(old, new, columns) if columns else None


def _content(item: CatalogueItem) -> str:
    return "".join(item.text_of("content").split())


def _content_and_unit(item: CatalogueItem) -> tuple[str, str]:
    return _content(item), item.text_of("responsible_unit")
