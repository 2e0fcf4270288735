"""The diagrams that are measured: five steps, the same with sixty user tasks, and their one form."""

from __future__ import annotations

import json
from pathlib import Path

FIVE = (Path(__file__).parent / "five_step.bpmn").read_bytes()
FORM = json.dumps(
    {
        "id": "form",
        "type": "default",
        "components": [
            {"type": "checkbox", "key": "approved_2", "label": "同意", "properties": {"en": "Agreed"}},
            {"type": "textarea", "key": "opinion", "label": "意见", "properties": {"en": "Opinion"}},
        ],
    },
    ensure_ascii=False,
).encode()
SUBMISSION = {"approved_2": True, "opinion": "同意公开，请按程序办理。" * 4}


def chain(length: int) -> bytes:
    """A diagram of `length` user tasks in a row, opened by the script of the five steps."""
    ids = [f"review_{number}" for number in range(1, length + 1)]
    flows = list(zip(["StartEvent_1", "prepare", *ids], ["prepare", *ids, "End_1"], strict=True))
    tasks = "".join(_TASK.format(id=id) for id in ids)
    arrows = "".join(_FLOW.format(n=n, a=a, b=b) for n, (a, b) in enumerate(flows))
    return _FRAME.format(length=length, tasks=tasks, arrows=arrows).encode()


_TASK = """<bpmn:userTask id="{id}" name="Review"><bpmn:extensionElements><spiffworkflow:properties>
<spiffworkflow:property name="formJsonSchemaFilename" value="form.json"/>
</spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>"""

_FLOW = '<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'

_FRAME = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="Definitions_chain" targetNamespace="bench">
<bpmn:process id="Process_chain_{length}" name="{length} user tasks" isExecutable="true">
<bpmn:startEvent id="StartEvent_1"/><bpmn:scriptTask id="prepare"><bpmn:script>subject = "Annual procurement result"
category = "finance"
steps_done = 0
body = "x" * 600</bpmn:script></bpmn:scriptTask>{tasks}<bpmn:endEvent id="End_1"/>{arrows}
</bpmn:process></bpmn:definitions>"""

LOOP = b"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="Definitions_loop" targetNamespace="bench">
<bpmn:process id="loop" name="A return loop" isExecutable="true"><bpmn:startEvent id="start"/>
<bpmn:exclusiveGateway id="back"/><bpmn:userTask id="review" name="Review"><bpmn:extensionElements>
<spiffworkflow:properties><spiffworkflow:property name="formJsonSchemaFilename" value="form.json"/>
</spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>
<bpmn:exclusiveGateway id="enough" default="again"/><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="back"/>
<bpmn:sequenceFlow id="f2" sourceRef="back" targetRef="review"/>
<bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="enough"/>
<bpmn:sequenceFlow id="again" sourceRef="enough" targetRef="back"/>
<bpmn:sequenceFlow id="f4" sourceRef="enough" targetRef="end">
<bpmn:conditionExpression>not approved_2</bpmn:conditionExpression></bpmn:sequenceFlow>
</bpmn:process></bpmn:definitions>"""
"""One task, done again and again."""
