"""The door to SpiffWorkflow: diagrams are compiled, checked and executed here and nowhere else."""

from __future__ import annotations

from engine.bpmn.diagram import Element
from engine.bpmn.execution import Execution
from engine.bpmn.outcome import OpenTask, Outcome, Subscription, Thrown, WaitingTimer
from engine.bpmn.program import Program, check, compile_version
from engine.bpmn.sandbox import ScriptFailed
from engine.bpmn.seal import Seal
from engine.bpmn.withdrawal import difference
from engine.bpmn.xml import parse_xml

__all__ = [
    "Element",
    "Execution",
    "OpenTask",
    "Outcome",
    "Program",
    "ScriptFailed",
    "Seal",
    "Subscription",
    "Thrown",
    "WaitingTimer",
    "check",
    "compile_version",
    "difference",
    "parse_xml",
]
