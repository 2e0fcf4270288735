"""Service tasks: what a diagram may ask of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.outcomes import Answer, Call, Failed
from engine.refusals import Refusal


class UndeclaredError(Refusal):
    """The service "{service}" answered the error "{code}", which it does not declare. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that diagrams call by `name`.

    Inside: `run` writes our own tables in the command's transaction and answers Done or Failed; a Refusal that it
    raises refuses the whole command. Outside: `run` is called after the commit, at least once, with `call.id` as
    idempotency key; it may also answer Retry or GiveUp, and what it raises counts as Retry.

    `codes`: the BPMN errors that it may answer, None for any. Another one is refused, so that the proof of a diagram
    may rely on them.

    Nobody goes back behind what a final one did.
    """

    name: str
    run: Callable[[Session, Call], Answer]
    inside: bool = True
    codes: tuple[str, ...] | None = ()
    is_final: bool = False

    def ask(self, session: Session, call: Call) -> Answer:
        """Run it, and hold it to the errors that it declares."""
        answer = self.run(session, call)
        if isinstance(answer, Failed) and self.codes is not None and answer.code not in self.codes:
            raise UndeclaredError(service=self.name, code=answer.code)
        return answer
