"""What the diagrams ask for: every step that writes our own tables, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service, deadline, mainland
from engine.canonical import dump
from engine.clock import new_id
from engine.refusals import NotFound, Refusal
from processes import settings
from processes.attachments import Store
from processes.catalogue import CHANNELS
from processes.disclosure import archive, holds, plans
from processes.disclosure.matters import Matter, PlanVersion, check_withdrawal
from processes.disclosure.notices import tell_proposer, tell_reader
from processes.disclosure.publications import Publication, PublicationChannel, Recipient, plain_text
from processes.disclosure.refusals import (
    ArchiveNumberMissing,
    ChannelUnfit,
    OtherText,
    PlanEmpty,
    ProofMissing,
    RecipientsMissing,
    ScopeTooWide,
    SecrecyMark,
    ShownForGood,
)
from processes.organisation import Organisation, deciding, members_of, people_of

Answer = Done | Failed
Sanitise = Callable[[str], str]
Window = Callable[[Session, str, datetime], datetime | None]
"""Handling unit and moment of the release → when its feedback window ends."""

Complete = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A plan as a form gives it → with the text, scope and channels that another procedure's form says otherwise."""

Examine = Callable[[Mapping[str, Any], datetime], None]
"""A plan and the moment of its registration: a refusal, or nothing."""

GONE_OUT = ("disclosure.release", "disclosure.archive", "disclosure.close")
"""What nobody goes back behind: a text that was released stays released, an archive stays closed."""

MISMATCH = "HashMismatch"
"""The BPMN error of a text that is not the approved one."""


def services(
    store: Store,
    sanitise: Sanitise = str,
    window: Window | None = None,
    *,
    complete: Complete = dict,
    examine: Examine = lambda plan, at: None,
) -> dict[str, Service]:
    """The services of the three disclosure diagrams by name; all of them run inside the command's transaction.

    `sanitise` cleans rich text; it must leave alone what it has cleaned once. `complete` and `examine` look at every
    plan before it is registered.
    """
    steps = Steps(store, sanitise, window or feedback_until, complete, examine)
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "disclosure.register_plan": steps.register_plan,
        "disclosure.record_approval": steps.record_approval,
        "disclosure.hold_check": steps.hold_check,
        "disclosure.release": steps.release,
        "disclosure.record_proofs": steps.record_proofs,
        "disclosure.close_feedback": steps.close_feedback,
        "disclosure.archive": steps.archive,
        "disclosure.close": steps.close,
        "disclosure.withdraw": steps.withdraw,
    }
    codes = {"disclosure.release": (MISMATCH,)}
    return {
        name: Service(name, run, codes=codes.get(name, ()), is_final=name in GONE_OUT) for name, run in runs.items()
    }


