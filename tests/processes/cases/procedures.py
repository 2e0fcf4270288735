"""Small procedures that begin with a form, or with the message of another one."""

from __future__ import annotations

import json

from tests.engine.diagrams import LETTER, flows, process, properties, throw, timer, user

FORM = json.dumps(
    {
        "type": "default",
        "components": [
            {"type": "textfield", "key": "title", "label": "Title", "validate": {"required": True}},
            {"type": "textfield", "key": "unit", "label": "Unit"},
        ],
    }
).encode()
NOTE = b'{"type":"default","components":[{"type":"textfield","key":"note","label":"Note"}]}'


def start(inner: str = "", **said: str) -> str:
    """A start event with a form, for the post `handler` unless said otherwise."""
    given = properties(**{"formJsonSchemaFilename": "start.form.json", "post": "handler", "variable": "said", **said})
    extension = f"<bpmn:extensionElements>{given}</bpmn:extensionElements>"
    return f'<bpmn:startEvent id="asked" name="Asked">{extension}{inner}</bpmn:startEvent>'


def plain_end(key: str, name: str) -> str:
    return f'<bpmn:endEvent id="{key}" name="{name}"/>'


def late(task: str, code: str, when: str) -> str:
    """A timer on a task that throws an escalation."""
    given = f'<bpmn:escalationEventDefinition escalationRef="x_{code}"/>'
    event = timer(f"{task}_{code}", task, when, "timeDate", interrupting=False)
    return (
        event
        + f'<bpmn:endEvent id="{task}_{code}_end">{given}</bpmn:endEvent>'
        + flows(f"{task}_{code}", f"{task}_{code}_end")
    )


def files(*parts: str, key: str = "asking") -> dict[str, bytes]:
    data = process(key, *parts)
    codes = "".join(f'<bpmn:escalation id="x_{code}" escalationCode="{code}"/>' for code in ("overdue", "remind"))
    data = data.replace(b"<bpmn:process", codes.encode() + b"<bpmn:process", 1)
    return {f"{key}.bpmn": data, "start.form.json": FORM, "note.form.json": NOTE}


def asking(**said: str) -> dict[str, bytes]:
    """Asked with a form, answered by the principal officer within two working days."""
    return files(
        start(**said),
        user(
            "answer",
            post="principal_officer",
            organisation='seats["principal_officer"]',
            formJsonSchemaFilename="note.form.json",
            due='settings["t.review"]',
        ),
        late("answer", "remind", 'reminder("2wd")'),
        late("answer", "overdue", 'deadline("2wd")'),
        plain_end("answered", "Answered"),
        flows("asked", "answer", "answered"),
    )


def sending() -> dict[str, bytes]:
    """Asked with a form, then it writes a letter that begins another procedure and waits for the reply."""
    letter = '{"title": "Please look", "organisation": "orgdept"}'
    return files(
        start(),
        throw("send", LETTER, correlation="case", payload=letter),
        '<bpmn:intermediateCatchEvent id="wait"><bpmn:extensionElements>'
        + properties(correlation="case")
        + '</bpmn:extensionElements><bpmn:messageEventDefinition messageRef="m_reply"/></bpmn:intermediateCatchEvent>',
        plain_end("replied", "Replied"),
        flows("asked", "send", "wait", "replied"),
        key="sending",
    )


def receiving() -> dict[str, bytes]:
    """Begun by the letter; the handler of its organisation does something, then it replies."""
    reply = (
        '<bpmn:endEvent id="answered" name="Answered"><bpmn:extensionElements>'
        + properties(correlation='links["case"]', payload='{"note": "done"}')
        + '</bpmn:extensionElements><bpmn:messageEventDefinition messageRef="m_reply"/></bpmn:endEvent>'
    )
    return files(
        f'<bpmn:startEvent id="came" name="Letter came">{LETTER}</bpmn:startEvent>',
        user("look", post="handler", organisation="organisation", formJsonSchemaFilename="note.form.json"),
        reply,
        flows("came", "look", "answered"),
        key="receiving",
    )


def with_reply(made: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: data.replace(b"<bpmn:process", b'<bpmn:message id="m_reply" name="Reply"/><bpmn:process', 1)
        if path.endswith(".bpmn")
        else data
        for path, data in made.items()
    }
