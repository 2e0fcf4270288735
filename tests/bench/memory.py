"""How much memory a cached live instance of the disclosure procedure takes."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import processes
from engine.bpmn import Execution, Program, Seal, compile_version
from engine.calendar import mainland
from engine.outcomes import Call, Done
from processes import settings
from tests.bench.table import Row

FOLDER = Path(processes.__file__).parent / "disclosure"
COPIES = 20
START = {
    "matter": "m" * 32,
    "organisation": "office",
    "superior": "committee",
    "seats": {},
    "settings": {key: limit.default for key, limit in settings.LIMITS.items()},
    "item": {"content": "年度经费使用情况", "channels": ["LAN"], "route": "COLLECTIVE"},
}
PLAN = {
    "title": "年度经费使用情况",
    "content": "年度经费使用情况及说明",
    "scope": "ORG_ALL",
    "channels": ["LAN", "NOTICE_BOARD"],
    "nature": "STABLE",
    "text": "<p>" + "公开内容的正文。" * 500 + "</p>",
    "attachments": [{"digest": "0" * 64, "name": "明细.xlsx", "type": "application/vnd.ms-excel", "size": 20000}],
    "co_units": ["propaganda", "organisation"],
}


def rows() -> list[Row]:
    program = compile_version({path.name: path.read_bytes() for path in FOLDER.iterdir() if _is_part(path)})
    frozen = waiting_for_two_units(program).freeze()
    Execution.thaw(program, frozen, ())
    return [
        Row("memory of a live instance", held(program, frozen) / 2**20, "MB", 1),
        Row("its frozen state", len(frozen) / 1024, "kB"),
    ]


def waiting_for_two_units(program: Program) -> Execution:
    """A matter whose plan, with a text of four thousand characters, is with two units to be confirmed."""
    seals = [Seal(datetime(2026, 3, 2, 2, tzinfo=UTC), f"bench:{position}", mainland()) for position in (1, 2)]
    execution, outcome = Execution.start(program, START, seals[0], answer, ())
    execution.complete(outcome.opened[0].id, PLAN, seals[1], answer)
    return execution


def answer(call: Call) -> Done:
    """What registering a plan answers."""
    return Done({"text_hash": "0" * 64, "in_catalogue": True, "important": False, "item_route": "COLLECTIVE"})


def held(program: Program, frozen: bytes) -> float:
    """Bytes that one more instance keeps, the program being there already."""
    gc.collect()
    tracemalloc.start()
    kept = [Execution.thaw(program, frozen, ()) for _ in range(COPIES)]
    gc.collect()
    size, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(kept)


def _is_part(path: Path) -> bool:
    return path.name.endswith((".bpmn", ".dmn", ".form.json"))