class Steps:
    """The services, with the store of attachments that they share. Each is safe to ask twice with one call id."""

    def __init__(self, store: Store, sanitise: Sanitise, window: Window, complete: Complete, examine: Examine) -> None:
        self.store = store
        self.sanitise = sanitise
        self.window = window
        self.complete = complete
        self.examine = examine

    def register_plan(self, session: Session, call: Call) -> Answer:
        """Keep the plan as a numbered version (Art. 11(1)); `treated` and not changed, it stays the version it is.

        → {number, text_hash, title, in_catalogue, in_period, important, assess_risk, item_route}
        """
        matter, plan = matter_of(session, call), self._plan(call)
        version = _by_call(session, call) or _unchanged(session, matter, plan, call)
        version = version or self._register(session, matter, plan, call)
        item = matter.item
        return Done(
            {
                "number": version.number,
                "text_hash": version.text_hash,
                "title": matter.title,
                "in_catalogue": item is not None,
                "in_period": bool(call.arguments.get("period")),
                "important": plans.is_important(plan, item),
                "assess_risk": any(plans.is_risky(each.plan) for each in _versions(session, matter)),
                "item_route": (item or {}).get("route"),
            }
        )

    def record_approval(self, session: Session, call: Call) -> Answer:
        """Bind the approval to the text that was registered last (Art. 11(3)) → {approved_hash, at}."""
        matter = matter_of(session, call)
        if call.arguments["text_hash"] != matter.text_hash:
            raise OtherText
        if matter.approved_hash is None:
            matter.approved_hash, matter.approved_at, matter.state = matter.text_hash, at(call), "APPROVED"
            tell_proposer(session, matter, "approved", at(call))
        session.flush()
        return Done({"approved_hash": matter.approved_hash, "at": _iso(matter.approved_at)})

    def hold_check(self, session: Session, call: Call) -> Answer:
        """Is a hold in force for this matter (Art. 21(7))? → {held, holds: [{id, reason, at, by}]}."""
        matter = matter_of(session, call)
        found = holds.in_force(session, matter)
        if found or matter.state == "ON_HOLD":
            matter.state = "ON_HOLD" if found else "APPROVED"
        session.flush()
        return Done({"held": bool(found), "holds": holds.said(found)})

    def release(self, session: Session, call: Call) -> Answer:
        """Put the approved text out, and nothing but the approved text (Art. 11(4)).

        → {id, text_hash, portal_channels, proof_channels}; the error HashMismatch, and nothing written, when the text
        or the stored bytes of an attachment are not what was approved.
        """
        matter, plan = matter_of(session, call), self._plan(call)
        if reason := self._mismatch(matter, plan, call.arguments["approved_hash"]):
            return Failed(MISMATCH, reason)
        ways = plans.ways(plan, call.arguments.get("channels"))
        check_channels(plan, call.arguments.get("channels"))
        publication = session.scalar(select(Publication).where(Publication.call_id == call.id))
        if publication is None:
            publication = self._publish(session, matter, plan, ways, call)
        return Done(
            {
                "id": publication.id,
                "text_hash": publication.text_hash,
                "portal_channels": [way.channel for way in ways if way.portal],
                "proof_channels": [way.channel for way in ways if not way.portal],
            }
        )

    def record_proofs(self, session: Session, call: Call) -> Answer:
        """Keep what proves the release by the channels outside this system (Art. 13) → {recorded: [channels]}."""
        publication, proofs = _publication(session, call), _proofs(call)
        for channel in _proof_channels(call):
            if channel not in proofs:
                raise ProofMissing(channel=_called(channel))
        for channel, proof in proofs.items():
            if session.get(PublicationChannel, (publication.id, channel)) is None:
                session.add(_proved(publication, channel, proof, call))
        session.flush()
        return Done({"recorded": sorted(proofs)})

    def close_feedback(self, session: Session, call: Call) -> Answer:
        """End the feedback window with the desk officer's summary → {closed_at}."""
        publication = _publication(session, call)
        said = call.arguments.get("feedback") or {}
        if publication.feedback_closed_at is None:
            publication.feedback_closed_at = at(call)
            publication.feedback_summary = str(said.get("summary") or "")
            publication.feedback_outcome = str(said.get("outcome") or "")
            publication.outcome_disclosed = bool(said.get("disclose_outcome"))
            session.flush()
        return Done({"closed_at": _iso(publication.feedback_closed_at)})

    def archive(self, session: Session, call: Call) -> Answer:
        """Pack the whole matter and register the package (Art. 11(5)) → {archive_no, digest}."""
        matter, said = matter_of(session, call), call.arguments["archive"]
        number = str(said.get("archive_no") or "").strip()
        if not number:
            raise ArchiveNumberMissing
        package = archive.keep(session, self.store, matter, call, number, str(said.get("retention") or "PERMANENT"))
        matter.state = "ARCHIVED"
        tell_proposer(session, matter, "archived", at(call))
        session.flush()
        return Done({"archive_no": package.archive_no, "digest": package.digest})

    def close(self, session: Session, call: Call) -> Answer:
        """End a matter that is not disclosed; it is kept as evidence → {state, archive_no}."""
        matter = matter_of(session, call)
        rejected = str(call.arguments.get("outcome") or "").upper() == "REJECTED"
        matter.state = "REJECTED" if rejected else "NOT_DISCLOSED"
        tell_proposer(session, matter, matter.state.lower(), at(call))
        return self._as_evidence(session, matter, call)

    def withdraw(self, session: Session, call: Call) -> Answer:
        """End a matter that its proposer takes back before the approval; it is kept as evidence."""
        matter = matter_of(session, call)
        check_withdrawal(matter, call.by)
        matter.state = "WITHDRAWN"
        return self._as_evidence(session, matter, call)

    def _plan(self, call: Call) -> dict[str, Any]:
        plan = dict(self.complete(call.arguments["plan"]))
        title, text = str(plan.get("title") or "").strip(), str(plan.get("text") or "")
        return {**plan, "title": title, "text": self.sanitise(text)}

    def _register(self, session: Session, matter: Matter, plan: Mapping[str, Any], call: Call) -> PlanVersion:
        self.examine(plan, at(call))
        check_plan(plan, at(call))
        check_scope(plan, call.arguments.get("audience"))
        check_channels(plan, call.arguments.get("channels"))
        number = session.scalar(select(func.count()).where(PlanVersion.matter_id == matter.id)) or 0
        version = PlanVersion(
            matter_id=matter.id,
            number=number + 1,
            call_id=call.id,
            text_hash=plans.plan_hash(plan),
            body=dump(plan),
            at=at(call),
            by=call.by,
        )
        matter.title, matter.text_hash = str(plan["title"]), version.text_hash
        matter.content = str(plan.get("content") or matter.content)
        matter.scope, matter.direction = plan.get("scope"), plans.direction(plan.get("scope"))
        session.add(version)
        session.flush()
        return version

    def _mismatch(self, matter: Matter, plan: Mapping[str, Any], approved_hash: str) -> str:
        """Why the text may not go out, or nothing."""
        if approved_hash != matter.approved_hash:
            return "The matter has no approval of this text."
        if plans.plan_hash(plan) != approved_hash:
            return "The text differs from the approved text."
        return next((reason for digest in plans.digests(plan) if (reason := self._damage(digest))), "")

    def _damage(self, digest: str) -> str:
        try:
            self.store.get(digest)
        except (Refusal, OSError) as error:
            return f"An attachment is not the approved one: {error}"
        return ""

    def _publish(
        self, session: Session, matter: Matter, plan: Mapping[str, Any], ways: list[plans.Way], call: Call
    ) -> Publication:
        publication = self._publication(session, matter, plan, ways, call)
        session.add(publication)
        session.flush()
        here = {"url": f"/portal/{publication.id}"}
        session.add_all(_proved(publication, way.channel, here, call) for way in ways if way.portal)
        if publication.scope == "TARGETED":
            named = plans.recipients(plan)
            session.add_all(Recipient(publication_id=publication.id, person_id=person) for person in named)
            tell_reader(session, named, "delivered", publication, at(call))
        elif plan.get("nature") == "URGENT" and publication.on_portal:
            tell_reader(session, _readers(session, publication), "urgent", publication, at(call))
        matter.state = "RELEASED"
        tell_proposer(session, matter, "released", at(call))
        session.flush()
        return publication

    def _publication(
        self, session: Session, matter: Matter, plan: Mapping[str, Any], ways: list[plans.Way], call: Call
    ) -> Publication:
        html, duration = str(plan["text"]), str(plan.get("display_duration") or "")
        return Publication(
            id=new_id(),
            matter_id=matter.id,
            call_id=call.id,
            title=str(plan["title"]),
            content=str(plan.get("content") or ""),
            html=html,
            plain=plain_text(html),
            text_hash=matter.approved_hash or "",
            scope=str(plan["scope"]),
            scope_note=str(plan.get("scope_note") or ""),
            organisation=matter.organisation,
            deciding=deciding(session, matter.organisation),
            units_json=dump(_unit_names(session, matter)),
            attachments_json=dump(plans.attachments(plan)),
            proofs_json=dump({way.channel: way.proof for way in ways}),
            on_portal=any(way.portal for way in ways) or plan["scope"] == "TARGETED",
            display_duration=duration,
            display_until=plans.display_until(duration, at(call)),
            released_at=at(call),
            released_by=call.by,
            feedback_open_until=self.window(session, matter.organisation, at(call)),
            feedback_summary="",
            feedback_outcome="",
            outcome_disclosed=False,
        )

    def _as_evidence(self, session: Session, matter: Matter, call: Call) -> Answer:
        package = archive.keep(session, self.store, matter, call, archive.evidence_number(matter, at(call)), "Y10")
        session.flush()
        return Done({"state": matter.state, "archive_no": package.archive_no})


