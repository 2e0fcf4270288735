"""Who changes the tables and time limits of an organisation: its own people, or those of an organisation above it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from processes import organisation as organisations

PROPOSERS = frozenset({"desk_officer", "pco_coordinator"})
DECIDERS = frozenset({"principal_officer", "head_approver"})

Seats = Collection[tuple[str, str]]


def may_propose(session: Session, organisation: str, seats: Seats) -> bool:
    """May whoever holds these seats propose changes for the organisation?"""
    return _reaches(session, organisation, seats, PROPOSERS)


def may_decide(session: Session, organisation: str, seats: Seats) -> bool:
    """May whoever holds these seats put changes for the organisation in force?"""
    return _reaches(session, organisation, seats, DECIDERS)


def _reaches(session: Session, organisation: str, seats: Seats, posts: Collection[str]) -> bool:
    line = {above.code for above in organisations.ancestry(session, organisation)}
    return any(_top(session, where, post) in line for where, post in seats if post in posts)


def _top(session: Session, where: str, post: str) -> str:
    """What the seat is over: a department that serves acts for its Party organisation."""
    return organisations.deciding(session, where) if organisations.POSTS[post].serves else where
