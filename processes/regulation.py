"""The regulation that every procedure is held to: `regulation.yaml` beside this file, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.regulation import Regulation, read_regulation

FILE = "regulation.yaml"


@cache
def regulation() -> Regulation:
    """Vocabulary and rules. BadRegulation names every mistake in the file."""
    return read_regulation(FILE, (Path(__file__).parent / FILE).read_bytes())
