"""A compiled version: parsed once per process however many instances run it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from engine.bpmn import lint
from engine.bpmn.decisions import Decision, read_decision
from engine.bpmn.diagram import Diagram, Element, Flow, read
from engine.bpmn.parse import parse
from engine.bpmn.xml import parse_xml
from engine.canonical import digest, dump
from engine.refusals import Finding, NotDeployable, NotFound

REMEMBERED = 64


@dataclass(frozen=True, eq=False)
class Program:
    """A version ready to run. Shared by all its instances; never changed.

    `processes`: process id → file. `flows`: (source, target) → sequence flow id. `start_messages`: message name →
    (process id, start event id). `forms`: path → bytes. `drawn`: every sequence flow, in the order of the files.
    """

    process_id: str
    name: str
    elements: Mapping[str, Element]
    processes: Mapping[str, str]
    flows: Mapping[tuple[str, str], str]
    decisions: Mapping[str, Decision]
    start_messages: Mapping[str, tuple[str, str]]
    forms: Mapping[str, bytes]
    digest: str
    specs: Mapping[str, Any]
    drawn: tuple[Flow, ...] = ()

    def spec(self, process: str) -> Any:
        """The spec of a process or sub-process. NotFound when there is none."""
        found = self.specs.get(process)
        if found is None:
            raise NotFound(what="process", key=process)
        return found


_PROGRAMS: OrderedDict[str, Program] = OrderedDict()
_LOCK = Lock()


def compile_version(files: Mapping[str, bytes], services: Collection[str] | None = None) -> Program:
    """The program of these files (*.bpmn, *.dmn, *.form.json by relative name). NotDeployable with all findings.

    `services`: the services that exist; None takes any.
    """
    key = _key(files, services)
    with _LOCK:
        if key in _PROGRAMS:
            _PROGRAMS.move_to_end(key)
            return _PROGRAMS[key]
    program, findings = _compiled(files, services, key)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or program is None:
        raise NotDeployable(errors or findings)
    with _LOCK:
        _PROGRAMS[key] = program
        while len(_PROGRAMS) > REMEMBERED:
            _PROGRAMS.popitem(last=False)
    return program


def check(files: Mapping[str, bytes], services: Collection[str] | None = None) -> list[Finding]:
    """All that is wrong with these files; findings of level "warning" do not hinder deployment."""
    return _compiled(files, services, "")[1]


def _key(files: Mapping[str, bytes], services: Collection[str] | None) -> str:
    return digest(dump([{name: digest(data) for name, data in files.items()}, services and sorted(services)]))


def _compiled(
    files: Mapping[str, bytes], services: Collection[str] | None, key: str
) -> tuple[Program | None, list[Finding]]:
    diagrams, decisions, findings = _read(files)
    if not diagrams and not findings:
        findings.append(Finding("", "bpmn.none", "There is no diagram."))
    findings += lint.lint(diagrams, decisions, set(files), services)
    if any(finding.level == "error" for finding in findings):
        return None, findings
    elements = {element.id: element for diagram in diagrams for element in diagram.elements}
    specs, unreadable = parse(diagrams, elements, decisions)
    if unreadable:
        return None, findings + unreadable
    forms = {path: data for path, data in files.items() if path.endswith(".json")}
    return _program(diagrams, elements, decisions, specs, forms, key), findings


def _read(files: Mapping[str, bytes]) -> tuple[list[Diagram], dict[str, Decision], list[Finding]]:
    diagrams: list[Diagram] = []
    decisions: dict[str, Decision] = {}
    findings: list[Finding] = []
    for path in sorted(files):
        try:
            if path.endswith((".bpmn", ".bpmn2")):
                diagrams.append(read(path, parse_xml(files[path], path)))
            elif path.endswith(".dmn"):
                decision, found = read_decision(path, parse_xml(files[path], path))
                findings += found
                if decision is not None:
                    findings += _twice(decision, decisions)
                    decisions[decision.id] = decision
        except NotDeployable as refusal:
            findings += refusal.findings
    return diagrams, decisions, findings


def _twice(decision: Decision, decisions: Mapping[str, Decision]) -> list[Finding]:
    if decision.id not in decisions:
        return []
    message = 'The decision "{id}" is also in {other}.'
    parameters = {"id": decision.id, "other": decisions[decision.id].path}
    return [Finding(decision.path, "dmn.twice", message, decision.id, parameters=parameters)]


def _program(
    diagrams: list[Diagram],
    elements: Mapping[str, Element],
    decisions: Mapping[str, Decision],
    specs: Mapping[str, Any],
    forms: Mapping[str, bytes],
    key: str,
) -> Program:
    names = {process: name for diagram in diagrams for process, name in diagram.processes.items()}
    main = main_process(diagrams)
    return Program(
        process_id=main,
        name=names[main],
        elements=elements,
        processes={process: diagram.path for diagram in diagrams for process in diagram.processes},
        flows={(flow.source, flow.target): flow.id for diagram in diagrams for flow in diagram.flows},
        decisions=decisions,
        start_messages=_start_messages(elements),
        forms=forms,
        digest=key,
        specs=specs,
        drawn=tuple(flow for diagram in diagrams for flow in diagram.flows),
    )


def main_process(diagrams: list[Diagram]) -> str:
    """The executable process that no other one calls; the first of them by file and place."""
    executable = [process for diagram in diagrams for process in diagram.executable]
    called = {element.called for diagram in diagrams for element in diagram.elements}
    return next((process for process in executable if process not in called), executable[0])


def _start_messages(elements: Mapping[str, Element]) -> dict[str, tuple[str, str]]:
    return {
        event.name: (element.process, element.id)
        for element in elements.values()
        if element.kind == "startEvent" and not element.within
        for event in element.events
        if event.kind == "message"
    }
