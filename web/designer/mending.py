"""Findings as an editor shows them: where, what, and a word on how to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from engine import authoring
from engine.refusals import Finding
from web import i18n

FORM = _("Open the form, choose the marked field and correct what is named.")
TABLE = _("Open the decision table and correct the marked rule or column.")
FLOW = _("Draw the flow anew between two elements of the same process.")
EVENT = _("Choose the event and say in the properties what it waits for or throws.")
RULE = _("Follow the way that is shown, and close it before this step.")
MEND: Mapping[str, Any] = {
    "bpmn.none": _("Add a diagram, or import one."),
    "bpmn.process.none": _("Mark the process as executable in its properties."),
    "bpmn.id.missing": _("Give the element an id in its properties."),
    "bpmn.id.twice": _("Give one of the two another id: ids are unique over all files of the procedure."),
    "bpmn.unsupported": _("Replace the element by one that the palette offers."),
    "bpmn.store": _("Use a variable, or a data object instead."),
    "bpmn.start.none": _("Draw a start event and lead a flow from it to the first step."),
    "bpmn.start.several": _("Leave one plain start event; start the others by a message."),
    "bpmn.unreachable": _("Lead a flow to this element, or remove it."),
    "bpmn.flow.loose": _("Connect both ends of the flow, or remove it."),
    "bpmn.flow.crosses": FLOW,
    "bpmn.flow.twin": _("Remove one of the two flows, or put a gateway between."),
    "bpmn.flow.condition": _("Put an exclusive gateway in front of it and move the condition there."),
    "bpmn.flow.several": _("Put a gateway behind this element and let the flows leave from there."),
    "bpmn.flow.open": _("Give the flow a condition, or make it the default flow of its gateway."),
    "bpmn.flow.nodefault": _("Choose one of the flows as the default."),
    "bpmn.flow.default": _("Choose the default among the flows that leave this gateway."),
    "bpmn.flow.none": _("Lead a flow on from here."),
    "bpmn.flow.after": _("Remove the flow that leaves this element."),
    "bpmn.flow.before": _("Remove the flow that leads to this element."),
    "bpmn.event.reference": EVENT,
    "bpmn.event.kind": _("Choose another kind of event here."),
    "bpmn.event.name": _("Give the message or signal a name."),
    "bpmn.event.none": EVENT,
    "bpmn.correlation": _(
        "Give the message events a correlation key in their properties, and take the key out of the collaboration."
    ),
    "bpmn.event.several": _("Leave one event definition."),
    "bpmn.error.interrupts": _("Make the boundary event interrupting."),
    "bpmn.timer.none": _("Say in the properties when the timer is due, such as 2 working days."),
    "bpmn.timer.cycle": _("Use a deadline here; periods belong to the schedule of the procedure."),
    "bpmn.timer.quotes": _("Choose the period again in the properties; it is then written rightly."),
    "bpmn.eventgateway": _("Lead the flow to an event that waits."),
    "bpmn.boundary.loose": _("Drop the event on the border of the step it belongs to."),
    "bpmn.script.none": _("Write the script in the properties, or use another kind of task."),
    "bpmn.script": _("Use variables, comparisons and the offered functions only."),
    "bpmn.service.none": _("Choose a service in the properties."),
    "bpmn.service.topic": _("Write a topic of letters, digits, points and hyphens."),
    "bpmn.service.unknown": _("Choose one of the offered services."),
    "bpmn.decision.unknown": _("Choose a decision table of this draft in the properties, or add one."),
    "bpmn.form.missing": _("Choose a form of this draft in the properties, or add one."),
    "bpmn.called.unknown": _("Choose the called process in the properties; its diagram belongs to the same files."),
    "bpmn.separate.unknown": _("Choose the earlier step again in the properties."),
    "bpmn.loop.here": _("Take the repetition off this element."),
    "bpmn.loop.endless": _("Say until when, or how often at most."),
    "bpmn.loop.over": _("Name the list whose items are gone through, or a number, not both."),
    "bpmn.loop.item": _("Name the variable of one item."),
    "bpmn.sub.start": _("Leave exactly one start event in the sub-process."),
    "bpmn.sub.end": _("Draw an end event in the sub-process."),
    "bpmn.unreadable": _("Draw this part of the diagram anew."),
    "rule.order": RULE,
    "rule.owed": _("Lead every way to an end past the step that is owed."),
    "rule.locked": _("Give every way an end that can be reached."),
    "rule.count": _("Let no way come back to this step."),
    "rule.person": _("Name the earlier step under “other people than” in the properties."),
    "rule.mechanism": _("Use the service or the kind of step that the rule names."),
    "rule.deadline": _("Give the step a deadline with a reminder and an escalation."),
    "rule.too-large": _("Draw it in smaller parts, with fewer things going on at once."),
    "rule.unknown": _("Draw it with other elements."),
    "rule.act": _("Choose one of the acts that the regulation names."),
    "drawing.missing": _("Let the diagram be laid out, or draw the element again."),
    "drawing.overlap": _("Move one of the two aside."),
    "drawing.lane": _("Move the element into its lane."),
    "drawing.line": _("Bend the line round the element."),
    "xml.size": _("Split the file."),
    "xml.syntax": _("Export the file again from the tool that wrote it."),
    "xml.doctype": _("Remove the document type declaration."),
    "xml.entity": _("Replace the entity by its text."),
    "xml.depth": _("Nest the elements less deeply."),
    "xml.kind": _("Choose the right file."),
    "json": _("Export the form again from the tool that wrote it."),
    "json.form": _("Choose the right file."),
    "dmn.policy": _("Choose UNIQUE, FIRST, ANY, RULE ORDER or COLLECT in the upper left corner of the table."),
    "dmn.tables": _("Keep one decision table in each file."),
    "dmn.default": _("Remove the default output, or write a rule for the cases that no other rule fits."),
    "dmn.outputs": _("Give every output column a name of its own."),
    "dmn.twice": _("Give one of the two decisions another id."),
}
KINDS = {"bpmn": "bpmn", "dmn": "dmn", "form": "form", "json": "form", "drawing": "drawing", "xml": "xml"}


def spoken(finding: Finding, names: Mapping[tuple[str, str], str] | None = None) -> dict[str, Any]:
    """A finding in the reader's language. `names`: (path, element) → what people call the element."""
    known = names or {}
    said = {
        key: (isinstance(value, str) and known.get((finding.path, value))) or value
        for key, value in finding.parameters.items()
    }
    return {
        "path": finding.path,
        "element": finding.element,
        "name": known.get((finding.path, finding.element or ""), ""),
        "line": finding.line,
        "level": finding.level,
        "code": finding.code,
        "kind": KINDS.get(finding.code.partition(".")[0], "bpmn"),
        "message": i18n.refusal(finding.message, said),
        "mend": mend(finding.code),
        "steps": [
            {**step, "name": known.get((step["path"], step["element"]), "")}
            for step in finding.parameters.get("steps", ())
        ],
    }


