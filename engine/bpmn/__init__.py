"""The door to SpiffWorkflow: diagrams are compiled, checked and executed here and nowhere else.

What a diagram says beside plain BPMN (extension properties `spiffworkflow:property name= value=`):

- user task, or its lane: `post`, `organisation`, `person`, `due` (expressions but for `post`), `separate_from` (element
  ids with commas), `state`, `formJsonSchemaFilename`, `variable` (keeps the submission whole instead of at top level).
- several instances of any activity: `collection` (expression giving a list), `item` (the variable of one element),
  `output` (the variable that receives the list of results in the order of the collection: for a user task the
  submission, else what the instance wrote, with the item under its name) and `bpmn:multiInstanceLoopCharacteristics`,
  `isSequential="true"` for one after the other. An empty collection is done at once. The standard loopDataInputRef
  (read as an expression), inputDataItem, loopDataOutputRef and loopCardinality are understood too.
- message and signal events, receive and send tasks: `correlation` (expression: the key), `payload` (expression, when
  throwing), `variable` (keeps what came whole; a boundary error event so keeps {code, reason}).
- business rule task: `spiffworkflow:calledDecisionId`; the answer goes under `variable` or the element's id.
- service task: `spiffworkflow:serviceTaskOperator` with parameters (expressions) and `resultVariable`.
- timers: an expression giving an instant, `deadline("2wd")`, `reminder("2wd")`, "PT24H", or for a duration "2wd".

When branches meet, each variable keeps the value that was written last. Values are JSON and are never changed in
place; a script that changes one is given a copy.
"""

from __future__ import annotations

from engine.bpmn import repair
from engine.bpmn.diagram import Element
from engine.bpmn.execution import Execution
from engine.bpmn.outcome import OpenTask, Outcome, Subscription, Thrown, WaitingTimer
from engine.bpmn.program import Program, check, compile_version
from engine.bpmn.sandbox import ScriptFailed
from engine.bpmn.seal import Seal
from engine.bpmn.values import clean
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
    "clean",
    "compile_version",
    "difference",
    "parse_xml",
    "repair",
]
