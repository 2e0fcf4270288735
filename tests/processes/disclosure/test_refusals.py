from __future__ import annotations

from pathlib import Path

import pytest

from engine.refusals import Refusal
from processes.disclosure import refusals

CATALOGUE = Path(__file__).parents[3] / "web/translations/zh_Hans_CN"
OWN = [
    refusal
    for refusal in vars(refusals).values()
    if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal.__module__ == refusals.__name__
]


@pytest.mark.parametrize("refusal", OWN, ids=lambda refusal: refusal.__name__)
def test_every_refusal_has_its_chinese_text(refusal):
    msgid = 'msgid "' + refusal().template.replace('"', '\\"') + '"\nmsgstr "'
    said = "\n".join(path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.po")))
    after = said.partition(msgid)[2]
    assert after and not after.startswith('"')
