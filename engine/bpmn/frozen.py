"""Instances as bytes: canonical, each value once however many tokens hold it; and the digest of what is under way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.bpmn.tokens import COMPLETED, WAITING, Scope, Token
from engine.bpmn.values import copied
from engine.canonical import digest, dump

if TYPE_CHECKING:
    from engine.bpmn.execution import Execution

FORMAT = 1
SIMPLE = frozenset([int, float, bool, type(None)])
SHORT = 64
"""Text up to this length is quicker told than digested."""


class Digests:
    """Digests of values, remembered while the same value is held: a step pays for what it changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def of(self, execution: Execution) -> str:
        """The digest of every live element with its variables."""
        kept: dict[int, tuple[Any, str]] = {}
        lines = [self._line(token, kept) for scope in execution.scopes.values() for token in scope.tasks.values()]
        self._known = kept
        return digest(dump([execution.is_completed, execution.has_failed, lines]))

    def _line(self, token: Token, kept: dict[int, tuple[Any, str]]) -> list[Any]:
        data = {name: self._value(value, kept) for name, value in token.data.items()}
        return [token.task_spec.name, token.workflow.key, token.id, token._state, data]

    def _value(self, value: Any, kept: dict[int, tuple[Any, str]]) -> Any:
        kind = type(value)
        if kind in SIMPLE or (kind is str and len(value) <= SHORT):
            return [value]
        known = kept.get(id(value)) or self._known.get(id(value)) or (value, digest(dump(value)))
        kept[id(value)] = known
        return known[1]


class _Values:
    """The table of distinct values."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}
        self._seen: dict[int, int] = {}

    def place(self, value: Any) -> int:
        found = self._seen.get(id(value))
        if found is None:
            spelled = dump(value)
            found = self._places.setdefault(spelled, len(self.values))
            if found == len(self.values):
                self.values.append(value)
            self._seen[id(value)] = found
        return found


def freeze(execution: Execution) -> bytes:
    """Canonical JSON of an execution that is at rest."""
    table = _Values()
    scopes = [_scope(scope, table) for scope in execution.scopes.values()]
    state = {
        "format": FORMAT,
        "tick": execution.tick,
        "completed": execution.is_completed,
        "failed": execution.has_failed,
        "waiting": list(execution.waiting),
        "scopes": scopes,
        "values": table.values,
    }
    return dump(state).encode()


def _scope(scope: Scope, table: _Values) -> dict[str, Any]:
    return {
        "key": scope.key,
        "spec": scope.spec.name,
        "data": table.place(scope.data),
        "completed": scope.completed,
        "listeners": list(scope.listeners),
        "tokens": [_token(token, table) for token in scope.tasks.values()],
    }


def _token(token: Token, table: _Values) -> list[Any]:
    data = {name: [table.place(token.data[name]), token.written.get(name, 0)] for name in sorted(token.data)}
    marks = [token.flowed, token.arrived]
    where = [token.id, token.task_spec.name, token._parent, token.source]
    return [*where, token._state, token.last_state_change, marks, table.place(token.internal_data), data]


def thaw(execution: Execution, frozen: bytes) -> Execution:
    """Fill a new execution from its frozen state. ValueError when it is of another format."""
    state = json.loads(frozen)
    if state.get("format") != FORMAT:
        raise ValueError("a snapshot of another format")
    execution.tick = state["tick"]
    execution.is_completed, execution.has_failed = state["completed"], state["failed"]
    tokens: dict[str, Token] = {}
    for described in state["scopes"]:
        _thaw_scope(execution, described, state["values"], tokens)
    execution.waiting.update((key, tokens[key]) for key in state["waiting"])
    joins = [token for token in tokens.values() if token.task_spec.is_join and token._state == WAITING]
    execution._joins.update((token.id, token) for token in joins)
    watched = [token for token in tokens.values() if token._state == WAITING and "held" in token.internal_data]
    execution._watched.update((token.id, token) for token in watched)
    return execution


def _thaw_scope(execution: Execution, described: dict[str, Any], values: list[Any], tokens: dict[str, Token]) -> None:
    key = described["key"]
    scope = Scope(execution, execution.program.spec(described["spec"]), tokens.get(key))
    execution.scopes[key] = scope
    scope.data, scope.completed = copied(values[described["data"]]), described["completed"]
    for line in described["tokens"]:
        token = _thaw_token(scope, line, values)
        tokens[token.id] = token
    for token in scope.tasks.values():
        if token._parent is not None:
            scope.tasks[token._parent]._children.append(token.id)
    scope.listeners.update((name, scope.tasks[name]) for name in described["listeners"])


def _thaw_token(scope: Scope, line: list[Any], values: list[Any]) -> Token:
    key, name, parent, source, state, changed_at, marks, internal, data = line
    token = Token(scope, scope.spec.task_specs[name], id=key)
    token._parent, token.source, token._state, token.last_state_change = parent, source, state, changed_at
    token.flowed, token.arrived = marks
    token.internal_data = copied(values[internal])
    token.data = {variable: values[place] for variable, (place, _) in data.items()}
    token.written = {variable: tick for variable, (_, tick) in data.items()}
    if parent is None and state == COMPLETED:
        scope.task_tree = token
    return token
