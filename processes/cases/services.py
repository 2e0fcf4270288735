"""What any diagram may ask for about its own case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.clock import SHANGHAI
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.cases.cases import KINDS, Case


def services() -> dict[str, Service]:
    """`case.restrict`, `case.link` and `case.seats`, inside the command's transaction."""
    runs = {"case.restrict": restrict, "case.link": link, "case.seats": seats}
    return {name: Service(name, run) for name, run in runs.items()}


def restrict(session: Session, call: Call) -> Done | Failed:
    """From now on only `posts` (a list) look at the case, besides whoever acts in it → {posts}."""
    posts = [str(post) for post in call.arguments["posts"] or []]
    case_of(session, call).restrict(posts)
    session.flush()
    return Done({"posts": posts})


def link(session: Session, call: Call) -> Done | Failed:
    """Note what the case concerns: `kind` and `target`; Failed("link") for a kind that there is not → {}."""
    kind, target = str(call.arguments["kind"]), str(call.arguments["target"] or "")
    if kind not in KINDS or not target:
        return Failed("link", f"{kind} {target}")
    case_of(session, call).link(session, kind, target)
    return Done({})


def seats(session: Session, call: Call) -> Done | Failed:
    """Where each post is held for another `organisation` on this day → {post: organisation}, as `seats` is."""
    on = at(call).astimezone(SHANGHAI).date()
    return Done(organisations.seats_of(session, str(call.arguments["organisation"]), on))


def at(call: Call) -> datetime:
    """The moment of the command; the engine always gives one."""
    if call.at is None:
        raise ValueError(f"the call {call.id} has no time")
    return call.at


def case_of(session: Session, call: Call) -> Case:
    """The case that a call comes from."""
    if case := session.get(Case, call.instance):
        return case
    raise NotFound(what="case", key=call.instance)
