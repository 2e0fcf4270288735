"""What the diagram of accountability asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from processes.accountability.register import AccountabilityCase
from processes.cases import Case
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.notices import notify

Answer = Done | Failed

FINAL = frozenset({"accountability.record", "accountability.conclude"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """`accountability.record`, `.drop` and `.conclude`."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "accountability.record": record,
        "accountability.drop": drop,
        "accountability.conclude": conclude,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def record(session: Session, call: Call) -> Answer:
    """Enter the decision of the leading body and tell the persons concerned (Art. 25) → {outcome, told}."""
    case, at = case_of(session, call), moment_of(call)
    facts, hearing, decision = (dict(call.arguments[key]) for key in ("facts", "hearing", "decision"))
    entry = _entry(session, case, facts)
    entry.state, entry.outcome, entry.decided_at = "DECIDED", str(decision["outcome"]), at
    entry.persons, entry.doc_no = str(hearing["persons"]), str(decision.get("doc_no") or "")
    session.flush()
    told = [str(person) for person in hearing.get("people") or []]
    _tell_decided(session, case, told, at)
    return Done({"outcome": entry.outcome, "told": len(told)})


def drop(session: Session, call: Call) -> Answer:
    """Enter that the facts do not bear the lead out → {}."""
    facts = dict(call.arguments["facts"])
    entry = _entry(session, case_of(session, call), {**facts, "ground": (call.arguments["lead"] or {}).get("ground")})
    entry.state, entry.concluded_at = "NOT_PURSUED", moment_of(call)
    session.flush()
    return Done({})


def conclude(session: Session, call: Call) -> Answer:
    """Enter what counts in the end: the decision, or what the superior made of it → {outcome}."""
    entry, review = session.get_one(AccountabilityCase, case_of(session, call).id), dict(call.arguments["review"] or {})
    changed = {"CHANGED": review.get("outcome"), "REVOKED": "NONE"}.get(str(review.get("result")))
    entry.state, entry.concluded_at = "CONCLUDED", moment_of(call)
    entry.final_outcome = str(changed) if changed else entry.outcome
    session.flush()
    return Done({"outcome": entry.final_outcome})


def _entry(session: Session, case: Case, facts: Mapping[str, Any]) -> AccountabilityCase:
    entry = AccountabilityCase(
        id=case.id,
        organisation=case.organisation,
        ground=str(facts.get("ground") or "G6"),
        facts=str(facts["facts"]),
        consequence=str(facts["consequence"]),
        state="DECIDED",
        doc_no="",
        persons="",
    )
    session.add(entry)
    return entry


def _tell_decided(session: Session, case: Case, people: list[str], at: datetime) -> None:
    """The persons learn that there is a decision and how to appeal, from the office; the notice says no more."""
    zh = "有一项涉及您的责任追究决定，请向纪检机关了解内容；不服的，可以在申诉期内提出申诉。"
    en = "A decision on accountability concerns you. Please ask the discipline office; you may appeal in time."
    notify(session, people, "accountability_decided", case.id, zh=zh, en=en, at=at)
