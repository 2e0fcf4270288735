"""What the diagrams of the staged release ask for; all of it runs inside the command's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.canonical import dump
from processes.disclosure import plans
from processes.disclosure.matters import Matter, PlanVersion
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import OtherText
from processes.disclosure.services import MISMATCH, at, check_channels, check_plan, matter_of
from processes.staged import stages

Answer = Done | Failed
Sanitise = Callable[[str], str]


def services(release: Service, sanitise: Sanitise = str) -> dict[str, Service]:
    """The services by name; `release` is the one that puts an approved text out (`disclosure.release`)."""
    steps = Steps(release, sanitise)
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "staged.order_stages": steps.order_stages,
        "staged.write_stage": steps.write_stage,
        "staged.compare_stage": steps.compare_stage,
        "staged.approve_stage": steps.approve_stage,
        "staged.release_stage": steps.release_stage,
        "staged.close_feedback": steps.close_feedback,
    }
    codes = {"staged.release_stage": (MISMATCH,)}
    return {name: Service(name, run, codes=codes.get(name, ()), is_final=name in codes) for name, run in runs.items()}


class Steps:
    """The services. Each is safe to ask twice with one call id."""

    def __init__(self, release: Service, sanitise: Sanitise) -> None:
        self.release = release
        self.sanitise = sanitise

    def order_stages(self, session: Session, call: Call) -> Answer:
        """The stages of the plan as it was approved, nothing else (Art. 16).

        → [{number, title, trigger, on, due_at, milestone, scope, recipients, channels, text, text_hash}]
        """
        matter = matter_of(session, call)
        approved = select(PlanVersion).where(
            PlanVersion.matter_id == matter.id, PlanVersion.text_hash == call.arguments["approved_hash"]
        )
        plan = session.scalars(approved.order_by(PlanVersion.number.desc()).limit(1)).one().plan
        return Done([self._ordered(number, stage) for number, stage in enumerate(stages.stages_of(plan), 1)])

    def write_stage(self, session: Session, call: Call) -> Answer:
        """A stage with the text that its handler gives it now, as a plan of its own → the plan of the stage."""
        matter, planned = matter_of(session, call), dict(call.arguments["planned"])
        said, whole = call.arguments["stage_text"], call.arguments["plan"]
        stage = {**planned, **{key: said[key] for key in ("title", "text", "recipients", "channels") if said.get(key)}}
        stage["text"] = self.sanitise(str(stage["text"]))
        kept = {key: stage.get(key) for key in ("title", "text", "scope", "recipients", "channels")}
        more: dict[str, Any] = {
            "content": matter.content,
            "attachments": [],
            "display_duration": whole.get("display_duration") or "",
        }
        return Done({**whole, **kept, **more, "stages": [stage]})

    def compare_stage(self, session: Session, call: Call) -> Answer:
        """Keep the text of the stage as a version of the plan and say how it differs (Art. 16).

        → {number, text_hash, unchanged, is_first, from_plan, from_previous}; the last two as of `stages.difference`.
        """
        matter, plan = matter_of(session, call), dict(call.arguments["plan"])
        planned = call.arguments["planned"]
        check_plan(plan, at(call))
        check_channels(plan, call.arguments.get("channels"))
        stages.check_recipients(session, plan)
        version = self._version(session, matter, plan, call)
        before = Publication.of_matter(session, matter.id)
        return Done(
            {
                "number": planned["number"],
                "text_hash": version.text_hash,
                "unchanged": version.text_hash == planned["text_hash"],
                "is_first": before is None,
                "from_plan": stages.difference(str(planned["text"]), str(plan["text"])),
                "from_previous": stages.difference(before.html if before else "", str(plan["text"])),
            }
        )

    def approve_stage(self, session: Session, call: Call) -> Answer:
        """Bind the review to the text of the stage that was registered last → {approved_hash, at}."""
        matter = matter_of(session, call)
        if call.arguments["text_hash"] != matter.text_hash:
            raise OtherText
        matter.approved_hash = matter.text_hash
        session.flush()
        return Done({"approved_hash": matter.approved_hash, "at": at(call).isoformat()})

    def release_stage(self, session: Session, call: Call) -> Answer:
        """Put the approved text of the stage out, to nobody who has left (Art. 9(4), 11(4)).

        → as `disclosure.release`; the error HashMismatch where the text is not the approved one.
        """
        plan = call.arguments["plan"]
        stages.check_recipients(session, plan)
        answer = self.release.run(session, call)
        if isinstance(answer, Done | Failed):
            return answer
        return Failed(MISMATCH, "The release did not answer.")

    def close_feedback(self, session: Session, call: Call) -> Answer:
        """End the feedback window of every stage with the desk officer's summary → {closed_at, publications}."""
        matter, said = matter_of(session, call), call.arguments.get("feedback") or {}
        released = list(session.scalars(select(Publication).where(Publication.matter_id == matter.id)))
        for publication in released:
            _close(publication, said, call)
        session.flush()
        return Done({"closed_at": at(call).isoformat(), "publications": len(released)})

    def _ordered(self, number: int, stage: Mapping[str, Any]) -> dict[str, Any]:
        title, text = str(stage["title"]).strip(), self.sanitise(str(stage["text"]))
        kept = {**stage, "title": title, "text": text, "text_hash": plans.text_hash(title, text, [])}
        return {**kept, "number": number, "due_at": stages.due_at(stage).isoformat()}

    def _version(self, session: Session, matter: Matter, plan: Mapping[str, Any], call: Call) -> PlanVersion:
        if known := session.scalar(select(PlanVersion).where(PlanVersion.call_id == call.id)):
            return known
        number = session.scalar(select(func.count()).where(PlanVersion.matter_id == matter.id)) or 0
        text_hash = plans.plan_hash(plan)
        version = PlanVersion(matter_id=matter.id, number=number + 1, call_id=call.id, text_hash=text_hash,
                              body=dump(plan), at=at(call), by=call.by)  # fmt: skip
        matter.text_hash = text_hash
        matter.scope, matter.direction = plan["scope"], plans.direction(plan["scope"])
        session.add(version)
        session.flush()
        return version


def _close(publication: Publication, said: Mapping[str, Any], call: Call) -> None:
    if publication.feedback_closed_at is not None:
        return
    publication.feedback_closed_at = at(call)
    publication.feedback_summary = str(said.get("summary") or "")
    publication.feedback_outcome = str(said.get("outcome") or "")
    publication.outcome_disclosed = bool(said.get("disclose_outcome"))
