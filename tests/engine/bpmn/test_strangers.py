"""Diagrams and tables of other people: accepted or refused by name, never an error of ours."""

from pathlib import Path

import pytest

from engine.bpmn import check

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
FILES = sorted(
    path for path in CORPUS.rglob("*") if path.suffix in (".bpmn", ".dmn") or path.name.endswith(".bpmn20.xml")
)


@pytest.mark.parametrize("path", FILES[::15], ids=lambda path: path.name)
def test_every_finding_can_be_read_and_names_no_address_in_memory(path: Path) -> None:
    name = "a.dmn" if path.suffix == ".dmn" else "a.bpmn"
    findings = check({name: path.read_bytes()})
    assert all(str(finding) and " at 0x" not in str(finding) for finding in findings)
    assert findings == check({name: path.read_bytes()})