def check_channels(plan: Mapping[str, Any], rules: Any) -> None:
    """Refuse a channel that the table does not allow for the scope of the plan (Art. 13)."""
    for way in plans.ways(plan, rules):
        if not way.allowed:
            raise ChannelUnfit(channel=_called(way.channel))


def check_scope(plan: Mapping[str, Any], audience: Mapping[str, Any] | None) -> None:
    """Refuse a scope that is wider than the table says for what the plan concerns (Art. 9)."""
    decided = str((audience or {}).get("scope") or "MANUAL")
    if plan.get("scope") and plan["scope"] not in plans.WITHIN.get(decided, plans.SCOPES):
        said = (plans.SCOPE_NAMES[scope] for scope in (decided, str(plan["scope"])))
        raise ScopeTooWide(decided=next(said), scope=next(said), article=str((audience or {}).get("basis") or ""))


def check_plan(plan: Mapping[str, Any], moment: datetime) -> None:
    """Refuse a plan that could not be released.

    PlanEmpty, RecipientsMissing, ShownForGood (personal data without an end, table D4), SecrecyMark.
    """
    if not str(plan.get("title") or "").strip():
        raise PlanEmpty
    if not plain_text(str(plan.get("text") or "")) and not plans.digests(plan):
        raise PlanEmpty
    if plan.get("scope") == "TARGETED" and not plans.recipients(plan):
        raise RecipientsMissing
    if plan.get("personal_data") and not plans.display_until(str(plan.get("display_duration") or ""), moment):
        raise ShownForGood
    if mark := plans.secrecy_mark(plan):
        raise SecrecyMark(mark=mark)


