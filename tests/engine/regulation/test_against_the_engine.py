"""Random diagrams, executed by the engine with random choices: what the checker says holds is never broken."""

from __future__ import annotations

import random
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import Program
from engine.outcomes import Done
from engine.regulation.history import Course, acts_of
from tests.engine.bpmn.drawing import MONDAY, Play, flow, flows, process
from tests.engine.regulation import drawn

ACTS = ("write", "check", "check", "send", "send", "keep", "stop")
MOST = 300
"""Markings; a diagram with more is not proved, so it says nothing."""
STEPS = 40
RUNS = 6


class Draw:
    """Draws a process at random: blocks within blocks, each with one way in and one way out."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.parts, self.number, self.tasks = chance, [], 0, []

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def program(self) -> Program:
        first, last = self.block(3)
        body = f'<startEvent id="s"/><endEvent id="e"/>{"".join(self.parts)}'
        return drawn.compiled(process(body + flows(f"s {first}", f"{last} e")), roots=ROOTS)

    def block(self, depth: int) -> tuple[str, str]:
        """A block's first and last element."""
        kinds = [self.task, self.task, self.service]
        if depth:
            kinds += [
                self.line,
                self.line,
                self.choice,
                self.parallel,
                self.loop,
                self.sub,
                self.watched,
                self.repeated,
            ]
        return self.chance.choice(kinds)(depth)

    def task(self, depth: int, loop: str = "") -> tuple[str, str]:
        key, act = self.name("t"), self.chance.choice(ACTS)
        variable = self.chance.choice(("x", "y"))
        said = {"act": act, "variable": variable, "formJsonSchemaFilename": "verdict.form.json"}
        if loop:
            said |= {"collection": "[1, 2]", "item": "i"}
        self.parts.append(f'<userTask id="{key}">{_properties(**said)}{loop}</userTask>')
        return key, key

    def service(self, depth: int) -> tuple[str, str]:
        key, act = self.name("v"), self.chance.choice(ACTS[3:])
        operator = '<s:serviceTaskOperator id="desk" resultVariable="z"><s:parameters/></s:serviceTaskOperator>'
        inside = f"<extensionElements>{_inner(act=act)}{operator}</extensionElements>"
        self.parts.append(f'<serviceTask id="{key}">{inside}</serviceTask>')
        return key, key

    def line(self, depth: int) -> tuple[str, str]:
        first, middle = self.block(depth - 1)
        second, last = self.block(depth - 1)
        self.parts.append(flows(f"{middle} {second}"))
        return first, last

    def choice(self, depth: int) -> tuple[str, str]:
        split, join = self.name("g"), self.name("j")
        default = f"{split}_default"
        self.parts += [f'<exclusiveGateway id="{split}" default="{default}"/>', f'<exclusiveGateway id="{join}"/>']
        one, one_last = self.block(depth - 1)
        other, other_last = self.block(depth - 1)
        self.parts.append(flow(split, one, self.condition()))
        self.parts.append(f'<sequenceFlow id="{default}" sourceRef="{split}" targetRef="{other}"/>')
        self.parts.append(flows(f"{one_last} {join}", f"{other_last} {join}"))
        return split, join

    def parallel(self, depth: int) -> tuple[str, str]:
        split, join = self.name("g"), self.name("j")
        kind = self.chance.choice(("parallelGateway", "parallelGateway", "inclusiveGateway"))
        self.parts.append(f'<{kind} id="{join}"/>')
        one, one_last = self.block(depth - 1)
        other, other_last = self.block(depth - 1)
        if kind == "parallelGateway":
            self.parts.append(f'<parallelGateway id="{split}"/>{flows(f"{split} {one}", f"{split} {other}")}')
        else:
            self.parts.append(
                f'<inclusiveGateway id="{split}" default="{split}_d"/>{flow(split, one, self.condition())}'
            )
            self.parts.append(f'<sequenceFlow id="{split}_d" sourceRef="{split}" targetRef="{other}"/>')
        self.parts.append(flows(f"{one_last} {join}", f"{other_last} {join}"))
        return split, join

    def loop(self, depth: int) -> tuple[str, str]:
        join, split = self.name("j"), self.name("g")
        first, last = self.block(depth - 1)
        leave = self.name("n")
        self.parts.append(f'<exclusiveGateway id="{join}"/><exclusiveGateway id="{split}" default="{split}_d"/>')
        self.parts.append(f'<task id="{leave}"/><sequenceFlow id="{split}_d" sourceRef="{split}" targetRef="{leave}"/>')
        self.parts.append(flows(f"{join} {first}", f"{last} {split}") + flow(split, join, self.condition()))
        return join, leave

    def sub(self, depth: int) -> tuple[str, str]:
        key, before = self.name("p"), self.parts
        self.parts = []
        first, last = self.block(depth - 1)
        start, end = self.name("s"), self.name("e")
        ending = self.chance.choice(("", "", "<terminateEventDefinition/>"))
        listener = self.listener() if self.chance.random() < 0.3 else ""
        inside = f'<startEvent id="{start}"/><endEvent id="{end}">{ending}</endEvent>{"".join(self.parts)}{listener}'
        inside += flows(f"{start} {first}", f"{last} {end}")
        self.parts = [*before, f'<subProcess id="{key}">{inside}</subProcess>']
        return key, key

    def listener(self) -> str:
        key, start, end, act = (self.name(kind) for kind in ("l", "s", "e", "t"))
        said = _properties(act=self.chance.choice(ACTS), variable="x", formJsonSchemaFilename="verdict.form.json")
        interrupting = self.chance.choice(("true", "false"))
        event = '<signalEventDefinition signalRef="sig"/>'
        body = (
            f'<startEvent id="{start}" isInterrupting="{interrupting}">{_properties(variable="w")}{event}</startEvent>'
        )
        body += f'<userTask id="{act}">{said}</userTask><endEvent id="{end}"/>{flows(f"{start} {act} {end}")}'
        return f'<subProcess id="{key}" triggeredByEvent="true">{body}</subProcess>'

    def watched(self, depth: int) -> tuple[str, str]:
        """A block in a sub-process with a boundary event that leads round it or beside it."""
        host, _ = self.sub(depth)
        join, key = self.name("j"), self.name("b")
        aside, aside_last = self.block(0)
        interrupting = self.chance.choice(("true", "false"))
        event = self.chance.choice((TIMER, '<signalEventDefinition signalRef="sig"/>'))
        self.parts.append(f'<boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{interrupting}">')
        self.parts.append(f"{_properties(variable='w')}{event}</boundaryEvent><exclusiveGateway id='{join}'/>")
        end = self.name("e")
        if interrupting == "true":
            self.parts.append(flows(f"{host} {join}", f"{key} {aside}", f"{aside_last} {join}"))
        else:
            self.parts.append(
                f'<endEvent id="{end}"/>{flows(f"{host} {join}", f"{key} {aside}", f"{aside_last} {end}")}'
            )
        return host, join

    def repeated(self, depth: int) -> tuple[str, str]:
        sequential = self.chance.choice(("true", "false"))
        return self.task(depth, f'<multiInstanceLoopCharacteristics isSequential="{sequential}"/>')

    def condition(self) -> str:
        return self.chance.choice(
            (
                'defined("x") and x.result == "OK"',
                'defined("y") and y.result != "OK"',
                'defined("x") and defined("y") and x.result == y.result',
                'defined("z") and z.n > 3',
            )
        )


