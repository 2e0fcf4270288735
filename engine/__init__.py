"""The engine runs any process. This is its front door: what the rest of the product may name."""

from __future__ import annotations

from engine import (
    archive,
    authoring,
    comparison,
    drafting,
    drawing,
    duties,
    external,
    moving,
    recounting,
    repairing,
    stopping,
)
from engine.arrivals import Arrival, Beginning
from engine.bodies import says
from engine.bpmn import Element, Outcome, Program, check, compile_version, tables
from engine.bpmn.decisions import Decision
from engine.calendar import Calendar, deadline, mainland
from engine.core import Advanced, Duty, Engine, Observer, Standing, Validator, definitions
from engine.db import Base, Database
from engine.definitions import files
from engine.duties import DutyPause, DutyRun, tick
from engine.journal import Line, lines, ran_on, told
from engine.messages import broadcast, deliver
from engine.outbox import retry
from engine.outcomes import Answer, Call, Done, Failed, GiveUp, Retry, topic_of
from engine.receipts import once
from engine.rehearsal import Rehearsal
from engine.replay import Replayed, broken_blobs, replay, size, verify, verify_instances, verify_versions
from engine.revisions import check_revision, head, migrate
from engine.scheduler import occurrences
from engine.scheduler import run as run_scheduler
from engine.schema import (
    Claim,
    Definition,
    Entry,
    Incident,
    Instance,
    OutboxCall,
    Subscription,
    Task,
    Timer,
    Version,
    VersionFile,
)
from engine.services import Service
from engine.tasks import Actor, claimed, done_by, find, may_do, of_person, of_seats, open_for, require, require_with
from engine.waking import Bell

__all__ = [
    "Actor",
    "Advanced",
    "Answer",
    "Arrival",
    "Base",
    "Beginning",
    "Bell",
    "Calendar",
    "Call",
    "Claim",
    "Database",
    "Decision",
    "Definition",
    "Done",
    "Duty",
    "DutyPause",
    "DutyRun",
    "Element",
    "Engine",
    "Entry",
    "Failed",
    "GiveUp",
    "Incident",
    "Instance",
    "Line",
    "Observer",
    "OutboxCall",
    "Outcome",
    "Program",
    "Rehearsal",
    "Replayed",
    "Retry",
    "Service",
    "Standing",
    "Subscription",
    "Task",
    "Timer",
    "Validator",
    "Version",
    "VersionFile",
    "archive",
    "authoring",
    "broadcast",
    "broken_blobs",
    "check",
    "check_revision",
    "claimed",
    "comparison",
    "compile_version",
    "deadline",
    "definitions",
    "deliver",
    "done_by",
    "drafting",
    "drawing",
    "duties",
    "external",
    "files",
    "head",
    "find",
    "lines",
    "mainland",
    "may_do",
    "migrate",
    "moving",
    "occurrences",
    "of_person",
    "of_seats",
    "once",
    "open_for",
    "ran_on",
    "recounting",
    "stopping",
    "repairing",
    "replay",
    "require",
    "require_with",
    "retry",
    "run_scheduler",
    "says",
    "size",
    "tables",
    "tick",
    "told",
    "topic_of",
    "verify",
    "verify_instances",
    "verify_versions",
]