def matter_of(session: Session, call: Call) -> Matter:
    """The matter that a call is about; NotFound where there is none."""
    if matter := session.get(Matter, str(call.arguments["matter"])):
        return matter
    raise NotFound(what="matter", key=call.arguments["matter"])


def at(call: Call) -> datetime:
    """The moment of the command; the engine always gives one."""
    if call.at is None:
        raise ValueError(f"the call {call.id} has no time")
    return call.at


def feedback_until(session: Session, organisation: str, released_at: datetime) -> datetime:
    """When the feedback window of a release ends, by the unit's setting `t.feedback`."""
    return deadline(settings.effective(session, organisation, released_at)["t.feedback"], released_at, mainland()).at


def _by_call(session: Session, call: Call) -> PlanVersion | None:
    return session.scalar(select(PlanVersion).where(PlanVersion.call_id == call.id))


def _unchanged(session: Session, matter: Matter, plan: Mapping[str, Any], call: Call) -> PlanVersion | None:
    """The version that was registered last, where the treatment of Art. 21(1) left the plan alone."""
    if not call.arguments.get("treated"):
        return None
    last = _versions(session, matter)[-1]
    return last if last.body == dump(plan) else None


def _versions(session: Session, matter: Matter) -> list[PlanVersion]:
    registered = select(PlanVersion).where(PlanVersion.matter_id == matter.id)
    return list(session.scalars(registered.order_by(PlanVersion.number)))


def _publication(session: Session, call: Call) -> Publication:
    said = call.arguments["publication"]
    key = str(said["id"] if isinstance(said, Mapping) else said)
    found = session.get(Publication, key)
    if found is None or found.matter_id != call.arguments["matter"]:
        raise NotFound(what="publication", key=key)
    return found


def _proof_channels(call: Call) -> list[str]:
    said = call.arguments["publication"]
    return list(said.get("proof_channels") or []) if isinstance(said, Mapping) else []


def _called(channel: str) -> str:
    return CHANNELS[channel][0] if channel in CHANNELS else channel


def _proofs(call: Call) -> dict[str, dict[str, Any]]:
    """Channel → proof. A form that does not name its channel is the one of the same place in the list."""
    given = [dict(proof) for proof in call.arguments.get("proofs") or []]
    planned = _proof_channels(call) + [""] * len(given)
    return {
        channel: proof
        for proof, place in zip(given, planned, strict=False)
        if (channel := proof.get("channel") or place)
    }


def _proved(publication: Publication, channel: str, proof: Mapping[str, Any], call: Call) -> PublicationChannel:
    return PublicationChannel(
        publication_id=publication.id,
        channel=channel,
        proof=publication.proofs.get(channel, "OTHER"),
        url=str(proof.get("url") or ""),
        doc_no=str(proof.get("doc_no") or ""),
        details_json=dump(dict(proof)),
        attachments_json=dump(plans.attachments(proof)),
        text_hash=publication.text_hash,
        at=at(call),
        by=call.by,
    )


def _unit_names(session: Session, matter: Matter) -> list[str]:
    codes = (matter.item or {}).get("units") or [matter.organisation]
    return [Organisation.of(session, code).name for code in codes]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _readers(session: Session, publication: Publication) -> list[str]:
    """Whom a release is for inside the organisation that decided on it (Art. 9)."""
    if publication.scope == "INTRA_PARTY":
        return [person.id for person in members_of(session, publication.deciding)]
    home = publication.organisation if publication.scope == "UNIT" else publication.deciding
    return [person.id for person in people_of(session, home)]
