"""Who may see an instance."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import Actor, Instance
from engine.refusals import NotFound
from processes import audit
from processes.cases import Case
from processes.cases.cases import kept_apart
from processes.disclosure.matters import Matter
from processes.emergency import EmergencyIncident


def may_see(session: Session, instance: Instance, actor: Actor) -> bool:
    """A matter, an incident or a case is seen as its own rules say, and by who audits its organisation.

    A case that is kept apart is not open to whoever audits.
    """
    matter = Matter.of_instance(session, instance.id)
    if matter is not None:
        visible = Matter.visible_to(session, actor.person, actor.seats).where(Matter.id == matter.id)
        return session.scalar(visible) is not None
    incident = EmergencyIncident.of_instance(session, instance.id)
    if incident is not None:
        shown = EmergencyIncident.visible_to(session, actor.person, actor.seats)
        return session.scalar(shown.where(EmergencyIncident.id == incident.id)) is not None
    shown_case = Case.visible_to(session, actor.person, actor.seats).where(Case.id == instance.id)
    return session.scalar(shown_case) is not None or audits(session, instance, actor)


def audits(session: Session, instance: Instance, actor: Actor) -> bool:
    """Does the person audit the instance's organisation, and is the instance open to whoever audits?"""
    reach = audit.reach(session, actor.seats)
    is_within = reach is None or instance.organisation in reach
    return is_within and not kept_apart(session, instance.id, [post for _, post in actor.seats])


def instance_for(session: Session, instance_id: str, actor: Actor) -> Instance:
    """The instance, where this person may see it; NotFound otherwise."""
    instance = session.get(Instance, instance_id)
    if instance is None or not may_see(session, instance, actor):
        raise NotFound(what="instance", key=instance_id)
    return instance


def matter_for(session: Session, matter_id: str, actor: Actor) -> Matter:
    """The matter, where this person may see it; NotFound otherwise."""
    matter = session.scalar(Matter.visible_to(session, actor.person, actor.seats).where(Matter.id == matter_id))
    if matter is None:
        raise NotFound(what="matter", key=matter_id)
    return matter
