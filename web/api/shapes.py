"""What requests and answers look like: each field with its check, said in the asker's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from flask_babel import gettext
from flask_babel import gettext as _
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from engine.refusals import Invalid

LONGEST_LOCK = 24 * 3600
LONGEST_WAIT = 30
LONGEST_PAUSE = 30 * 24 * 3600


def line(longest: int) -> Callable[[str], None]:
    """A check: one line of text with something in it."""

    def check(value: str) -> None:
        if not value.strip():
            raise ValidationError(_("Please say something here."))
        if len(value) > longest:
            raise ValidationError(_("At most %(most)s characters.", most=longest))
        if any(not sign.isprintable() for sign in value):
            raise ValidationError(_("One line of plain text, please."))

    check.longest = longest  # type: ignore[attr-defined]
    return check


def between(low: int, high: int) -> Callable[[int], None]:
    """A check: a number in these bounds."""

    def check(value: int) -> None:
        if not low <= value <= high:
            raise ValidationError(_("A whole number from %(low)s to %(high)s.", low=low, high=high))

    check.bounds = (low, high)  # type: ignore[attr-defined]
    return check


def few(most: int) -> Callable[[list[Any]], None]:
    """A check: at least one and not too many."""

    def check(value: list[Any]) -> None:
        if not 1 <= len(value) <= most:
            raise ValidationError(_("From one to %(most)s of them.", most=most))

    check.most = most  # type: ignore[attr-defined]
    return check


class Seconds(fields.Integer):
    """A whole number of seconds in these bounds."""

    def __init__(self, low: int, high: int, **more: Any) -> None:
        super().__init__(strict=True, validate=between(low, high), **more)


class Asked(Schema):
    """A request: what it does not know is refused."""

    class Meta:
        unknown = RAISE


class Told(Schema):
    """An answer."""

    class Meta:
        unknown = EXCLUDE


class Message(Asked):
    """A message for whoever waits for it. The same idempotency key delivers once, however often it is sent."""

    name = fields.String(
        required=True, validate=line(200), metadata={"description": "The message's name in the diagram"}
    )
    key = fields.String(required=True, validate=line(200), metadata={"description": "The correlation key"})
    payload = fields.Dict(load_default=dict, metadata={"description": "Variables that come with it"})
    idempotency_key = fields.String(required=True, validate=line(128))


class Delivered(Told):
    """Where it went: the instance and the entry of its journal. `again`: it had been delivered before."""

    instance = fields.String(required=True)
    position = fields.Integer(required=True)
    started = fields.Boolean(required=True)
    again = fields.Boolean(required=True)


class Held(Asked):
    """Who asks: the worker that holds the task."""

    worker = fields.String(required=True, validate=line(100))


class Fetch(Held):
    """Work of these topics, held for `lock_seconds`. With `wait_seconds` the answer waits until there is some."""

    topics = fields.List(fields.String(validate=line(64)), required=True, validate=few(50))
    max = fields.Integer(load_default=10, strict=True, validate=between(1, 100))
    lock_seconds = Seconds(1, LONGEST_LOCK, load_default=60)
    wait_seconds = Seconds(0, LONGEST_WAIT, load_default=0)


class Task(Told):
    """A call of a service task. `id` stays the same however often it is fetched: the key of the effect outside."""

    id = fields.String(required=True)
    topic = fields.String(required=True)
    arguments = fields.Dict(required=True)
    element = fields.String(required=True)
    instance = fields.String(required=True)
    definition = fields.String(required=True)
    subject = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    attempts = fields.Integer(required=True)
    retries = fields.Integer(required=True, allow_none=True)
    locked_until = fields.AwareDateTime(required=True)


class Fetched(Told):
    """What the worker now holds; perhaps nothing."""

    tasks = fields.List(fields.Nested(Task), required=True)


class Extension(Held):
    """Hold it longer, counted from now."""

    lock_seconds = Seconds(1, LONGEST_LOCK, required=True)


class Extended(Told):
    """Until when it is held now."""

    locked_until = fields.AwareDateTime(required=True)


class Completion(Held):
    """It is done; `result` (any JSON) becomes the result variable of the service task."""

    result = fields.Raw(load_default=None, allow_none=True)


class Error(Held):
    """A business error: the boundary event with this code catches it; uncaught it ends the instance as failed."""

    code = fields.String(required=True, validate=line(100))
    reason = fields.String(load_default="", metadata={"description": "Said to people"})


class Answered(Told):
    """The entry of the journal that says so. `again`: it was written at an earlier time."""

    instance = fields.String(required=True)
    position = fields.Integer(required=True)
    again = fields.Boolean(required=True)


class Failure(Held):
    """It did not work. With no `retries` left it becomes an incident for an operator."""

    reason = fields.String(required=True)
    retries = fields.Integer(required=True, strict=True, validate=between(0, 1000))
    retry_seconds = Seconds(0, LONGEST_PAUSE, load_default=0)


class Nothing(Told):
    """Done; there is nothing to say."""


def read(shape: type[Asked], said: Any) -> dict[str, Any]:
    """The request as its shape reads it; Invalid names each wrong field."""
    try:
        return cast(dict[str, Any], shape().load(said))
    except ValidationError as error:
        raise Invalid(_spoken(error.messages_dict)) from None


def seconds(value: int) -> timedelta:
    """A period."""
    return timedelta(seconds=value)


def _spoken(messages: Any) -> Any:
    if isinstance(messages, Mapping):
        return {str(key): _spoken(value) for key, value in messages.items()}
    return [gettext(str(each)) for each in messages]
