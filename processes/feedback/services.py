"""What the diagram of feedback asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.refusals import NotFound
from processes.cases.observer import holders_for
from processes.cases.services import at, case_of
from processes.feedback.voices import Feedback, answer, record
from processes.notices import notify

Answer = Done | Failed

FINAL = frozenset({"feedback.reply"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """The services of feedback by name."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "feedback.register": register,
        "feedback.hand_over": hand_over,
        "feedback.reply": reply,
        "feedback.propose_outcome": propose_outcome,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def register(session: Session, call: Call) -> Answer:
    """Enter what was said, unless the portal did → {id, kind, signed, number}."""
    case, said = case_of(session, call), dict(call.arguments["voice"])
    feedback = session.get(Feedback, said.get("feedback", "")) or record(
        session, case.organisation, said, _publication(session, call), at(call)
    )
    feedback.case_id = case.id
    session.flush()
    return Done(
        {"id": feedback.id, "kind": feedback.kind, "signed": feedback.person_id is not None, "number": case.code}
    )


def hand_over(session: Session, call: Call) -> Answer:
    """It is the discipline body's alone from now on → {}."""
    feedback_of(session, call).kept_apart = True
    session.flush()
    return Done({})


def reply(session: Session, call: Call) -> Answer:
    """Answer, once → {at}. AlreadyReplied. What is kept apart is never answered in public."""
    feedback, moment = feedback_of(session, call), at(call)
    is_public = bool(call.arguments["public"]) and not feedback.kept_apart
    answer(session, feedback, str(call.arguments["reply"]), call.by, moment, public=is_public)
    return Done({"at": moment.isoformat()})


def propose_outcome(session: Session, call: Call) -> Answer:
    """Ask the unit's handlers for a plan that discloses the outcome (Art. 11(1), (4)) → {told}."""
    feedback, unit = feedback_of(session, call), str(call.arguments["unit"])
    people = holders_for(session, unit, "handler", at(call))
    zh = f"“{feedback.title}”的意见建议已办结，办理结果拟公开，请提出公开方案"
    en = f"The feedback on “{feedback.title}” is settled and its outcome is to be disclosed: please propose a plan"
    notify(session, sorted(people), "outcome_to_propose", feedback.id, zh=zh, en=en, at=at(call), link="/matters/new")
    return Done({"told": len(people)})


def feedback_of(session: Session, call: Call) -> Feedback:
    """The feedback that a call is about; NotFound where there is none."""
    if feedback := session.get(Feedback, str(call.arguments["feedback"])):
        return feedback
    raise NotFound(what="feedback", key=call.arguments["feedback"])


def _publication(session: Session, call: Call) -> Any:
    links = case_of(session, call).links(session)
    return next((link.target for link in links if link.kind == "publication"), None)
