"""What the diagram of a demand asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.clock import SHANGHAI
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.catalogue import CatalogueItem
from processes.disclosure.matters import open_matter
from processes.plan_demand.demands import NonDisclosure, PlanDemand
from processes.plan_demand.refusals import ReviewDatePast

if TYPE_CHECKING:
    from engine import Engine

Answer = Done | Failed

FINAL = frozenset({"demand.open_matter"})
"""What these did is known to others: nobody goes back behind it."""


def services(engine: Callable[[], Engine]) -> dict[str, Service]:
    """The services of a demand by name; `engine` answers the engine that opens the matter."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "demand.record": record,
        "demand.settle": settle,
        "demand.open_matter": lambda session, call: open_(session, call, engine()),
        "demand.record_reasons": record_reasons,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def record(session: Session, call: Call) -> Answer:
    """Enter the demand in the list (Art. 11(1)) → {}."""
    case, said = case_of(session, call), dict(call.arguments["demand"])
    session.add(
        PlanDemand(
            id=case.id,
            organisation=case.organisation,
            content=str(said.get("content") or said["title"]),
            period=str(said.get("period") or ""),
            demanded_by=case.opened_by,
            demanded_at=moment_of(call),
            state="OPEN",
        )
    )
    session.flush()
    return Done({})


def settle(session: Session, call: Call) -> Answer:
    """The unit opened the matter by itself; the demand is answered → {}."""
    _answered(session, call, "PROPOSED")
    return Done({})


def open_(session: Session, call: Call, engine: Engine) -> Answer:
    """Open the matter for the unit, in the name of who answers (Art. 11(1)) → {matter}.

    For the catalogue row that the demand names; outside the catalogue (Art. 12) where it names none.
    """
    demand = session.get_one(PlanDemand, case_of(session, call).id)
    rows = CatalogueItem.of_unit(session, demand.organisation)
    item = next((row for row in rows if row.text_of("content") == demand.content), None)
    matter = open_matter(session, engine, demand.organisation, item, call.by or "", moment_of(call))
    _answered(session, call, "PROPOSED", matter.id)
    case_of(session, call).link(session, "matter", matter.id)
    return Done({"matter": matter.id})


def record_reasons(session: Session, call: Call) -> Answer:
    """Enter the ground for not disclosing it and the day of its review (Art. 5) → {review_on}. ReviewDatePast."""
    case, answer, judgement = case_of(session, call), dict(call.arguments["answer"]), dict(call.arguments["judgement"])
    demand, review_on = _answered(session, call, "EXCUSED"), date.fromisoformat(str(judgement["review_on"])[:10])
    if review_on <= moment_of(call).astimezone(SHANGHAI).date():
        raise ReviewDatePast(day=review_on.isoformat())
    session.add(
        NonDisclosure(
            id=case.id,
            organisation=case.organisation,
            content=demand.content,
            ground=str(answer["ground"]),
            reason=str(answer["reason"]),
            decided_by=call.by or "",
            decided_at=moment_of(call),
            review_on=review_on,
        )
    )
    session.flush()
    return Done({"review_on": review_on.isoformat()})


def _answered(session: Session, call: Call, state: str, matter: str | None = None) -> PlanDemand:
    demand = session.get_one(PlanDemand, case_of(session, call).id)
    demand.state, demand.matter_id, demand.settled_at = state, matter, moment_of(call)
    session.flush()
    return demand
