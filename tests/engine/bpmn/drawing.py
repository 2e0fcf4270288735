"""Small diagrams as text, and somebody who plays them step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.bpmn import Execution, OpenTask, Outcome, Program, Seal, compile_version
from engine.calendar import Calendar
from engine.outcomes import Call, Done, Failed

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t"'
)


def diagram(*processes: str, roots: str = "") -> bytes:
    """A file of processes with root elements such as messages before them."""
    return f"<definitions {NAMESPACES}>\n{roots}\n{''.join(processes)}</definitions>".encode()


def process(body: str, *paths: str, key: str = "p") -> str:
    """A process of elements and of paths such as "s a b e"."""
    return f'<process id="{key}" isExecutable="true">\n{body}\n{flows(*paths)}</process>\n'


def flows(*paths: str) -> str:
    """Sequence flows along each path, called source_target."""
    pairs = [pair for path in paths for pair in zip(path.split(), path.split()[1:], strict=False)]
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>\n' for a, b in pairs)


def flow(source: str, target: str, condition: str) -> str:
    """A sequence flow with a condition."""
    text = condition.replace("<", "&lt;")
    head = f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
    formal = 'xsi:type="tFormalExpression"'
    return f"{head}<conditionExpression {formal}>{text}</conditionExpression></sequenceFlow>\n"


def properties(**values: str) -> str:
    """Extension properties."""
    items = "".join(f"<s:property name='{name}' value='{value}'/>" for name, value in values.items())
    return f"<extensionElements><s:properties>{items}</s:properties></extensionElements>"


def user(key: str, inside: str = "", **values: str) -> str:
    """A user task."""
    return f'<userTask id="{key}" name="{key}">{properties(**values)}{inside}</userTask>\n'


def script(key: str, source: str) -> str:
    """A script task."""
    return f'<scriptTask id="{key}"><script>{source}</script></scriptTask>\n'


def service(key: str, name: str, result: str = "", **parameters: str) -> str:
    """A service task."""
    items = "".join(f"<s:parameter id='{name}' type='str' value='{value}'/>" for name, value in parameters.items())
    operator = f'<s:serviceTaskOperator id="{name}" resultVariable="{result}"><s:parameters>{items}</s:parameters>'
    body = f"<extensionElements>{operator}</s:serviceTaskOperator></extensionElements>"
    return f'<serviceTask id="{key}">{body}</serviceTask>\n'


def boundary(key: str, host: str, event: str, interrupting: bool = True, **values: str) -> str:
    """A boundary event."""
    cancel = "true" if interrupting else "false"
    head = f'<boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{cancel}">'
    return f"{head}{properties(**values)}{event}</boundaryEvent>\n"


def timer(expression: str, kind: str = "Date") -> str:
    """A timer event definition."""
    return f"<timerEventDefinition><time{kind}>{expression}</time{kind}></timerEventDefinition>"


def compiled(*processes: str, roots: str = "", **files: bytes) -> Program:
    """The program of one diagram file."""
    return compile_version({"p.bpmn": diagram(*processes, roots=roots), **files})


def done(call: Call) -> Done | Failed:
    """A service that has nothing to say."""
    return Done()


class Play:
    """Plays a program under a seal that moves on by a minute a step.

    Beside the live instance runs a twin that is frozen and thawed before every step; both must do the same.
    """

    pause = timedelta(minutes=1)
    """So much time passes before each step."""

    def __init__(
        self,
        program: Program,
        data: dict[str, Any] | None = None,
        answer: Callable[[Call], Done | Failed] = done,
        outside: tuple[str, ...] = (),
        seed: str = "i",
        **named: Any,
    ) -> None:
        self.program, self.answer, self.outside, self.seed = program, answer, outside, seed
        self.now, self.position = MONDAY, 0
        self.outcomes: list[Outcome] = []
        self.live, outcome = Execution.start(program, data or {}, self._seal(), answer, outside, **named)
        self.frozen = self.live.freeze()
        self._note(outcome)

    def complete(self, element: str, **data: Any) -> Outcome:
        """Do the open task of this element that was opened first."""
        return self.complete_task(self.task(element).id, **data)

    def complete_task(self, key: str, **data: Any) -> Outcome:
        """Do one open task."""
        return self._step(lambda e: e.complete(key, data, self._seal(), self.answer))

    def fire(self, element: str) -> Outcome:
        """The timer of this element is due."""
        key = next(t.id for o in self.outcomes for t in o.timers if t.element == element and t.id in self.live.waiting)
        return self._step(lambda e: e.fire(key, self._seal(), self.answer))

    def deliver(self, element: str, **payload: Any) -> Outcome:
        """What this element waits for has come."""
        found = [s.id for o in self.outcomes for s in o.subscriptions if s.element == element]
        key = next(key for key in found if key in self.live.waiting)
        return self._step(lambda e: e.deliver(key, payload, self._seal(), self.answer))

    def answer_call(self, element: str, answer: Done | Failed) -> Outcome:
        """The outside service answers."""
        key = next(c.id for o in self.outcomes for c in o.calls if c.element == element and c.id in self.live.waiting)
        return self._step(lambda e: e.answer_call(key, answer, self._seal(), self.answer))

    def cancel(self) -> Outcome:
        """The instance ends here."""
        return self._step(lambda e: e.cancel(self._seal()))

    def task(self, element: str) -> OpenTask:
        """The first open task of an element."""
        return next(task for task in self.tasks() if task.element == element)

    def tasks(self) -> list[OpenTask]:
        """The open tasks in the order they were opened."""
        return [task for outcome in self.outcomes for task in outcome.opened if task.id in self.live.waiting]

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks."""
        return [task.element for task in self.tasks()]

    @property
    def last(self) -> Outcome:
        return self.outcomes[-1]

    def trace(self, kind: str) -> list[str]:
        """The elements of all trace lines of a kind."""
        return [line[1] for outcome in self.outcomes for line in outcome.trace if line[0] == kind]

    def thrown(self) -> list[tuple[str, str]]:
        """(kind, name) of all that was thrown outside."""
        return [(thrown.kind, thrown.name) for outcome in self.outcomes for thrown in outcome.thrown]

    def _step(self, act: Callable[[Execution], Outcome]) -> Outcome:
        self.position += 1
        self.now += self.pause
        twin = Execution.thaw(self.program, self.frozen, self.outside)
        assert twin.freeze() == self.frozen
        expected, outcome = act(twin), act(self.live)
        assert outcome == expected
        self.frozen = self.live.freeze()
        assert twin.freeze() == self.frozen
        self._note(outcome)
        return outcome

    def _note(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def _seal(self) -> Seal:
        return Seal(self.now, f"{self.seed}:{self.position}", Calendar())
