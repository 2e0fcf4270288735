"""The procedure under trial: every kind of step that somebody outside is told of, one after the other.

Its journal can have one shape only, so that whatever was lost, doubled or turned round shows.
"""

from __future__ import annotations

from tests.engine.diagrams import end, flows, process, properties, service, start, user, version

BEGINS, GOES, TOPIC = "TrialBegins", "TrialGoes", "trial"
SHAPE = ["start", "answer", "deliver", "answer", "fire", "complete"]
"""The kinds of the entries of a finished trial."""


def _message(reference: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


_GO = (
    '<bpmn:intermediateCatchEvent id="go" name="go"><bpmn:extensionElements>'
    f"{properties(correlation='key')}</bpmn:extensionElements>{_message('m_goes')}</bpmn:intermediateCatchEvent>"
)
_WAIT = (
    '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>'1s'</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)
_MESSAGES = f'<bpmn:message id="m_begins" name="{BEGINS}"/><bpmn:message id="m_goes" name="{GOES}"/>'
FILES = {
    name: data.replace(b'<bpmn:message id="m_letter" name="Letter"/>', _MESSAGES.encode())
    for name, data in version(
        process(
            "trial",
            start("begin", _message("m_begins")),
            service("work", f"external:{TOPIC}", "worked", number="number", trial="key"),
            _GO,
            service("tell", "webhook", "told", url="hook", body='{"key": key, "number": worked.number}'),
            _WAIT,
            user("approve", post="head_approver"),
            end(),
            flows("begin", "work", "go", "tell", "wait", "approve", "end"),
        )
    ).items()
}
