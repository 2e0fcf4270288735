"""Asked once, done once: what somebody outside asked under a key, and the answer that it gets however often it asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.canonical import digest, dump
from engine.db import table
from engine.refusals import KeyUsed
from engine.schema import Receipt

RECEIPTS = table(Receipt)
Answer = Mapping[str, Any]


def once(
    session: Session, key: str, asked: Any, act: Callable[[], Answer], *, at: datetime, by: str | None
) -> tuple[Answer, bool]:
    """Do it, in this transaction, unless it was done: the answer, and whether it is one of an earlier time.

    Who asks at the same moment waits for the other. KeyUsed when the key stands for something else than `asked`.
    """
    wanted = digest(dump(asked))
    if not _is_new(session, {"key": key, "asked": wanted, "answer": "", "at": at, "by": by}):
        before = session.get_one(Receipt, key, populate_existing=True)
        if before.asked != wanted:
            raise KeyUsed(key=key)
        return dict(json.loads(before.answer)), True
    answer = dict(act())
    session.get_one(Receipt, key).answer = dump(answer)
    return answer, False


def _is_new(session: Session, row: Mapping[str, Any]) -> bool:
    """Writes the row, unless there is one of its key; waits for whoever is writing one."""
    kind: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = kind(RECEIPTS).values(row).on_conflict_do_nothing().returning(RECEIPTS.c.key)
    return session.scalar(added) is not None
