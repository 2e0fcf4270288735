"""What a postponement asks for: the check of its day, the consent, its end, and the turn into non-disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Instance, Service, deadline, mainland
from engine.clock import SHANGHAI
from processes.disclosure.matters import Matter
from processes.postponement.postponements import ASKED, CONSENTED, NOT_DISCLOSED, OVER, REFUSED, Postponement
from processes.postponement.refusals import PostponedEnough, ReviewDayMissing, UntilMissing, UntilPast, UntilTooFar

LONGEST, TOTAL, REVIEW = "t.postpone_longest", "t.postpone_total", "t.non_disclosure_review"

FINAL = frozenset({"postponement.convert"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """The services of `postponement.bpmn` by name; all run inside the command's transaction."""
    runs: Mapping[str, Callable[[Session, Call], Done | Failed]] = {
        "postponement.ask": ask,
        "postponement.consent": consent,
        "postponement.refuse": refuse,
        "postponement.end": end,
        "postponement.convert": convert,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def ask(session: Session, call: Call) -> Done | Failed:
    """Register the wish, its day checked → {number, until}. UntilMissing, UntilPast, UntilTooFar, PostponedEnough."""
    said, at = dict(call.arguments["request"]), _at(call)
    earlier = Postponement.of(session, call.instance)
    until = _checked(said, call.arguments["settings"], at, earlier)
    row = next((each for each in earlier if each.id == call.id), None)
    if row is None:
        row = Postponement(
            id=call.id,
            instance_id=call.instance,
            number=len(earlier) + 1,
            organisation=_organisation(session, call),
            reason=str(said.get("reason") or ""),
            until=until,
            asked_at=at,
            asked_by=call.by,
            consent="",
            state=ASKED,
        )
        session.add(row)
    session.flush()
    return Done({"number": row.number, "until": row.until.isoformat()})


def consent(session: Session, call: Call) -> Done | Failed:
    """The organisation that approves agrees: the matter waits → {until}."""
    row, said = _last(session, call), dict(call.arguments["consent"])
    row.state, row.consented_at, row.consented_by = CONSENTED, _at(call), call.by
    row.consent = " · ".join(str(said[key]) for key in ("meeting_no", "meeting_date", "minutes_ref") if said.get(key))
    _mark(session, call, "POSTPONED")
    return Done({"until": row.until.isoformat()})


def refuse(session: Session, call: Call) -> Done | Failed:
    """The organisation does not agree, and what it had agreed to before has ended → {}."""
    _over(session, call)
    _last(session, call).state = REFUSED
    session.flush()
    return Done({})


def end(session: Session, call: Call) -> Done | Failed:
    """The postponement is over: the matter is released, or postponed anew → {}."""
    _over(session, call)
    session.flush()
    return Done({})


def convert(session: Session, call: Call) -> Done | Failed:
    """The leading body decides that it is not disclosed, until it looks again → {review_on}. ReviewDayMissing."""
    row, at = _last(session, call), _at(call)
    latest = deadline(call.arguments["settings"][REVIEW], at, mainland()).at.astimezone(SHANGHAI).date()
    day = _day(call.arguments["decision"].get("review_on"))
    if day is None or not _today(at) < day <= latest:
        raise ReviewDayMissing(latest=latest.isoformat())
    row.state, row.review_on = NOT_DISCLOSED, day
    _mark(session, call, "NOT_DISCLOSED")
    return Done({"review_on": day.isoformat()})


def _checked(said: Mapping[str, Any], periods: Mapping[str, str], at: datetime, earlier: list[Postponement]) -> date:
    until = _day(said.get("until"))
    if until is None:
        raise UntilMissing
    if until <= _today(at):
        raise UntilPast(until=until.isoformat())
    latest = deadline(periods[LONGEST], at, mainland()).at.astimezone(SHANGHAI).date()
    if until > latest:
        raise UntilTooFar(latest=latest.isoformat(), key=LONGEST)
    began = next((row.asked_at for row in earlier if row.consented_at), at)
    last = deadline(periods[TOTAL], began, mainland()).at.astimezone(SHANGHAI).date()
    if until > last:
        raise PostponedEnough(latest=last.isoformat(), key=TOTAL)
    return until


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


def _today(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _last(session: Session, call: Call) -> Postponement:
    return Postponement.of(session, call.instance)[-1]


def _over(session: Session, call: Call) -> None:
    for row in Postponement.of(session, call.instance):
        if row.state in (CONSENTED, NOT_DISCLOSED):
            row.state = OVER


def _mark(session: Session, call: Call, state: str) -> None:
    if matter := Matter.of_instance(session, call.instance):
        matter.state = state
    session.flush()


def _organisation(session: Session, call: Call) -> str:
    return session.get_one(Instance, call.instance).organisation


def _at(call: Call) -> datetime:
    if call.at is None:
        raise ValueError(f"the call {call.id} has no time")
    return call.at