def mend(code: str) -> str:
    """How to mend such a finding."""
    if code in MEND:
        return str(MEND[code])
    return str({"dmn": TABLE, "form": FORM}.get(code.partition(".")[0], ""))


def called(files: Mapping[str, bytes]) -> dict[tuple[str, str], str]:
    """(path, element) → name, for elements, flows and fields of forms."""
    sketch = authoring.sketch(files)
    found = {(element.path, element.id): element.name for element in sketch.elements.values()}
    by_id = {element.id: element.name for element in sketch.elements.values()}
    found |= {(flow.path, flow.id): _way(by_id, flow.source, flow.target) for flow in sketch.flows}
    found |= {(decision.path, key): decision.name for key, decision in sketch.decisions.items()}
    for path, data in files.items():
        if path.endswith(".form.json"):
            found |= {(path, key): label for key, label in _labels(data)}
    return found


def _way(names: Mapping[str, str], source: str, target: str) -> str:
    """What a sequence flow is called: from where to where."""
    return f"{names.get(source) or source} → {names.get(target) or target}"


def _labels(data: bytes) -> list[tuple[str, str]]:
    try:
        return list(_fields(json.loads(data).get("components", ())))
    except (ValueError, AttributeError, TypeError):
        return []


def _fields(components: Any) -> Any:
    for component in components:
        yield str(component.get("key") or component.get("id") or ""), str(component.get("label") or "")
        yield from _fields(component.get("components", ()))
