"""The engine: every command from end to end. One command is one transaction and one journal entry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from engine import clock as clocks
from engine import incidents, journal, projection, tasks, waking
from engine.advancing import Command, Recorder, advance, body, seal, spell
from engine.arrivals import Arrival, Welcome, as_it_came
from engine.bpmn import Outcome, Program, clean
from engine.calendar import Calendar, mainland
from engine.canonical import read
from engine.db import Database, Transaction
from engine.definitions import Definitions, Files, FormCheck
from engine.journal import INSTANCES, Line
from engine.live import Executions, Live
from engine.outcomes import Answer, Call, Done, Failed
from engine.refusals import (
    Diverged,
    Finding,
    NotFound,
    NotOpen,
    NotWithdrawable,
    OtherPosts,
    ServiceRefused,
    Suspended,
)
from engine.regulation import NOTHING, Checker, Course, Regulation, guard, unknown_acts
from engine.schema import Definition, Entry, Instance, Task, Version
from engine.services import Service
from engine.tasks import Actor

Validator = Callable[[bytes, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
"""Form, submission and what the form may look at → the values to store; Invalid names each field."""


@dataclass(slots=True)
class Standing:
    """An instance as a command finds it and as it leaves it: the columns of `Instance`, without its machinery."""

    id: str
    definition: str
    version_id: str
    organisation: str
    subject: str
    state: str
    position: int
    head: str
    started_at: datetime
    started_by: str | None
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """It neither goes on nor is held up."""
        return self.state not in GOES_ON


@dataclass(frozen=True, slots=True)
class Advanced:
    """What an observer sees of a command, inside its transaction."""

    instance: Standing
    line: Line
    outcome: Outcome
    program: Program


Observer = Callable[[Session, Advanced], None]
Tailor = Callable[[Session, str, str], Mapping[str, bytes]]
"""Version and organisation → the files that the organisation puts in the place of those of the version; often none."""

Duty = Callable[["Engine", datetime], int]
"""What a scheduler does besides timers and outbox: `duty(engine, now)` answers how much it did; see `engine.duties`."""


class Engine:
    """Carries out commands on instances. Give it plain parts; it opens nothing by itself."""

    def __init__(
        self,
        database: Database,
        *,
        services: Mapping[str, Service] | None = None,
        validate: Validator = lambda form, submission, context: dict(submission),
        check_form: FormCheck = lambda path, form: [],
        regulation: Regulation = NOTHING,
        possible: Callable[[bytes], Any] | None = None,
        observers: Sequence[Observer] = (),
        duties: Sequence[Duty] = (),
        welcome: Welcome = as_it_came,
        calendar: Callable[[], Calendar] = mainland,
        tailor: Tailor = lambda session, version, organisation: {},
        keepers: Mapping[str, Collection[str]] | None = None,
        clock: clocks.Clock = clocks.now,
        capacity: int = 2000,
    ) -> None:
        self.database = database
        self.services = dict(services or {})
        self.validate = validate
        self.observers = tuple(observers)
        self.duties = {duty.__name__: duty for duty in duties}
        self.welcome = welcome
        self.calendar = calendar
        self.tailor = tailor
        self.keepers = dict(keepers or {})
        self.clock = clock
        self.checker = Checker(regulation, possible, self.services)
        self.definitions = Definitions(sorted(self.services), check_form, self._examine)
        outside = sorted(name for name, service in self.services.items() if not service.inside)
        self.executions = Executions(self.definitions, outside, capacity)

    # versions

    def deploy(self, files: Files, by: str, session: Session | None = None) -> Version:
        """Check and store a version and put it in force. NotDeployable names every finding with element and line.

        Nobody may deploy what breaks a rule of the regulation.
        """
        self.definitions.examined(files)
        with self._transaction(session) as own:
            return self.definitions.deploy(own, files, by, self.clock())

    def rules_broken(self, files: Files) -> list[Finding]:
        """The rules that these files break, and acts that the regulation does not know; for whoever draws them."""
        program = self.definitions.compile(files)
        return [*self._examine(program, files), *unknown_acts(program, self.checker.regulation)]

    def _examine(self, program: Program, given: Files) -> list[Finding]:
        return self.checker.findings(program, given, self.clock().astimezone(clocks.SHANGHAI).date())

    # instances

    def start(
        self,
        definition: str,
        data: Mapping[str, Any],
        by: str | None,
        *,
        organisation: str = "",
        subject: str = "",
        instance_id: str | None = None,
        event: str = "",
        session: Session | None = None,
    ) -> Standing:
        """Start an instance of the version in force, with the organisation's own files where it has any.

        `data` is JSON-able; `subject` is what lists show. `event` names the start event; without it the plain one
        counts.
        """
        with self._transaction(session) as own:
            version = self._version(own, definition, organisation)
            command = _start(definition, version, organisation, subject, data, event)
            return self._begin(own, instance_id or clocks.new_id(), command, by)

    def start_by(self, arrival: Arrival, session: Transaction) -> Standing:
        """Start the procedure that a message starts; the journal keeps the message and who sent it.

        Whoever moved the sending instance has not begun this one, so it begins in nobody's name then.
        """
        begun = self.welcome(session, arrival)
        version = self._version(session, arrival.definition, begun.organisation)
        command = _start(arrival.definition, version, begun.organisation, begun.subject, begun.data, arrival.event.id)
        command["message"] = {"name": arrival.name, "key": arrival.key, "sender": arrival.sender}
        return self._begin(session, arrival.instance_id, command, None if arrival.sender else arrival.by)

    def cancel(self, instance_id: str, by: str, reason: str, session: Session | None = None) -> None:
        """End an instance before its end, with a reason. Who may is the caller's business."""
        with self._transaction(session) as own:
            self._command(own, self.lock(own, instance_id), {"kind": "cancel", "reason": reason}, by)

    # tasks

    def claim(self, task_id: str, actor: Actor) -> None:
        """Take a task so that others of the post see who is at it."""
        with self.database.write() as session:
            tasks.claim(session, self._locked_task(session, task_id), actor, clocks.new_id(), self.clock())

    def release(self, task_id: str, actor: Actor) -> None:
        """Give a taken task back to its post."""
        with self.database.write() as session:
            tasks.release(session, self._locked_task(session, task_id), actor, self.clock())

    def complete(
        self,
        task_id: str,
        actor: Actor,
        submission: Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> Line:
        """Complete a task with what its form accepts of the submission; `context` holds the form's choices.

        AlreadyDone names the winner of a race, Invalid the wrong fields; nothing is changed then.
        """
        with self._transaction(session) as own:
            instance, task = self._at_task(own, task_id)
            require_running(instance)
            tasks.require_row(own, task, actor)
            live = self.executions.take(own, instance)
            if task_id not in live.execution.waiting:
                tasks.require_open(own.get_one(Task, task_id))
            data = self._accept(live, task, submission, context)
            command = {"kind": "complete", "task": task_id, "element": task.element, "data": data}
            if holds := self.checker.kept_apart & {post for _, post in actor.seats}:
                command["holds"] = sorted(holds)
            return self._advance(own, instance, live, command, actor.person)

    def withdraw(self, task_id: str, actor: Actor) -> Line:
        """Take back the completion of a task: by who did it, while it is the last thing that happened."""
        with self.database.write() as session:
            instance = self._lock_of_task(session, task_id)
            task = tasks.find(session, task_id)
            if not self._may_withdraw(session, instance, task, actor):
                raise NotWithdrawable
            command = {"kind": "withdraw", "task": task_id, "element": task.element, "position": task.closed_position}
            return self._command(session, instance, command, actor.person)

    def may_withdraw(self, session: Session, task: Task, actor: Actor) -> bool:
        """Would `withdraw` be accepted now?"""
        return self._may_withdraw(session, session.get_one(Instance, task.instance_id), task, actor)

    def data(self, session: Session, task: Task) -> dict[str, Any]:
        """What an open task sees: a copy of its data."""
        instance = session.get_one(Instance, task.instance_id)
        with self._borrowed(session, instance) as live:
            return live.execution.data(task.id)

    # acts of repair: `engine.repairing` and `engine.moving` say which, and who may

    def require_keeper(self, act: str, actor: Actor) -> None:
        """OtherPosts unless the actor holds a post that may: `act` is repair | move."""
        if not {post for _, post in actor.seats} & set(self.keepers.get(act, ())):
            raise OtherPosts(reason="")

    def repair(self, session: Transaction, instance: Standing, command: Command, by: str | None) -> Line:
        """Carry out an act on an instance that goes on or is suspended; its row is locked by the caller."""
        if instance.state not in GOES_ON:
            raise NotOpen(what=instance.subject or instance.id)
        live = self.executions.take(session, instance)
        return self._advance(session, instance, live, command, by)

    # timers, messages and answers: `engine.tick` and the outside world come in here

    def fire(self, instance: Standing, timer_id: str, element: str, session: Transaction) -> Line:
        """Let a due timer act. The instance's row is locked by the caller."""
        command = {"kind": "fire", "timer": timer_id, "element": element}
        return self._command(session, instance, command, None)

    def hand(self, waiting: Any, payload: Mapping[str, Any], by: str | None, session: Transaction) -> Line:
        """Hand a message or a signal to the one element that waits (a row of `subscriptions`)."""
        command = {
            "kind": "deliver",
            "subscription": waiting.id,
            "element": waiting.element,
            "name": waiting.name,
            "key": waiting.key,
            "payload": clean(payload),
        }
        return self._command(session, self.lock(session, waiting.instance_id), command, by)

    def answer(
        self,
        instance: Standing,
        call_id: str,
        element: str,
        answer: Done | Failed,
        session: Transaction,
        by: str | None = None,
    ) -> Line:
        """Bring an outside service's answer back into its instance, whose row is locked by the caller."""
        command = {"kind": "answer", "call": call_id, "element": element, "answer": spell(answer)}
        return self._command(session, instance, command, by)

    def recount(self, instance_id: str, tasks: Mapping[str, Any], by: str | None, session: Transaction) -> Line:
        """Count deadlines in working days again by the calendar of now; `tasks` as in `engine.bpmn.repair`. NotOpen."""
        instance = self.lock(session, instance_id)
        return self._command(session, instance, {"kind": "recount", "tasks": tasks}, by)

    # from end to end

    def lock(self, session: Transaction, instance_id: str) -> Standing:
        """The instance, its row locked until the transaction ends; NotFound where there is none."""
        row = session.first(_LOCK, {"instance": instance_id})
        if row is None:
            raise NotFound(what="instance", key=instance_id)
        return Standing(*row)

    def _version(self, session: Transaction, definition: str, organisation: str) -> str:
        return self.tailored(session, self.definitions.in_force(session, definition), organisation)

    def tailored(self, session: Session, version: str, organisation: str) -> str:
        """The version with the files that the organisation puts in the place of its own, if there are any."""
        changed = self.tailor(session, version, organisation)
        return self.definitions.derive(session, version, changed, self.clock()) if changed else version

    def _begin(self, session: Transaction, instance_id: str, command: Command, by: str | None) -> Standing:
        now = self.clock()
        instance = Standing(
            id=instance_id,
            definition=command["definition"],
            version_id=command["version"],
            organisation=command["organisation"],
            subject=command["subject"],
            state="open",
            position=0,
            head=journal.origin(instance_id, command["version"]),
            started_at=now,
            started_by=by,
            ended_at=None,
        )
        session.later([(_BEGIN, {name: getattr(instance, name) for name in _INSTANCE}, 1)])
        version = instance.version_id
        program = self.definitions.programs.get(version) or self.definitions.program(session.connection(), version)
        self._advance(session, instance, Live(program, None, 0, instance.head), command, by, now)  # type: ignore[arg-type]
        return instance

    def _command(self, session: Transaction, instance: Standing, command: Command, by: str | None) -> Line:
        if command["kind"] != "cancel":
            require_running(instance)
        return self.repair(session, instance, command, by)

    def _accept(
        self, live: Live, task: Any, submission: Mapping[str, Any], context: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        if task.form is None:
            return {}
        seen = {**live.execution.data(task.id), **(context or {})}
        return dict(clean(self.validate(live.program.forms[task.form], submission, seen)))

    def _advance(
        self,
        session: Transaction,
        instance: Standing,
        live: Live,
        command: Command,
        by: str | None,
        now: datetime | None = None,
    ) -> Line:
        """Advance, journal, project. The execution goes back to the cache only when the transaction commits."""
        line, outcome = self._carry_out(session, instance, live, command, by, now or self.clock())
        live.course = self._guarded(session, instance, live, line, outcome)
        self._record(session, instance, live, line, outcome)
        incidents.review(session, line, live.execution)
        for observe in self.observers:
            observe(session, Advanced(instance, line, outcome, live.program))
        self.executions.keep_after_commit(session, instance, live)
        return line

    def _carry_out(
        self, session: Transaction, instance: Standing, live: Live, command: Command, by: str | None, now: datetime
    ) -> tuple[Line, Outcome]:
        """Let the execution do it, and write down what was asked, answered and done."""
        position, calendar = live.position + 1, self.calendar()
        self.definitions.keep_calendar(session, calendar)
        recorder = Recorder(lambda call: self._ask(session, instance, call, now, by))
        live.execution, outcome = advance(
            live.program,
            live.execution,
            command,
            seal(instance.id, position, now, calendar),
            recorder,
            self.executions.outside,
            self.executions.past(session.connection, instance, live.position),
        )
        live.program = live.execution.program
        said = body(command, calendar, recorder.answers, outcome)
        return Line(instance.id, position, now, command["kind"], by, said, live.head), outcome

    def _guarded(
        self, session: Transaction, instance: Standing, live: Live, line: Line, outcome: Outcome
    ) -> Course | None:
        """The rules' automata after this entry; a rule that it would break refuses the command."""
        is_completed = outcome.completed and not outcome.failed and line.kind != "cancel"

        def before() -> Sequence[Any]:
            return journal.lines(session.connection(), instance.id, upto=line.position - 1)

        return guard(self.checker.regulation, live.program, live.course, line, is_completed, before)

    def _record(self, session: Transaction, instance: Standing, live: Live, line: Line, outcome: Outcome) -> None:
        """Append the line and project it; the instance and the live execution now stand there."""
        state, head = _state(line.kind, outcome, instance.state), line.hash
        ended_at = None if state in GOES_ON else line.at
        rings = waking.rings(self.database.is_sqlite, line, outcome)
        live.position, live.head = line.position, head
        instance.position, instance.head, instance.state, instance.ended_at = line.position, head, state, ended_at
        is_move = line.kind == "migrate"
        if is_move:
            instance.version_id = journal.moved_to(line)
        writes = [*journal.writes(line, head, state, ended_at), *projection.writes(line, outcome), *rings]
        session.later([*writes, *self.executions.writes(instance.id, live, at_once=is_move)])

    def _ask(self, session: Session, instance: Standing, call: Call, at: datetime, by: str | None) -> Done | Failed:
        """Ask an inside service; it answers at once or refuses the command."""
        full = Call(call.id, call.element, call.service, call.arguments, instance.id, at, by)
        answer: Answer = self.services[call.service].ask(session, full)
        if isinstance(answer, Done | Failed):
            return answer
        raise ServiceRefused(reason=answer.reason)

    def _at_task(self, session: Transaction, task_id: str) -> tuple[Standing, Any]:
        """The task's instance, locked, and the task with its claim as a row.

        When the lock had to be waited for, the instance is new but the task may be as it was before the wait: whether
        it still waits is for the execution to say.
        """
        row = session.first(_AT_TASK, {"task": task_id})
        if row is None:
            raise NotFound(what="task", key=task_id)
        return Standing(*row[: len(_INSTANCE)]), row

    def _lock_of_task(self, session: Transaction, task_id: str) -> Standing:
        return self._at_task(session, task_id)[0]

    def _locked_task(self, session: Transaction, task_id: str) -> Task:
        self._lock_of_task(session, task_id)
        return tasks.find(session, task_id)

    def _may_withdraw(self, session: Session, instance: Instance | Standing, task: Task, actor: Actor) -> bool:
        if (task.state, task.closed_by, task.closed_position) != ("completed", actor.person, instance.position):
            return False
        if instance.state != "open":
            return False
        entry = session.get_one(Entry, (instance.id, instance.position))
        said = read(entry.body)
        if said["answers"] or said["effects"].keys() & {"calls", "calls_gone", "thrown"}:
            return False
        return not tasks.claimed(session, [opened["id"] for opened in said["effects"].get("opened", [])])

    @contextmanager
    def _borrowed(self, session: Session, instance: Instance) -> Iterator[Live]:
        live = self.executions.take(session, instance)
        try:
            yield live
        finally:
            self.executions.cache.keep(instance.id, live)

    def _transaction(self, session: Session | None) -> AbstractContextManager[Transaction]:
        return nullcontext(cast(Transaction, session)) if session is not None else self.database.write()


def definitions(session: Session) -> list[Definition]:
    """Every definition that was ever deployed, by name."""
    return list(session.scalars(select(Definition).order_by(Definition.name)))


SUSPENDED = "suspended"
GOES_ON = ("open", SUSPENDED)
"""States of an instance that has not ended."""
STATES = {"suspend": SUSPENDED, "resume": "open"}

_INSTANCE = tuple(field.name for field in fields(Standing))
_BEGIN = insert(INSTANCES)
_LOCK = (
    select(*(INSTANCES.c[name] for name in _INSTANCE)).where(INSTANCES.c.id == bindparam("instance")).with_for_update()
)
_AT_TASK = (
    select(*(INSTANCES.c[name].label(f"of_{name}") for name in _INSTANCE), *tasks.ROW)
    .select_from(tasks.WITH_CLAIM.join(INSTANCES, INSTANCES.c.id == Task.instance_id))
    .where(Task.id == bindparam("task"))
    .with_for_update(of=INSTANCES)
)


def _start(
    definition: str, version: str, organisation: str, subject: str, data: Mapping[str, Any], event: str
) -> dict[str, Any]:
    """The command of a start; it names its start event only where one was asked for."""
    said = {
        "kind": "start",
        "definition": definition,
        "version": version,
        "organisation": organisation,
        "subject": subject,
        "data": clean(data),
    }
    return said | ({"event": event} if event else {})


def require_running(instance: Standing) -> None:
    """Suspended while somebody holds the instance up."""
    if instance.state == SUSPENDED:
        raise Suspended(what=instance.subject or instance.id)


def _state(kind: str, outcome: Outcome, before: str) -> str:
    if kind == "cancel":
        return "cancelled"
    if kind in STATES:
        return STATES[kind]
    if not outcome.completed:
        return before
    return "failed" if outcome.failed else "completed"


__all__ = ["Advanced", "Diverged", "Duty", "Engine", "Observer", "Validator", "definitions"]
