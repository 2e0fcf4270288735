"""Data: what goes in and out of activities and events, and between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.standard.model import SUB_PROCESSES, Model, kind, local
from engine.bpmn.standard.rules import Breaches, rule

HOLDERS = ("dataObject", "dataStore", "dataInput", "dataOutput")
SETS = {"dataInputRefs": "dataInput", "dataOutputRefs": "dataOutput"}


@rule("data.collection", "10.4.1", "isCollection says the same as the item definition.", "warning")
def is_many_like_its_item(model: Model) -> Breaches:
    for node in model.each(*HOLDERS):
        item = model.at(node.get("itemSubjectRef"))
        if item is None or kind(item) != "itemDefinition":
            continue
        if item.get("isCollection", "false") != node.get("isCollection", "false"):
            yield node


@rule("data.name", "10.4.1", "A data object in a state is called by its name and the state in brackets.", "warning")
def is_called_by_its_state(model: Model) -> Breaches:
    for node in model.each("dataObjectReference"):
        state = next(iter(model.children(node, "dataState")), None)
        held = model.at(node.get("dataObjectRef"))
        if state is None or held is None or not held.get("name"):
            continue
        if node.get("name") and node.get("name") != f"{held.get('name')} [{state.get('name')}]":
            yield node


@rule("data.sub-process", "10.4.2", "A sub-process has no input-output specification.")
def passes_through_sub_processes(model: Model) -> Breaches:
    return (node for node in model.each(*SUB_PROCESSES) if model.children(node, "ioSpecification"))


@rule("data.input-set", "10.4.2", "Every data input belongs to an input set.", "warning")
def puts_inputs_into_sets(model: Model) -> Breaches:
    return _outside_sets(model, "dataInput", "inputSet", "dataInputRefs")


@rule("data.output-set", "10.4.2", "Every data output belongs to an output set.", "warning")
def puts_outputs_into_sets(model: Model) -> Breaches:
    return _outside_sets(model, "dataOutput", "outputSet", "dataOutputRefs")


@rule("data.set-lists", "10.4.2", "What is optional or taken while executing is listed in the set too.", "warning")
def lists_what_is_optional(model: Model) -> Breaches:
    for node in model.each("inputSet", "outputSet"):
        side = "Input" if kind(node) == "inputSet" else "Output"
        listed = _named(model, node, f"data{side}Refs")
        if (_named(model, node, f"optional{side}Refs") | _named(model, node, f"whileExecuting{side}Refs")) - listed:
            yield node


@rule("data.set-pairs", "10.4.2", "Input sets and output sets name each other.", "warning")
def pairs_its_sets(model: Model) -> Breaches:
    for node in model.each("inputSet", "outputSet"):
        mine, theirs = ("outputSetRefs", "inputSetRefs")[:: 1 if kind(node) == "inputSet" else -1]
        for name in _named(model, node, mine):
            other = model.by_id.get(name)
            if other is not None and node.get("id") not in _named(model, other, theirs):
                yield node


@rule("data.association", "10.4.2", "A data association without a transformation joins data of the same structure.")
def joins_the_same_structure(model: Model) -> Breaches:
    for node in _associations(model):
        target = next((model.at(child.text) for child in model.children(node, "targetRef")), None)
        for child in model.children(node, "sourceRef"):
            source = model.at(child.text)
            if source is None or target is None or model.children(node, "transformation", "assignment"):
                continue
            held, taken = _structure(model, source), _structure(model, target)
            if held is not None and taken is not None and held != taken:
                yield node


@rule("data.association-source", "10.4.2", "A data association without a transformation has one source.")
def joins_one_source(model: Model) -> Breaches:
    for node in _associations(model):
        if len(model.children(node, "sourceRef")) > 1 and not model.children(node, "transformation"):
            yield node


@rule("data.service", "10.3.3", "What a service task takes and gives is what its operation takes and gives.")
def serves_its_operation(model: Model) -> Breaches:
    for node in model.each("serviceTask"):
        operation = model.at(node.get("operationRef"))
        specification = next(iter(model.children(node, "ioSpecification")), None)
        if operation is None or specification is None:
            continue
        is_single = len(model.children(specification, "inputSet")) == 1
        is_single &= len(model.children(specification, "outputSet")) <= 1
        takes = _matches(model, specification, "dataInput", operation, "inMessageRef")
        gives = _matches(model, specification, "dataOutput", operation, "outMessageRef")
        if not (is_single and takes and gives):
            yield node


@rule("data.message", "10.3.3", "What a send or receive task takes or gives is the item of its message.")
def carries_its_message(model: Model) -> Breaches:
    for tag, side, held in (("sendTask", "dataInput", "inputSet"), ("receiveTask", "dataOutput", "outputSet")):
        for node in model.each(tag):
            message = model.at(node.get("messageRef"))
            specification = next(iter(model.children(node, "ioSpecification")), None)
            if message is None or specification is None:
                continue
            data = model.children(specification, side)
            is_single = len(data) <= 1 and len(model.children(specification, held)) <= 1
            if not is_single or (data and model.structure(data[0]) != model.structure(message)):
                yield node


@rule("data.event", "10.5.1", "An event has as many data as definitions, each of the item of its definition.")
def carries_its_events(model: Model) -> Breaches:
    for tag, side in (
        ("startEvent", "dataOutput"),
        ("intermediateCatchEvent", "dataOutput"),
        ("boundaryEvent", "dataOutput"),
        ("intermediateThrowEvent", "dataInput"),
        ("endEvent", "dataInput"),
    ):
        for node in model.each(tag):
            data = model.children(node, side)
            definitions = [child for child in node if kind(child).endswith("EventDefinition")]
            definitions += [model.at(child.text) for child in model.children(node, "eventDefinitionRef")]
            pairs = zip(data, definitions, strict=False)
            if data and (len(data) != len(definitions) or not all(_carries(model, *pair) for pair in pairs)):
                yield node


@rule("data.loop-input", "10.3.8", "The collection of several instances is a data input of the activity.")
def loops_over_its_input(model: Model) -> Breaches:
    for node in model.each("multiInstanceLoopCharacteristics"):
        specification = next(iter(model.children(node.getparent(), "ioSpecification")), None)
        reference = next(iter(model.children(node, "loopDataInputRef")), None)
        if reference is not None and specification is not None and model.is_executable(node):
            inputs = {one.get("id") for one in model.children(specification, "dataInput")}
            if local(reference.text or "") not in inputs:
                yield node


@rule("data.loop-item", "10.3.8", "One item of a collection is of the structure of its items.", "warning")
def loops_over_its_items(model: Model) -> Breaches:
    for node in model.each("multiInstanceLoopCharacteristics"):
        for whole, item in (("loopDataInputRef", "inputDataItem"), ("loopDataOutputRef", "outputDataItem")):
            held = next((model.at(child.text) for child in model.children(node, whole)), None)
            one = next(iter(model.children(node, item)), None)
            many, single = model.structure(held), model.structure(one)
            if many is not None and single is not None and (many[0] != single[0] or single[1]):
                yield node


@rule("call.data", "10.3.6", "A call activity takes and gives what the called element takes and gives.")
def calls_with_what_is_asked(model: Model) -> Breaches:
    for node in model.each("callActivity"):
        called = model.at(node.get("calledElement"))
        if called is None:
            continue
        if _interface(model, node) != _interface(model, called):
            yield node


@rule("call.binding", "10.4.2", "A process or global task with interfaces binds its data to their operations.")
def binds_its_operations(model: Model) -> Breaches:
    for node in model.root.iter():
        is_callable = kind(node) == "process" or kind(node).startswith("global")
        if is_callable and model.children(node, "supportedInterfaceRef") and not model.children(node, "ioBinding"):
            yield node


@rule("call.binding-data", "10.4.2", "A binding joins the data of the operation's messages.")
def binds_matching_data(model: Model) -> Breaches:
    for node in model.each("ioBinding"):
        operation = model.at(node.get("operationRef"))
        for side, message in (("inputDataRef", "inMessageRef"), ("outputDataRef", "outMessageRef")):
            told = (
                next((model.at(c.text) for c in model.children(operation, message)), None)
                if operation is not None
                else None
            )
            held = _data_of(model, node.get(side), node)
            if told is not None and held is not None and model.structure(told) != model.structure(held):
                yield node


def _data_of(model: Model, reference: str | None, binding: Any) -> Any | None:
    found = model.at(reference)
    if found is None or kind(found) in ("dataInput", "dataOutput"):
        return found
    names = [child.text for child in found if kind(child) in SETS]
    return model.at(names[0]) if len(names) == 1 else None


def _outside_sets(model: Model, data: str, held: str, reference: str) -> Breaches:
    for specification in model.each("ioSpecification"):
        named = {name for one in model.children(specification, held) for name in _named(model, one, reference)}
        yield from (one for one in model.children(specification, data) if one.get("id") not in named)


def _named(model: Model, node: Any, name: str) -> set[str]:
    return {local(child.text or "") for child in model.children(node, name)}


def _associations(model: Model) -> Iterator[Any]:
    return model.each("dataInputAssociation", "dataOutputAssociation")


def _structure(model: Model, node: Any) -> tuple[str, bool] | None:
    """A reference to a data object or store has the structure of what it refers to."""
    found = model.structure(node)
    if found is None and kind(node) in ("dataObjectReference", "dataStoreReference"):
        return model.structure(model.at(node.get("dataObjectRef") or node.get("dataStoreRef")))
    return found


def _matches(model: Model, specification: Any, side: str, operation: Any, name: str) -> bool:
    message = next((model.at(child.text) for child in model.children(operation, name)), None)
    data = model.children(specification, side)
    if message is None or not data:
        return True
    return any(model.structure(one) == model.structure(message) for one in data)


def _carries(model: Model, data: Any, definition: Any | None) -> bool:
    if definition is None:
        return True
    name = kind(definition).removesuffix("EventDefinition")
    told = model.at(definition.get(f"{name}Ref")) if name in ("message", "signal", "error", "escalation") else None
    return told is None or model.structure(told) == model.structure(data)


def _interface(model: Model, node: Any) -> tuple[list[str], list[str]]:
    """The structures of all that goes in, and of all that goes out."""
    specification = next(iter(model.children(node, "ioSpecification")), None)
    if specification is None:
        return [], []
    sides = [
        [str(model.structure(one)) for one in model.children(specification, s)] for s in ("dataInput", "dataOutput")
    ]
    return sorted(sides[0]), sorted(sides[1])
