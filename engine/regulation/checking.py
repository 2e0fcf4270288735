"""What the regulation says to a version: verdicts, and findings where a rule is broken. Each is asked once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from threading import Lock
from typing import Any

from engine.bpmn import Program
from engine.canonical import digest, dump
from engine.refusals import Finding
from engine.regulation.net import Choices, Surroundings
from engine.regulation.proof import MOST, Verdict, prove
from engine.regulation.rules import NOTHING, Regulation
from engine.services import Service

REMEMBERED = 64
BROKEN = "Breaks the rule “{says}” ({basis})"
UNPROVED = "Not proved, and therefore refused: “{says}” ({basis})."
MESSAGES: Mapping[str, str] = {
    "order": f'{BROKEN}: "{{element}}" is reached without what must come before it.',
    "owed": f'{BROKEN}: the procedure can end at "{{element}}" with this left undone.',
    "locked": f'{BROKEN}: behind "{{element}}" no end can be reached any more.',
    "person": f'{BROKEN}: "{{element}}" does not exclude who did the earlier step; name it in separate_from.',
    "count": f'{BROKEN}: "{{element}}" can happen too often.',
    "mechanism": f'{BROKEN}: "{{element}}" must be {{detail}}.',
    "deadline": f'{BROKEN}: "{{element}}" lacks {{detail}}.',
    "too large": f"{UNPROVED} There are more than {{markings}} states to look at.",
    "unknown": f"{UNPROVED} The checker does not know {{detail}} at “{{element}}”.",
}


_KNOWN: OrderedDict[str, list[Verdict]] = OrderedDict()
_LOCK = Lock()


class Checker:
    """Asks the rules in force on a day of a version. `possible` tells the values that a form's fields can have."""

    def __init__(
        self,
        regulation: Regulation = NOTHING,
        possible: Callable[[bytes], Choices] | None = None,
        services: Mapping[str, Service] | None = None,
        most: int = MOST,
    ) -> None:
        self.regulation, self.possible, self.services, self.most = regulation, possible, dict(services or {}), most
        self.kept_apart = regulation.kept_apart

    def verdicts(self, program: Program, files: Mapping[str, bytes], day: date) -> list[Verdict]:
        """The verdict on every rule in force that has anything to say."""
        surroundings = self._surroundings(program, files)
        key = self._key(program, files, surroundings, day)
        with _LOCK:
            if key in _KNOWN:
                _KNOWN.move_to_end(key)
                return _KNOWN[key]
        found = prove(program, self.regulation, self.regulation.on(day), surroundings, self.most)
        with _LOCK:
            _KNOWN[key] = found
            while len(_KNOWN) > REMEMBERED:
                _KNOWN.popitem(last=False)
        return found

    def findings(self, program: Program, files: Mapping[str, bytes], day: date) -> list[Finding]:
        """What hinders the deployment: every rule that is broken or cannot be proved."""
        return [finding(program, verdict) for verdict in self.verdicts(program, files, day) if verdict.says != "holds"]

    def _surroundings(self, program: Program, files: Mapping[str, bytes]) -> Surroundings:
        named = {element.operator.service for element in program.elements.values() if element.operator}
        known = {name: self.services[name] for name in named if name in self.services}
        codes = {name: service.codes for name, service in known.items() if service.codes is not None}
        outside = frozenset(name for name, service in known.items() if not service.inside)
        return Surroundings(self._choices(files), outside, codes)

    def _choices(self, files: Mapping[str, bytes]) -> dict[str, Choices]:
        if self.possible is None:
            return {}
        return {path: self.possible(data) for path, data in files.items() if path.endswith(".form.json")}

    def _key(self, program: Program, files: Mapping[str, bytes], around: Surroundings, day: date) -> str:
        """What the verdicts depend on: what the diagrams do, not how they are drawn or what they are called."""
        said = [_said(element) for element in program.elements.values()]
        flows = [[flow.id, flow.source, flow.target, flow.condition] for flow in program.drawn]
        others = {path: digest(data) for path, data in files.items() if not path.endswith((".bpmn", ".bpmn2"))}
        rules = [self.regulation.digest, *(rule.id for rule in self.regulation.on(day))]
        services = [sorted(around.outside), {name: list(codes) for name, codes in sorted(around.raises.items())}]
        return digest(dump([said, flows, others, rules, services, self.most]))


UNSEEN = frozenset(["name", "line", "lane", "documentation", "lane_properties"])
"""What of an element says nothing of what it does."""


def _said(element: Any) -> Any:
    said = {key: value for key, value in asdict(element).items() if key not in UNSEEN}
    said["properties"] = {key: value for key, value in said["properties"].items() if key not in ("grid", "en", "basis")}
    return _plain({**said, "says": [element.says(name) for name in ("post", "due", "separate_from")]})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def finding(program: Program, verdict: Verdict) -> Finding:
    """A verdict as a finding on the element where the rule breaks; `steps` is the way there."""
    element = program.elements.get(verdict.element)
    reason = verdict.reason if verdict.says == "broken" else verdict.says
    parameters = {
        "says": verdict.rule.says.zh,
        "says_en": verdict.rule.says.en,
        "basis": verdict.rule.basis,
        "rule": verdict.rule.id,
        "element": (element.name or element.id) if element else verdict.element,
        "detail": verdict.detail,
        "markings": verdict.markings,
        "steps": [asdict(step) for step in verdict.steps],
    }
    path = verdict.path or next(iter(program.processes.values()), "")
    line = element.line if element else None
    code = f"rule.{reason.replace(' ', '-')}"
    return Finding(path, code, MESSAGES[reason], verdict.element or None, line, parameters=parameters)


def unknown_acts(program: Program, regulation: Regulation) -> Sequence[Finding]:
    """Elements that perform an act which the vocabulary does not know: no rule can speak of it."""
    if not regulation.acts:
        return []
    message = 'The regulation knows no act "{act}".'
    return [
        Finding(e.path, "rule.act", message, e.id, e.line, "warning", {"act": act})
        for e in program.elements.values()
        if (act := e.properties.get("act", "")) and act not in regulation.acts
    ]
