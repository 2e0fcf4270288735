"""How each kind of element behaves: SpiffWorkflow's task specs with what we hold differently.

Stock specs are parsed by SpiffWorkflow and then adopted (`parse.py`). A spec is shared by all instances of a version
and holds nothing of any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn.sandbox import Expression, Script
from engine.bpmn.tokens import READY, STARTED, WAITING, Scope, Token, since
from engine.bpmn.words import ErrorThrown
from engine.outcomes import Call, Failed, topic_of
from engine.refusals import Refusal

if TYPE_CHECKING:
    from engine.bpmn.decisions import Decision
    from engine.bpmn.diagram import Element
    from engine.bpmn.execution import Execution


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out of an activity with conditions: those without one always, and each whose condition holds, else the
    default."""

    places: Mapping[str, int]
    always: tuple[str, ...]
    conditions: tuple[tuple[Expression, str], ...]
    otherwise: str | None

    def of(self, my_task: Token, element: str) -> list[str]:
        """NoWay when none leads on."""
        chosen = [target for condition, target in self.conditions if condition.value(my_task.data, element)]
        if not chosen and self.otherwise is not None:
            chosen.append(self.otherwise)
        if not chosen and not self.always:
            raise NoWay(element=element)
        return sorted((*self.always, *chosen), key=self.places.__getitem__)


class NoWay(Refusal):
    """No way leads on from "{element}": no condition holds and there is no default flow."""


class NoData(Refusal):
    """The element "{element}" needs the data "{data}", which is not there."""


class Lean(BpmnTaskSpec):  # type: ignore[misc]
    """A spec without prediction: children come when their parent completes, and finished tokens leave."""

    element: Element | None
    before: Script | None
    after: Script | None
    choice: Ways | None = None
    """Which of its ways go on, where they have conditions."""
    is_task = False
    """Somebody has to do it."""
    is_join = False
    """Several tokens become one: entered only when it goes on."""
    shows = True
    """Its own coming and going belongs into the trace."""
    arrives_at = STARTED | READY | WAITING
    """The states in which a token has arrived here for all to see."""

    @property
    def key(self) -> str:
        return self.element.id if self.element is not None else ""

    def _predict(self, my_task: Token, *_: Any, **__: Any) -> None:
        """Nothing is predicted."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Token) -> Any:
        my_task._inherit_data()
        if self.data_input_associations or self.io_specification is not None:
            self._exchange(super()._update_hook, my_task)
        if self.before is not None:
            my_task.put_all(self.before.changed(my_task.data, self.key))
        return True

    def _run_hook(self, my_task: Token) -> Any:
        return True

    def _on_complete(self, my_task: Token) -> None:
        if self.data_output_associations or self.data_input_associations or self.io_specification is not None:
            self._exchange(super()._on_complete_hook, my_task)
        if self.after is not None:
            my_task.put_all(self.after.changed(my_task.data, self.key))
        holder = my_task.parent
        for child in self.children_of(my_task):
            child.task_spec._update(child)
        if holder._state == STARTED:
            holder.task_spec.child_done(holder, my_task)
        my_task.leave()

    def _exchange(self, hook: Callable[[Token], Any], my_task: Token) -> None:
        """SpiffWorkflow's reading and writing of data objects, inputs and outputs."""
        try:
            hook(my_task)
        except WorkflowDataException as error:
            missing = getattr(error.data_input or error.data_output, "bpmn_id", None) or "?"
            raise NoData(element=self.key, data=missing) from None
        my_task.tidy()

    def children_of(self, my_task: Token) -> list[Token]:
        """One token for each way that goes on."""
        source = self.key or my_task.source
        specs = self._wf_spec.task_specs
        return [my_task.child(specs[name], source) for name in self.ways(my_task)]

    def ways(self, my_task: Token) -> Iterable[str]:
        return self._outputs if self.choice is None else self.choice.of(my_task, self.key)

    def arrives(self, my_task: Token, state: int) -> bool:
        """Has the token arrived here for all to see?"""
        return bool(state & self.arrives_at)

    def child_done(self, my_task: Token, child: Token) -> None:
        """A child token completed; only what holds its children cares."""


class Start(Lean):
    """The beginning of a scope."""

    shows = False


class Plain(Lean):
    """Passes on at once."""


class Silent(Lean):
    """Of no meaning to people."""

    shows = False


class UserTask(Lean):
    """Waits for a person."""

    is_task = True

    def take(self, my_task: Token, submission: dict[str, Any]) -> None:
        """Keep what was submitted: at top level, or under the property `variable`."""
        assert self.element is not None
        variable = self.element.properties.get("variable")
        my_task.put_all({variable: submission} if variable else submission)
        my_task.internal_data["submission"] = submission


