"""SpiffWorkflow's tasks and workflows, lean: a task lives while its token does, then leaves the tree.

Stock SpiffWorkflow keeps every finished task, predicts tasks that may never come and walks the whole tree at each step;
the tree of a long instance costs more and more, and below a depth of 1,000 its token is lost without an error. Here a
finished token is taken out at once and its children hang from the root, so a tree is as large as what is going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.bpmn.execution import Execution

FUTURE, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED = TaskState.COMPLETED, TaskState.CANCELLED
FINISHED = TaskState.FINISHED_MASK


class Token(Task):  # type: ignore[misc]
    """A task with the moment each variable was written (`written`: name → tick) and where it came from (`source`)."""

    def __init__(self, workflow: Scope, task_spec: Any, parent: Token | None = None, id: str | None = None) -> None:
        self.id = id or workflow.execution.new_id()
        self.workflow, self.task_spec = workflow, task_spec
        self._parent: str | None = None
        self._children: list[str] = []
        self._state = FUTURE
        self.triggered, self.thread_id = False, 0
        self.data: dict[str, Any] = {}
        self.written: dict[str, int] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = workflow.execution.tick
        self.source = ""
        self.flowed = self.arrived = False
        self.chosen: list[str] | None = None
        workflow.tasks[self.id] = self
        if parent is not None:
            self._parent = parent.id
            parent._children.append(self.id)

    @property
    def is_live(self) -> bool:
        return not self._state & FINISHED

    def _set_state(self, value: int) -> None:
        if value != self._state:
            self._state = value
            self.last_state_change = self.workflow.execution.next_tick()
            self.workflow.execution.changed(self, value)

    def _ready(self) -> None:
        if self.is_live:
            self._set_state(READY)

    def _inherit_data(self) -> None:
        """Take over the parent's variables: values are shared, for nobody changes a value in place."""
        if not self.data:
            parent = self.parent
            self.data, self.written = dict(parent.data), dict(parent.written)
        else:
            self.absorb(self.parent)

    def absorb(self, other: Token, without: str = "") -> None:
        """Take every variable that the other token wrote later than this one."""
        for name, tick in other.written.items():
            if tick > self.written.get(name, -1) and name != without:
                self.data[name], self.written[name] = other.data[name], tick

    def put(self, name: str, value: Any) -> None:
        """Write a variable (a clean value)."""
        self.data[name], self.written[name] = value, self.workflow.execution.next_tick()

    def put_all(self, values: dict[str, Any]) -> None:
        for name in sorted(values):
            self.put(name, values[name])

    def tidy(self) -> None:
        """SpiffWorkflow itself has added or removed variables (data objects): mark what is new, forget what is gone."""
        self.written = {
            name: self.written.get(name) or self.workflow.execution.next_tick() for name in sorted(self.data)
        }

    def child(self, task_spec: Any, source: str = "") -> Token:
        """A new token below this one."""
        token = Token(self.workflow, task_spec, self)
        token.source = source
        return token

    def run(self) -> None:
        result = self.task_spec._run_hook(self)
        if self.is_live:
            self._set_state(STARTED) if result is None else self.complete()

    def complete(self) -> None:
        self._set_state(COMPLETED)
        self.task_spec._on_complete(self)

    def cancel(self) -> None:
        """Stop this token, the tokens it holds and the scope inside it; innermost first."""
        if not self.is_live:
            self.leave()
            return
        inner = self.workflow.execution.scopes.get(self.id)
        if inner is not None:
            inner.cancel()
        for child in self.children:
            child.cancel()
        self._set_state(CANCELLED)
        self.leave()

    def leave(self) -> None:
        """Out of the tree; what is still below hangs from the root."""
        tasks, root = self.workflow.tasks, self.workflow.task_tree
        if self is root or self.id not in tasks:
            return
        for key in self._children:
            tasks[key]._parent = root.id
        root._children.extend(self._children)
        self._children = []
        parent = tasks.get(self._parent)
        if parent is not None:
            parent._children.remove(self.id)
        del tasks[self.id]


class Scope(BpmnBaseWorkflow):  # type: ignore[misc]
    """One running process or sub-process: the instance itself, a called process, an embedded or event sub-process."""

    def __init__(self, execution: Execution, spec: Any, holder: Token | None = None) -> None:
        super().__init__(spec, deserializing=True)
        self.execution = execution
        self.holder = holder
        self.key = holder.id if holder is not None else ""
        self.depth: int = holder.workflow.depth + 1 if holder is not None else 0
        self.listeners: dict[str, Token] = {}
        self.task_tree: Token
        for name in spec.data_objects:
            self.data["data_objects"][name] = None

    @property
    def top_workflow(self) -> Any:
        return self.execution.scopes[""]

    @property
    def parent_workflow(self) -> Scope | None:
        return None if self.holder is None else self.holder.workflow

    @property
    def parent_task_id(self) -> str | None:
        return self.key or None

    @property
    def script_engine(self) -> Any:
        return self.execution

    def begin(self, data: dict[str, Any], written: dict[str, int], start: str = "") -> None:
        """Put a token on the start event (the one named, else the first) and arm the event sub-processes."""
        root = self.task_tree = Token(self, self.spec.start)
        root.data, root.written = data, written
        root._state = COMPLETED
        for listener in self.spec.listeners:
            listener.arm(root)
        starts = [self.spec.task_specs[name] for name in self.spec.start._outputs]
        first = root.child(next((event for event in starts if event.key == start), starts[0]))
        first.task_spec._update(first)

    def cancel(self) -> None:
        """Cancel every token, innermost first, and take the scope away."""
        for token in list(self.tasks.values()):
            if token.id in self.tasks:
                token.cancel()
        self.execution.forget(self)

    def clear(self, but: Token) -> None:
        """Cancel every token but one."""
        for token in list(self.tasks.values()):
            if token is not but and token.id in self.tasks:
                token.cancel()

    def finish(self, token: Token) -> None:
        """The scope has ended with this token's variables."""
        self.completed = True
        for listener in list(self.listeners.values()):
            listener.cancel()
        self.execution.ended(self, token)


def since(token: Token) -> int:
    """The order in which tokens came to where they are."""
    return int(token.last_state_change)
