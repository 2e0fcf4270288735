"""Several instances of one activity: parallel, one after the other, or as long as a condition holds."""

from __future__ import annotations

from typing import Any

from engine.bpmn.diagram import Loop
from engine.bpmn.sandbox import Expression, ScriptFailed
from engine.bpmn.specs import Lean
from engine.bpmn.tokens import STARTED, Token
from engine.refusals import Saying

MOST = 1000


class Repeat(Lean):
    """Holds the instances. Its own coming and going shows only when there are none."""

    shows = False
    loop: Loop
    instance: str
    """Name of the spec of one instance."""
    items: Expression | None
    completion: Expression | None
    condition: Expression | None

    def _update_hook(self, my_task: Token) -> Any:
        super()._update_hook(my_task)
        my_task._set_state(STARTED)
        state = my_task.internal_data
        state.update(items=self._items(my_task), next=0, open=0, results={})
        self._show_results(my_task)
        self._start_more(my_task)
        if not state["open"]:
            my_task.workflow.execution.passed(my_task)
            return True

    def _items(self, my_task: Token) -> list[Any] | None:
        if self.items is None:
            return None
        value = self.items.value(my_task.data, self.key)
        if self.loop.cardinality and isinstance(value, int) and value >= 0:
            value = list(range(min(value, MOST + 1)))
        if not isinstance(value, list | tuple | None) or len(value or ()) > MOST:
            raise ScriptFailed(
                element=self.key,
                line=1,
                reason=Saying("{source} gives no list of at most {most}", source=self.items.source, most=MOST),
            )
        return list(value or ())

    def _start_more(self, my_task: Token) -> None:
        while self._goes_on(my_task):
            self._start(my_task)
            if self.loop.kind != "parallel":
                return

    def _goes_on(self, my_task: Token) -> bool:
        state = my_task.internal_data
        if state["items"] is not None:
            return bool(state["next"] < len(state["items"]))
        if self.loop.maximum is not None and state["next"] >= self.loop.maximum:
            return False
        if self.condition is None or (state["next"] == 0 and not self.loop.test_before):
            return True
        return bool(self.condition.value(my_task.data, self.key))

    def _start(self, my_task: Token) -> None:
        state = my_task.internal_data
        index = state["next"]
        state["next"], state["open"] = index + 1, state["open"] + 1
        child = my_task.child(self._wf_spec.task_specs[self.instance])
        child._inherit_data()
        if state["items"] is not None and self.loop.item:
            child.put(self.loop.item, state["items"][index])
        child.internal_data.update(index=index, since=my_task.workflow.execution.tick)
        child.task_spec._update(child)

    def child_done(self, my_task: Token, child: Token) -> None:
        state = my_task.internal_data
        if not my_task.is_live or "index" not in child.internal_data:
            return
        state["open"] -= 1
        if self.loop.output:
            state["results"] = {**state["results"], str(child.internal_data["index"]): self._result(my_task, child)}
            self._show_results(my_task)
        else:
            my_task.absorb(child, without=self.loop.item)
        if self._is_enough(my_task):
            for other in my_task.children:
                if other is not child:
                    other.cancel()
        elif not state["open"]:
            self._start_more(my_task)
            if state["open"]:
                return
        else:
            return
        my_task._ready()

    def _is_enough(self, my_task: Token) -> bool:
        return self.completion is not None and bool(self.completion.value(my_task.data, self.key))

    def _result(self, my_task: Token, child: Token) -> Any:
        if self.loop.output_item and self.loop.output_item in child.data:
            return child.data[self.loop.output_item]
        since, item = child.internal_data["since"], self.loop.item
        wrote = {name: child.data[name] for name, tick in child.written.items() if tick > since and name != item}
        result = child.internal_data.get("submission", wrote)
        return {**result, item: child.data[item]} if item else result

    def _show_results(self, my_task: Token) -> None:
        if self.loop.output:
            results = my_task.internal_data["results"]
            my_task.put(self.loop.output, [results[key] for key in sorted(results, key=int)])
