"""Small forms for the tests, and ways to fill them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import html
from markupsafe import Markup

OPTIONS = [{"value": "unit", "label": "本单位", "en": "The unit"}, {"value": "public", "label": "社会"}]
DIGEST = "a" * 64
OTHER = "b" * 64
LETTER = {"digest": DIGEST, "name": "来函.pdf", "type": "application/pdf", "size": 2048}


def form(*components: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "default", "schemaVersion": 18, "components": list(components)}


def field(kind: str, key: str = "it", **settings: Any) -> dict[str, Any]:
    name = "path" if kind in ("dynamiclist", "group") else "key"
    label = {"dateLabel": "时间"} if kind == "datetime" else {"label": "标签"}
    values = {"values": OPTIONS} if kind in ("radio", "select", "checklist", "taglist") else {}
    return {"type": kind, "id": "id_" + key, name: key, **label, **values, **settings}


def hidden_if(condition: str) -> dict[str, Any]:
    return {"conditional": {"hide": "=" + condition}}


class Posted(dict[str, list[Any]]):
    """A multidict of ten lines."""

    def __init__(self, **values: Any) -> None:
        lists = {
            name.replace("__", "--"): value if isinstance(value, list) else [value] for name, value in values.items()
        }
        super().__init__(lists)

    def getlist(self, key: str) -> list[Any]:
        return self.get(key, [])


@dataclass
class Upload:
    filename: str


class Page:
    """What a browser makes of the markup."""

    def __init__(self, markup: Markup) -> None:
        self.root = html.fragment_fromstring(str(markup), create_parent="form")

    def find(self, path: str) -> Any:
        found = self.root.xpath(path)
        assert len(found) == 1, f"{len(found)} of {path}"
        return found[0]

    def has(self, path: str) -> bool:
        return bool(self.root.xpath(path))

    def named(self, name: str) -> Any:
        return self.find(f"//*[@name='{name}']")

    @property
    def text(self) -> str:
        return " ".join(self.root.text_content().split())

    def press(self, button: str, **typed: Any) -> Posted:
        """What the browser posts when somebody presses a button, after typing into some fields."""
        posted = Posted()
        for name, value in self.filled():
            posted.setdefault(name, []).append(value)
        for name, value in {**typed, button: "1"}.items():
            posted[name] = value if isinstance(value, list) else [value]
        return posted

    def filled(self) -> Iterator[tuple[str, str]]:
        for element in self.root.xpath("//input[@name]|//select[@name]|//textarea[@name]"):
            kind = element.get("type")
            if kind == "file" or kind in ("checkbox", "radio") and element.get("checked") is None:
                continue
            value = element.value if element.tag == "select" else element.text if element.tag == "textarea" else None
            yield element.get("name"), element.get("value", "") if value is None else value.removeprefix("\n")
