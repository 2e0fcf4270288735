"""Every refusal of the nouns speaks Chinese too, with the same names in it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from engine.refusals import Refusal

CHINESE = Path(__file__).parents[2] / "web" / "translations" / "zh_Hans_CN"
MODULES = ("organisation", "settings", "attachments", "catalogue.reading", "catalogue.items")


def refusals(module: ModuleType) -> list[type[Refusal]]:
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    return [kind for kind in kinds if kind.__module__ == module.__name__]


@pytest.mark.parametrize("name", MODULES)
def test_every_refusal_is_translated(name: str) -> None:
    chinese: dict[str, str] = {}
    for path in sorted(CHINESE.glob("*.po")):
        with path.open("rb") as file:
            chinese |= {message.id: str(message.string) for message in read_po(file) if isinstance(message.id, str)}
    for kind in refusals(import_module(f"processes.{name}")):
        english = " ".join((kind.__doc__ or "").split())
        assert set(re.findall(r"{\w+}", chinese[english])) == set(re.findall(r"{\w+}", english)), kind
