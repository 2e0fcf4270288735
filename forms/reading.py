"""From what a browser posts to nested raw data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from forms import messages
from forms.checking import parse
from forms.definition import Component

MOST_ROWS = 100

File = dict[str, Any]
"""{"digest", "name", "type", "size"}"""
ABSENT = object()


class Posted(Protocol):
    """A multidict, such as werkzeug's."""

    def getlist(self, key: str) -> list[Any]: ...

    def __iter__(self) -> Iterator[str]: ...

    def __contains__(self, key: object, /) -> bool: ...


class Refused(Exception):
    """Raised by `keep`: the file cannot be taken. The text says why and what to do, in the reader's language."""


def is_refresh(form: Posted) -> bool:
    """Whether the page asks only to be drawn again: conditions, a row more or less."""
    return form.getlist("action")[:1] == ["refresh"] or any(name.endswith(("--add", "--remove")) for name in form)


def read(
    definition: bytes | Mapping[str, Any],
    form: Posted,
    files: Posted,
    keep: Callable[[Any], File],
    kept: Callable[[str], File | None] = lambda digest: None,
) -> dict[str, Any]:
    """Raw data, nested as the form is; fields which were not on the page are left out.

    `keep` stores an uploaded file at once and returns its description, or raises `Refused`. `kept` describes a file
    stored earlier, by the digest that the page names, if this person may name it, else None.
    """
    return _Reader(form, files, keep, kept).level(parse(definition).components, "")


class _Reader:
    def __init__(
        self, form: Posted, files: Posted, keep: Callable[[Any], File], kept: Callable[[str], File | None]
    ) -> None:
        self.form, self.files, self.keep, self.kept = form, files, keep, kept
        self.is_refresh = is_refresh(form)

    def level(self, components: Sequence[Component], prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for component in components:
            if component.type == "group" and not component.is_nested:
                found |= self.level(component.components, prefix)
            elif component.key and not component.is_locked:
                value = READERS.get(component.type, _Reader.text)(self, component, prefix + component.key)
                found |= {} if value is ABSENT else {component.key: value}
        return found

    def text(self, component: Component, name: str) -> Any:
        posted = self.form.getlist(name)
        return (str(posted[0]) or None) if posted else ABSENT

    def tick(self, component: Component, name: str) -> Any:
        return name in self.form if self.was_shown(name) else ABSENT

    def choices(self, component: Component, name: str) -> Any:
        return self.form.getlist(name) if self.was_shown(name) else ABSENT

    def was_shown(self, name: str) -> bool:
        """A browser posts nothing for an empty box; the page says beside it that it was there."""
        return name in self.form or name + "--shown" in self.form

    def group(self, component: Component, name: str) -> Any:
        return self.level(component.components, name + "-")

    def rows(self, component: Component, name: str) -> Any:
        rows = [self.level(component.components, f"{name}-{index}-") for index in self.indexes(name)]
        if name + "--add" in self.form and len(rows) < MOST_ROWS:
            rows.append({})
        if not self.is_refresh and component.raw.get("allowAddRemove"):
            rows = [row for row in rows if not is_blank(row)]
        return rows if rows or self.was_shown(name) else ABSENT

    def indexes(self, name: str) -> list[int]:
        pattern = re.compile(re.escape(name) + r"-(\d{1,4})-")
        names = (pattern.match(posted) for posted in (*self.form, *self.files))
        found = sorted({int(match[1]) for match in names if match})
        return [index for index in found if f"{name}-{index}--remove" not in self.form][: MOST_ROWS + 1]

    def uploads(self, component: Component, name: str) -> Any:
        earlier = list(self.earlier(name))
        new = [self.taken(file) for file in self.files.getlist(name) if file.filename]
        if not component.raw.get("multiple") and any("digest" in file for file in new):
            earlier = []
        return list(_once([*earlier, *new])) if earlier or new or self.was_shown(name) else ABSENT

    def earlier(self, name: str) -> Iterator[File]:
        dropped = set(self.form.getlist(name + "--drop"))
        for digest in self.form.getlist(name + "--kept")[:MOST_ROWS]:
            if digest not in dropped:
                yield self.kept(digest) or {"name": "", "refused": messages.translate(messages.NOT_A_FILE)}

    def taken(self, file: Any) -> File:
        try:
            return self.keep(file)
        except Refused as refusal:
            return {"name": str(file.filename), "refused": str(refusal)}


READERS: dict[str, Callable[[_Reader, Component, str], Any]] = {
    "checkbox": _Reader.tick,
    "checklist": _Reader.choices,
    "taglist": _Reader.choices,
    "filepicker": _Reader.uploads,
    "group": _Reader.group,
    "dynamiclist": _Reader.rows,
}


def is_blank(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(is_blank, value.values()))
    return value is None or value is False or value in ("", []) or isinstance(value, str) and not value.strip()


def _once(files: Iterable[File]) -> Iterator[File]:
    seen = set()
    for file in files:
        if file.get("digest") is None or file["digest"] not in seen:
            seen.add(file.get("digest"))
            yield file
