"""Who may see an instance."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Actor, Instance, Task, of_person, of_seats
from engine.refusals import NotFound
from processes import audit
from processes.disclosure.matters import EVERYWHERE, Matter
from processes.emergency import EmergencyIncident


def may_see(session: Session, instance: Instance, actor: Actor) -> bool:
    """A matter or an incident is seen as its own rules say; another instance by who started it or has a task in it."""
    matter = Matter.of_instance(session, instance.id)
    if matter is not None:
        visible = Matter.visible_to(session, actor.person, actor.seats).where(Matter.id == matter.id)
        return session.scalar(visible) is not None
    incident = EmergencyIncident.of_instance(session, instance.id)
    if incident is not None:
        shown = EmergencyIncident.visible_to(session, actor.person, actor.seats)
        return session.scalar(shown.where(EmergencyIncident.id == incident.id)) is not None
    if instance.started_by == actor.person or any(post in EVERYWHERE for _, post in actor.seats):
        return True
    if instance.organisation in (audit.reach(session, actor.seats) or ()):
        return True
    theirs = or_(of_person(actor), of_seats(actor), Task.closed_by == actor.person)
    return session.scalar(select(Task.id).where(Task.instance_id == instance.id, theirs).limit(1)) is not None


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