class ScriptTask(Lean):
    """Runs a script in the sandbox; it may throw a BPMN error."""

    compiled: Script

    def _run_hook(self, my_task: Token) -> Any:
        try:
            changed = self.compiled.thrown_or_changed(my_task.data, self.key)
        except ErrorThrown as error:
            payload = {"code": error.code, "reason": error.reason}
            my_task.workflow.execution.throw_error(my_task, error.code, payload)
            return None
        my_task.put_all(changed)
        return True


class RuleTask(Lean):
    """Asks a decision table."""

    decision: Decision
    variable: str

    def _run_hook(self, my_task: Token) -> Any:
        result, rules = self.decision.decide(my_task.data, self.key)
        my_task.workflow.execution.decided(self.key, self.decision.id, rules)
        my_task.put(self.variable, result)
        return True


class ServiceTask(Lean):
    """Calls a service: inside at once, outside by waiting for the answer."""

    service: str
    arguments: dict[str, Expression]
    result: str

    def _run_hook(self, my_task: Token) -> Any:
        execution: Execution = my_task.workflow.execution
        call = Call(my_task.id, self.key, self.service, self._arguments(my_task))
        if self.service in execution.outside or topic_of(self.service):
            execution.call_outside(my_task, call)
            return None
        return self.answered(my_task, execution.call_inside(call))

    def _arguments(self, my_task: Token) -> dict[str, Any]:
        return {name: source.value(my_task.data, self.key) for name, source in self.arguments.items()}

    def answered(self, my_task: Token, answer: Any) -> Any:
        """Keep the result; a failure is a BPMN error. True when the task may complete."""
        if isinstance(answer, Failed):
            payload = {"code": answer.code, "reason": answer.reason}
            my_task.workflow.execution.throw_error(my_task, answer.code, payload)
            return None
        if self.result:
            my_task.put(self.result, answer.result)
        return True


class SubProcess(Lean):
    """A called process or an embedded sub-process: a scope of its own, with a copy of the variables."""

    called: Any

    def _update_hook(self, my_task: Token) -> Any:
        super()._update_hook(my_task)
        self.open(my_task)

    def open(self, my_task: Token) -> None:
        my_task._set_state(STARTED)
        scope = my_task.workflow.execution.new_scope(self.called, my_task)
        scope.begin(dict(my_task.data), dict(my_task.written))

    def ended(self, my_task: Token, last: Token) -> None:
        """The scope inside has ended: its variables come back."""
        my_task.data, my_task.written = dict(last.data), dict(last.written)
        my_task._ready()


# -- gateways


class Exclusive(Lean):
    """One way: the first whose condition holds, else the default."""

    conditions: list[tuple[Expression, str]]
    otherwise: str | None

    def _run_hook(self, my_task: Token) -> Any:
        my_task.chosen = [self._choose(my_task)]
        return True

    def _choose(self, my_task: Token) -> str:
        for condition, target in self.conditions:
            if condition.value(my_task.data, self.key):
                return target
        if self.otherwise is None:
            raise NoWay(element=self.key)
        return self.otherwise

    def ways(self, my_task: Token) -> Iterable[str]:
        return my_task.chosen or ()


class Join(Lean):
    """Waits for several tokens and makes one of them; the latest written variable wins."""

    is_join = True
    arrives_at = READY

    def _update_hook(self, my_task: Token) -> Any:
        my_task._inherit_data()
        my_task._set_state(WAITING)
        return self.recheck(my_task)

    def recheck(self, my_task: Token) -> bool:
        """May it go on? Then this token takes up the others."""
        raise NotImplementedError

    def waiting(self, scope: Scope) -> list[Token]:
        """The tokens that wait here, in the order they came."""
        here = [token for token in scope.tasks.values() if token.task_spec is self and token._state == WAITING]
        return sorted(here, key=since)

    @staticmethod
    def take_up(my_task: Token, others: Iterable[Token]) -> None:
        for other in others:
            if other is not my_task:
                my_task.absorb(other)
                other.cancel()


class Parallel(Join):
    """Goes on when each incoming flow has brought a token; takes one of each."""

    def recheck(self, my_task: Token) -> bool:
        first: dict[str, Token] = {}
        for token in self.waiting(my_task.workflow):
            first.setdefault(token.source, token)
        if len(first) < len(self._inputs):
            return False
        self.take_up(my_task, first.values())
        return True


