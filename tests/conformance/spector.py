"""BPMNspector's labelled files (uniba-dsg/BPMNspector, data only): does the check tell valid from invalid diagrams?

A file is labelled by its author's name for it, `fail…` or `success…`; the check never sees the name. What counts is
what the check says of the standard: that we do not execute something is no claim that a file is invalid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.bpmn import check
from engine.bpmn.standard import CODES, SAID_CLOSER

from . import corpus

FOLDER = "bpmnspector"


@dataclass(frozen=True, slots=True)
class Look:
    """What the check said of one file: rules of the standard it breaks, and whether anything at all was said."""

    path: str
    is_violating: bool
    rules: tuple[str, ...]
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Of the violating files, how many were flagged; of the valid ones, how many too."""

    violating: int
    flagged: int
    valid: int
    alarmed: int

    @property
    def recall(self) -> float:
        return self.flagged / max(self.violating, 1)

    @property
    def false_alarms(self) -> float:
        return self.alarmed / max(self.valid, 1)

    @property
    def worth(self) -> float:
        """Recall minus false alarms."""
        return self.recall - self.false_alarms


def labelled(folder: Path | None = None) -> list[Path]:
    """The files that carry a label."""
    folder = folder or corpus.folder() / FOLDER
    return [path for path in sorted(folder.rglob("*.bpmn")) if re.search("fail|success", path.name, re.I)]


def look(path: str) -> Look:
    """Check one file."""
    findings = check({"diagram.bpmn": Path(path).read_bytes()})
    rules = tuple(sorted({finding.code for finding in findings} & (CODES | SAID_CLOSER)))
    is_refused = any(finding.level == "error" for finding in findings)
    return Look(path, "fail" in Path(path).name.lower(), rules, is_refused)


def score(looks: Iterable[Look]) -> Score:
    """Over all files: what the rules of the standard flag."""
    looks = list(looks)
    violating = [look for look in looks if look.is_violating]
    valid = [look for look in looks if not look.is_violating]
    return Score(len(violating), _flagged(violating), len(valid), _flagged(valid))


def _flagged(looks: list[Look]) -> int:
    return sum(bool(look.rules) for look in looks)