ROOTS = '<signal id="sig" name="sig"/>'
TIMER = '<timerEventDefinition><timeDuration>"1d"</timeDuration></timerEventDefinition>'


def _inner(**said: str) -> str:
    items = "".join(f"<s:property name='{name}' value='{value}'/>" for name, value in said.items())
    return f"<s:properties>{items}</s:properties>"


def _properties(**said: str) -> str:
    return f"<extensionElements>{_inner(**said)}</extensionElements>"


class Runner(Play):
    """Plays at random and lets the rules look on."""

    def __init__(self, program: Program, chance: random.Random) -> None:
        self.chance, self.course, self.command = chance, Course(drawn.regulation()), {"kind": "start"}
        self.broken: set[str] = set()
        super().__init__(program, answer=lambda call: Done({"n": chance.randint(0, 6)}))

    def _note(self, outcome) -> None:
        super()._note(outcome)
        said = {
            "command": self.command,
            "trace": outcome.trace,
            "answers": [[a[0], {"done": a[2]}] for a in outcome.answers],
        }
        line = SimpleNamespace(by="li", at=MONDAY, position=len(self.outcomes))
        acts = acts_of(self.program, self.course.regulation, line, said)
        self.broken |= {rule.id for rule, _ in self.course.take(line, acts)}
        if outcome.completed:
            self.broken |= {rule.id for rule in self.course.owed(MONDAY.date())}

    def _step(self, act):
        self.position += 1
        outcome = act(self.live)
        self._note(outcome)
        return outcome

    def go(self) -> None:
        for _ in range(STEPS):
            if self.live.is_completed:
                return
            moves = [(self.do, task) for task in self.tasks()]
            waiting = {t.id for o in self.outcomes for t in o.timers} & self.live.waiting.keys()
            moves += [(self.time, key) for key in sorted(waiting)]
            heard = {t.id for o in self.outcomes for t in o.subscriptions} & self.live.waiting.keys()
            moves += [(self.hear, key) for key in sorted(heard)]
            if not moves:
                return
            move, what = self.chance.choice(moves)
            move(what)

    def do(self, task) -> None:
        data = {"result": self.chance.choice(("OK", "NO"))}
        self.command = {"kind": "complete", "task": task.id, "data": data}
        self.complete_task(task.id, **data)

    def time(self, key: str) -> None:
        self.command = {"kind": "fire"}
        self._step(lambda e: e.fire(key, self._seal(), self.answer))

    def hear(self, key: str) -> None:
        self.command = {"kind": "deliver"}
        self._step(lambda e: e.deliver(key, {"q": 1}, self._seal(), self.answer))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_what_holds_on_the_diagram_is_never_broken_by_the_engine(seed):
    program = Draw(random.Random(seed)).program()
    said = drawn.says(program, most=MOST)
    for run in range(RUNS):
        runner = Runner(program, random.Random(seed * 100 + run))
        runner.go()
        assert not {rule for rule in runner.broken if said.get(rule) == "holds"}, (seed, run)
