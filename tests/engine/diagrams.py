"""Small diagrams for the engine's tests, written as lists."""

from __future__ import annotations

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="t">
<bpmn:message id="m_letter" name="Letter"/><bpmn:signal id="s_hold" name="Hold"/>
<bpmn:error id="e_bad" name="Bad" errorCode="Bad"/><bpmn:escalation id="x_late" name="late" escalationCode="late"/>
"""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def process(key: str, *parts: str) -> bytes:
    """A whole file with one process."""
    inner = "".join(parts)
    text = f'{HEAD}<bpmn:process id="{key}" name="{key}" isExecutable="true">{inner}</bpmn:process></bpmn:definitions>'
    return text.encode()


def flows(*ids: str) -> str:
    """Sequence flows along a line of elements."""
    return "".join(flow(a, b) for a, b in zip(ids, ids[1:], strict=False))


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    key = f"f_{source}_{target}"
    return f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def start(key: str = "start", inner: str = "") -> str:
    return f'<bpmn:startEvent id="{key}">{inner}</bpmn:startEvent>'


def end(key: str = "end", inner: str = "") -> str:
    return f'<bpmn:endEvent id="{key}">{inner}</bpmn:endEvent>'


def properties(**values: str) -> str:
    inner = "".join(f'<spiffworkflow:property name="{k}" value="{_escape(v)}"/>' for k, v in values.items())
    return f"<spiffworkflow:properties>{inner}</spiffworkflow:properties>"


def user(key: str, **values: str) -> str:
    """A user task for the post `clerk` of the instance's organisation, unless said otherwise."""
    said = properties(**{"post": "clerk", "formJsonSchemaFilename": "any.form.json", **values})
    return (
        f'<bpmn:userTask id="{key}" name="{key}"><bpmn:extensionElements>{said}'
        "</bpmn:extensionElements></bpmn:userTask>"
    )


def script(key: str, text: str) -> str:
    return f'<bpmn:scriptTask id="{key}"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'


def service(key: str, name: str, result: str = "result", **parameters: str) -> str:
    inner = "".join(
        f'<spiffworkflow:parameter id="{k}" type="any" value="{_escape(v)}"/>' for k, v in parameters.items()
    )
    return (
        f'<bpmn:serviceTask id="{key}"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="{name}" resultVariable="{result}">'
        f"<spiffworkflow:parameters>{inner}</spiffworkflow:parameters>"
        "</spiffworkflow:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>"
    )


def timer(key: str, host: str, expression: str, kind: str = "timeDuration", interrupting: bool = True) -> str:
    """A boundary timer."""
    cancel = str(interrupting).lower()
    return (
        f'<bpmn:boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{cancel}"><bpmn:timerEventDefinition>'
        f"<bpmn:{kind}>{_escape(expression)}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def catch(key: str, definition: str, **values: str) -> str:
    """An intermediate catch event."""
    said = f"<bpmn:extensionElements>{properties(**values)}</bpmn:extensionElements>" if values else ""
    return f'<bpmn:intermediateCatchEvent id="{key}">{said}{definition}</bpmn:intermediateCatchEvent>'


def throw(key: str, definition: str, **values: str) -> str:
    """An intermediate throw event."""
    said = f"<bpmn:extensionElements>{properties(**values)}</bpmn:extensionElements>" if values else ""
    return f'<bpmn:intermediateThrowEvent id="{key}">{said}{definition}</bpmn:intermediateThrowEvent>'


LETTER = '<bpmn:messageEventDefinition messageRef="m_letter"/>'
HOLD = '<bpmn:signalEventDefinition signalRef="s_hold"/>'

FORM = b'{"type":"default","components":[{"type":"textfield","key":"note","label":"Note"}]}'


def version(*files: bytes) -> dict[str, bytes]:
    """Diagrams as the files of a version, with the one form that they use."""
    return {f"{number}.bpmn": data for number, data in enumerate(files)} | {"any.form.json": FORM}


TWO_TASKS = version(
    process("two", start(), user("draft"), user("review", post="head"), end(), flows("start", "draft", "review", "end"))
)
