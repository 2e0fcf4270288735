"""Every way the engine says no. The docstring is the message; its {names} are the refusal's parameters.

The web translates the docstring and maps the class to a status in one table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class Saying(str):
    """A phrase inside a message: English text that knows its `template`, so that a translator can say it anew.

    A parameter may be a phrase itself.
    """

    template: str
    parameters: Mapping[str, Any]

    def __new__(cls, template: str, **parameters: Any) -> Saying:
        phrase = super().__new__(cls, template.format(**parameters))
        phrase.template, phrase.parameters = template, parameters
        return phrase


class Refusal(Exception):
    """The request was refused."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__()
        self.parameters = parameters

    @property
    def template(self) -> str:
        """The message before its parameters are filled in: what a translator sees."""
        return " ".join((type(self).__doc__ or "").split())

    def __str__(self) -> str:
        try:
            return self.template.format(**self.parameters)
        except (KeyError, IndexError):
            return self.template


class NotFound(Refusal):
    """There is no {what} "{key}"."""


class NotAllowed(Refusal):
    """You may not do this: {reason}"""


class NotYourTask(NotAllowed):
    """This task is for another post."""


class MustBeSomebodyElse(NotAllowed):
    """Whoever did "{earlier}" may not do this task; somebody else must."""


class NotTaken(NotAllowed):
    """You have not taken this task."""


class NotWithdrawable(NotAllowed):
    """This can no longer be withdrawn: only who acted last may, while nobody has acted since."""


class AlreadyDone(Refusal):
    """{by} has already done this task at {at}. Nothing was changed."""


class AlreadyClaimed(Refusal):
    """{by} took this task at {at}."""


class NotOpen(Refusal):
    """This is no longer open: {what}. Nothing was changed."""


class Suspended(Refusal):
    """This is suspended: {what}. Nothing was changed; it can be done when somebody has resumed it."""


class OtherPosts(NotAllowed):
    """Your posts do not cover this."""


class ReasonMissing(Refusal):
    """Please say why."""


class Invalid(Refusal):
    """Please correct what is marked."""

    def __init__(self, errors: Mapping[str, Any], **parameters: Any) -> None:
        super().__init__(**parameters)
        self.errors = errors
        """Field key → list of messages, nested as the form is."""


class NoReceiver(Refusal):
    """Nothing waits for the message "{name}" with the key "{key}"."""


class SeveralReceivers(Refusal):
    """{count} instances wait for the message "{name}" with the key "{key}". It was delivered to none."""


class SeveralStarts(SeveralReceivers):
    """The message "{name}" starts more than one procedure: {keys}. It started none."""


class KeyUsed(Refusal):
    """The idempotency key "{key}" was used before for something else. Nothing was changed."""


class NotHeld(Refusal):
    """You do not hold this task: it was never locked by you, or its lock ran out and another worker has it."""


class Diverged(Refusal):
    """Instance {instance} does not replay: entry {position} differs. {reason}"""


class Broken(Refusal):
    """{what} {key} is broken: {reason}"""


class NewerDatabase(Refusal):
    """The database is at revision {revision}, which this release does not know. Install the newer release."""


class Overtaken(Refusal):
    """Somebody else was faster. Nothing was changed; please look again."""


class ServiceRefused(Refusal):
    """{reason}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a diagram, table or form, and where.

    `message` is English with {names}; `parameters` fills them. `element` is the id of the BPMN/DMN element or form
    field, `line` counts from 1 in the file; both may be unknown.
    """

    path: str
    code: str
    message: str
    element: str | None = None
    line: int | None = None
    level: str = "error"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        place = self.path + (f":{self.line}" if self.line else "") + (f" [{self.element}]" if self.element else "")
        return f"{place}: {self.message.format(**self.parameters)}"


class NotDeployable(Refusal):
    """The version was not deployed: {count} findings."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(count=len(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.findings)])