class Inclusive(Join, Exclusive):
    """Goes on when no token that is still under way could bring another one; takes every way whose condition holds."""

    reach: dict[str, frozenset[str]]
    """Spec name → names of the incoming sources it can reach without passing here."""

    def recheck(self, my_task: Token) -> bool:
        here = self.waiting(my_task.workflow)
        arrived = {token.source for token in here}
        for token in my_task.workflow.tasks.values():
            if token.is_live and token.task_spec is not self and self._may_bring(token, arrived):
                return False
        self.take_up(my_task, here)
        return True

    def _may_bring(self, token: Token, arrived: set[str]) -> bool:
        if token.id in token.workflow.listeners or CAME in token.internal_data:
            return False
        reached = self.reach.get(token.task_spec.name, frozenset())
        return bool(reached - arrived) and not reached & arrived

    def _run_hook(self, my_task: Token) -> Any:
        chosen = [target for condition, target in self.conditions if condition.value(my_task.data, self.key)]
        if not chosen and self.otherwise is None:
            raise NoWay(element=self.key)
        my_task.chosen = chosen or [str(self.otherwise)]
        return True


CAME = "came"
"""The sources that a complex gateway has had a token from, kept by the token that waits for the others."""


class Complex(Inclusive):
    """Goes on once, as soon as its condition holds over `activationCount`; what comes later ends here."""

    activation: Expression

    def _update_hook(self, my_task: Token) -> Any:
        keeper = self._keeper(my_task.workflow)
        if keeper is None or my_task.source in keeper.internal_data[CAME]:
            return super()._update_hook(my_task)
        my_task._inherit_data()
        my_task._set_state(WAITING)
        keeper.internal_data[CAME] = [*keeper.internal_data[CAME], my_task.source]
        self.take_up(keeper, [my_task])
        return False

    def recheck(self, my_task: Token) -> bool:
        keeper = self._keeper(my_task.workflow)
        if keeper is not None:
            if not self._more(my_task.workflow, keeper.internal_data[CAME]):
                self._reset(keeper)
            return False
        first: dict[str, Token] = {}
        for token in self.waiting(my_task.workflow):
            first.setdefault(token.source, token)
        if not self.activation.value({**my_task.data, "activationCount": len(first)}, self.key):
            if not self._more(my_task.workflow, first):
                raise NoWay(element=self.key)
            return False
        self.take_up(my_task, first.values())
        if len(first) < len(self._inputs):
            self._keep(my_task, list(first))
        return True

    def _keeper(self, scope: Scope) -> Token | None:
        return next((token for token in self.waiting(scope) if CAME in token.internal_data), None)

    def _keep(self, my_task: Token, came: list[str]) -> None:
        keeper = my_task.workflow.task_tree.child(self)
        keeper.internal_data[CAME] = came
        keeper._inherit_data()
        keeper._set_state(WAITING)

    def _more(self, scope: Scope, came: Collection[str]) -> bool:
        """May another token still come?"""
        return any(
            self.reach.get(token.task_spec.name, frozenset()).difference(came)
            for token in scope.tasks.values()
            if token.is_live and token.task_spec is not self and token.id not in scope.listeners
        )

    def _reset(self, keeper: Token) -> None:
        """Ready for another round; what came too late goes to the end of the scope."""
        end = keeper.workflow.task_tree.child(self._wf_spec.end)
        end.data, end.written = dict(keeper.data), dict(keeper.written)
        keeper.cancel()
        end.task_spec._update(end)


class EndJoin(Join):
    """The end of a scope: waits until nothing else is under way."""

    shows = False

    def recheck(self, my_task: Token) -> bool:
        self.take_up(my_task, self.waiting(my_task.workflow))
        scope = my_task.workflow
        return len(scope.tasks) - len(scope.listeners) == 2

    def _on_complete(self, my_task: Token) -> None:
        my_task.workflow.finish(my_task)


# -- boundaries


class Split(Lean):
    """Holds an activity together with the boundary events that watch it."""

    shows = False
    activity: str
    boundaries: list[str]

    def _update_hook(self, my_task: Token) -> Any:
        my_task._inherit_data()
        my_task._set_state(STARTED)
        specs = self._wf_spec.task_specs
        main = my_task.child(specs[self.activity], my_task.source)
        for name in self.boundaries:
            specs[name].arm(my_task)
        main.task_spec._update(main)

    def main(self, my_task: Token) -> Token | None:
        return next((child for child in my_task.children if child.task_spec.name == self.activity), None)

    def child_done(self, my_task: Token, child: Token) -> None:
        if child.task_spec.name == self.activity:
            self.let_go(my_task, child)

    def interrupt(self, my_task: Token, boundary: Token) -> None:
        """The activity is over because this boundary event happened."""
        main = self.main(my_task)
        if main is not None:
            main.cancel()
        self.let_go(my_task, boundary)

    def let_go(self, my_task: Token, but: Token) -> None:
        for child in my_task.children:
            if child is not but and child._state == WAITING and child.task_spec.name in self.boundaries:
                child.cancel()
        my_task.leave()
