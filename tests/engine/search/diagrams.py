"""Made-up diagrams: blocks with one way in and one way out, nested as Hypothesis likes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.engine.bpmn.drawing import diagram, properties

ROOTS = """<message id="m_letter" name="Letter"/><signal id="s_hold" name="Hold"/>
<error id="e_bad" name="Bad" errorCode="Bad"/><escalation id="x_late" name="late" escalationCode="late"/>"""
INSIDE, OUTSIDE = "desk", "outside"
EVENTS = {
    "timer": '<timerEventDefinition><timeDuration>"2wd"</timeDuration></timerEventDefinition>',
    "message": '<messageEventDefinition messageRef="m_letter"/>',
    "signal": '<signalEventDefinition signalRef="s_hold"/>',
    "error": '<errorEventDefinition errorRef="e_bad"/>',
    "escalation": '<escalationEventDefinition escalationRef="x_late"/>',
}
SCRIPTS = (
    "n = n + 1",
    "seen = [n, note, {'k': [n]}]",
    "kinds = list(set(['x', 'y', 'z', note]))",
    "n = len(seen) if defined('seen') else 0",
    "due = deadline('2wd')",
)

Block = tuple[Any, ...]
"""A kind and what is in it, as `_DRAW` says."""


@dataclass
class Sheet:
    """What is drawn so far: elements and flows of the scope that is drawn now, and the called processes."""

    number: int = 0
    elements: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)

    def key(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def add(self, tag: str, key: str, inner: str = "", **attributes: str) -> str:
        said = "".join(f' {name}="{value}"' for name, value in attributes.items())
        self.elements.append(f'<{tag} id="{key}" name="{key}"{said}>{inner}</{tag}>')
        return key

    def flow(self, source: str, target: str, condition: str = "") -> str:
        key = f"f{self.number}_{source}_{target}"
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        self.elements.append(
            f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
        return key

    def scope(self, block: Block, listeners: list[Block]) -> str:
        """The inside of a process or sub-process: start, block, end, event sub-processes."""
        outer, self.elements = self.elements, []
        start = self.add("startEvent", self.key("start"))
        first, last = draw(self, block)
        self.flow(start, first)
        self.flow(last, self.add("endEvent", self.key("end")))
        for kind, interrupting, inner in listeners:
            self._listener(kind, interrupting, inner)
        inside, self.elements = "\n".join(self.elements), outer
        return inside

    def _listener(self, kind: str, interrupting: bool, block: Block) -> None:
        outer, self.elements = self.elements, []
        key, start = self.key("listener"), self.key("start")
        self.add("startEvent", start, EVENTS[kind], isInterrupting=_bool(interrupting))
        first, last = draw(self, block)
        self.flow(start, first)
        self.flow(last, self.add("endEvent", self.key("end")))
        inside, self.elements = "\n".join(self.elements), outer
        self.add("subProcess", key, inside, triggeredByEvent="true")


def rendered(block: Block, listeners: list[Block]) -> bytes:
    """The diagram of a main block with event sub-processes."""
    sheet = Sheet()
    main = sheet.scope(block, listeners)
    whole = f'<process id="p" isExecutable="true">\n{main}\n</process>'
    return diagram(whole, *sheet.processes, roots=ROOTS)


def draw(sheet: Sheet, block: Block) -> tuple[str, str]:
    """Draw a block; answers its first and its last element."""
    return _DRAW[block[0]](sheet, *block[1:])


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _activity(sheet: Sheet, tag: str, key: str, inner: str, watchers: list[Any], **attributes: str) -> tuple[str, str]:
    """An activity with boundary events; a way comes back where it is taken instead of the activity's, else it ends.

    Otherwise a parallel join behind it would wait for ever.
    """
    sheet.add(tag, key, inner, **attributes)
    if not watchers:
        return key, key
    after = sheet.key("after")
    for kind, interrupting, block in watchers:
        boundary = sheet.key("on")
        stops = _bool(interrupting or kind == "error")
        sheet.add("boundaryEvent", boundary, EVENTS[kind], attachedToRef=key, cancelActivity=stops)
        first, last = draw(sheet, block)
        sheet.flow(boundary, first)
        if stops == "true":
            sheet.flow(last, after)
        else:
            sheet.flow(last, sheet.add("endEvent", sheet.key("end")))
    sheet.add("exclusiveGateway", after)
    sheet.flow(key, after)
    return key, after


def _user(sheet: Sheet, watchers: list[Any], due: bool = False, repeat: str = "") -> tuple[str, str]:
    key = sheet.key("task")
    said = {"post": "clerk"} | ({"due": '"3d"'} if due else {})
    return _activity(sheet, "userTask", key, properties(**said, **_several(repeat)) + _loop(repeat), watchers)


def _several(repeat: str) -> dict[str, str]:
    return {"collection": "[1, 2, 3]", "item": "one", "output": "many"} if repeat else {}


def _loop(repeat: str) -> str:
    sequential = _bool(repeat == "sequential")
    return f'<multiInstanceLoopCharacteristics isSequential="{sequential}"/>' if repeat else ""


def _script(sheet: Sheet, source: str) -> tuple[str, str]:
    key = sheet.add("scriptTask", sheet.key("script"), f"<script>{source}</script>")
    return key, key


def _service(sheet: Sheet, name: str, watchers: list[Any]) -> tuple[str, str]:
    operator = (
        f'<extensionElements><s:serviceTaskOperator id="{name}" resultVariable="answer"><s:parameters>'
        '<s:parameter id="n" type="any" value="n"/></s:parameters></s:serviceTaskOperator></extensionElements>'
    )
    return _activity(sheet, "serviceTask", sheet.key("service"), operator, watchers)


def _catch(sheet: Sheet, kind: str) -> tuple[str, str]:
    key = sheet.add("intermediateCatchEvent", sheet.key("catch"), EVENTS[kind])
    return key, key


def _throw(sheet: Sheet, kind: str) -> tuple[str, str]:
    key = sheet.add("intermediateThrowEvent", sheet.key("throw"), EVENTS[kind])
    return key, key


def _sequence(sheet: Sheet, *blocks: Block) -> tuple[str, str]:
    ends = [draw(sheet, block) for block in blocks]
    for (_, last), (first, _) in zip(ends, ends[1:], strict=False):
        sheet.flow(last, first)
    return ends[0][0], ends[-1][1]


def _fork(tag: str, conditions: tuple[str, ...]) -> Any:
    """A gateway that splits and one that joins; the last way is the default where there are conditions."""

    def fork(sheet: Sheet, *blocks: Block) -> tuple[str, str]:
        split, join = sheet.key("split"), sheet.key("join")
        default = ""
        for number, block in enumerate(blocks):
            first, last = draw(sheet, block)
            condition = conditions[number] if conditions and number < len(blocks) - 1 else ""
            default = sheet.flow(split, first, condition)
            sheet.flow(last, join)
        sheet.add(tag, split, **({"default": default} if conditions else {}))
        sheet.add(tag, join)
        return split, join

    return fork


def _again(sheet: Sheet, block: Block) -> tuple[str, str]:
    """A loop that a person decides about."""
    head, gate, out = sheet.key("head"), sheet.key("gate"), sheet.key("out")
    first, last = draw(sheet, block)
    ask = sheet.add("userTask", sheet.key("ask"), properties(post="clerk"))
    sheet.add("exclusiveGateway", head)
    sheet.flow(head, first)
    sheet.flow(last, ask)
    sheet.flow(ask, gate)
    sheet.flow(gate, head, "again")
    default = sheet.flow(gate, out)
    sheet.add("exclusiveGateway", gate, default=default)
    sheet.add("exclusiveGateway", out)
    return head, out


def _first_event(sheet: Sheet, *kinds: str) -> tuple[str, str]:
    gate, join = sheet.key("wait"), sheet.key("join")
    sheet.add("eventBasedGateway", gate)
    sheet.add("exclusiveGateway", join)
    for kind in kinds:
        key, _ = _catch(sheet, kind)
        sheet.flow(gate, key)
        sheet.flow(key, join)
    return gate, join


def _sub(sheet: Sheet, block: Block, watchers: list[Any], listeners: list[Any], repeat: str = "") -> tuple[str, str]:
    inside = sheet.scope(block, listeners)
    head = properties(**_several(repeat)) if repeat else ""
    return _activity(sheet, "subProcess", sheet.key("sub"), head + inside + _loop(repeat), watchers)


def _call(sheet: Sheet, block: Block, watchers: list[Any], listeners: list[Any]) -> tuple[str, str]:
    called = sheet.key("called")
    inside = sheet.scope(block, listeners)
    sheet.processes.append(f'<process id="{called}" isExecutable="true">\n{inside}\n</process>')
    return _activity(sheet, "callActivity", sheet.key("call"), "", watchers, calledElement=called)


def _ends(sheet: Sheet, kind: str) -> tuple[str, str]:
    """A gateway from which one way ends the scope by an error or at once, the other goes on."""
    gate, out = sheet.key("gate"), sheet.key("out")
    inner = EVENTS["error"] if kind == "error" else "<terminateEventDefinition/>"
    end = sheet.add("endEvent", sheet.key("end"), inner)
    sheet.flow(gate, end, "n % 3 == 1")
    default = sheet.flow(gate, out)
    sheet.add("exclusiveGateway", gate, default=default)
    sheet.add("exclusiveGateway", out)
    return gate, out


_DRAW: dict[str, Any] = {
    "user": _user,
    "script": _script,
    "service": _service,
    "catch": _catch,
    "throw": _throw,
    "sequence": _sequence,
    "parallel": _fork("parallelGateway", ()),
    "exclusive": _fork("exclusiveGateway", ("n % 2 == 0", "again")),
    "inclusive": _fork("inclusiveGateway", ("n % 2 == 0", "again")),
    "again": _again,
    "first": _first_event,
    "sub": _sub,
    "call": _call,
    "ends": _ends,
}

# -- as Hypothesis likes

LEAVES = ("user", "user", "script", "service", "catch", "throw", "first", "ends")
NESTS = ("sequence", "sequence", "parallel", "exclusive", "inclusive", "again", "user", "service", "sub", "call")
WAITS = ("timer", "message", "signal")
CAUGHT = (*WAITS, "error", "escalation")
REPEATS = ("", "", "parallel", "sequential")
DEEP = 3


@st.composite
def diagrams(pick: st.DrawFn) -> bytes:
    """A diagram that may be deployed."""
    main = ("sequence", *(_block(pick, 0) for _ in range(3)))
    return rendered(main, _listeners(pick, DEEP))


def _block(pick: st.DrawFn, depth: int) -> Block:
    kind = pick(st.sampled_from(NESTS if depth < DEEP and pick(st.integers(0, 3)) else LEAVES))
    return (kind, *_CONTENT[kind](pick, depth + 1))


def _some(pick: st.DrawFn, depth: int) -> tuple[Any, ...]:
    return tuple(_block(pick, depth) for _ in range(pick(st.integers(2, 3))))


def _watchers(pick: st.DrawFn, depth: int) -> list[Any]:
    number = pick(st.integers(0, 2)) if depth <= DEEP else 0
    return [(pick(st.sampled_from(CAUGHT)), pick(st.booleans()), _block(pick, depth + 1)) for _ in range(number)]


def _listeners(pick: st.DrawFn, depth: int) -> list[Any]:
    if pick(st.integers(0, 3)):
        return []
    kind = pick(st.sampled_from(CAUGHT))
    return [(kind, kind == "error" or pick(st.booleans()), _block(pick, depth + 1))]


def _one_of(*values: str) -> Any:
    return lambda pick, depth: (pick(st.sampled_from(values)),)


_CONTENT: dict[str, Any] = {
    "user": lambda pick, depth: (_watchers(pick, depth), pick(st.booleans()), pick(st.sampled_from(REPEATS))),
    "script": _one_of(*SCRIPTS),
    "service": lambda pick, depth: (pick(st.sampled_from([INSIDE, OUTSIDE])), _watchers(pick, depth)),
    "catch": _one_of(*WAITS),
    "throw": _one_of("message", "signal", "escalation"),
    "first": lambda pick, depth: tuple(pick(st.permutations(WAITS))[:2]),
    "ends": _one_of("error", "terminate"),
    "sequence": _some,
    "parallel": _some,
    "exclusive": _some,
    "inclusive": _some,
    "again": lambda pick, depth: (_block(pick, depth),),
    "sub": lambda pick, depth: (
        _block(pick, depth),
        _watchers(pick, depth),
        _listeners(pick, depth),
        pick(st.sampled_from(REPEATS)),
    ),
    "call": lambda pick, depth: (_block(pick, depth), _watchers(pick, depth), _listeners(pick, depth)),
}
