"""What cannot be deployed is refused with element and line."""

import pytest

from engine.bpmn import check, compile_version
from engine.refusals import Finding, NotDeployable

from .drawing import boundary, compiled, diagram, flow, flows, process, properties, script, service, timer, user

S, E = '<startEvent id="s"/>\n', '<endEvent id="e"/>\n'
SIGNAL = '<signalEventDefinition signalRef="g"/>'
PLACES = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
CYCLE = timer('"R/P1M"', "Cycle")


def throws(key: str, name: str) -> str:
    """A link that begins."""
    return f'<intermediateThrowEvent id="{key}"><linkEventDefinition name="{name}"/></intermediateThrowEvent>'


def catches(key: str, name: str) -> str:
    """A link that ends."""
    return f'<intermediateCatchEvent id="{key}"><linkEventDefinition name="{name}"/></intermediateCatchEvent>'


def keyed(kind: str) -> str:
    """A receive task whose message is meant for one conversation, in the words of plain BPMN."""
    receives = process(S + '<receiveTask id="r" messageRef="m"/>' + E, "s r e")
    return f'<collaboration id="c"><{kind} id="x"/></collaboration>{receives}'


CASES = {
    "bpmn.correlation": [keyed("correlationKey"), keyed("correlationProperty")],
    "bpmn.unsupported": [
        process(S + '<adHocSubProcess id="x"/>' + E, "s x e"),
        process(S + '<callChoreographyTask id="x"/>' + user("a") + E, "s a e"),
        process(S + '<userTask id="x" startQuantity="2"/>' + E, "s x e"),
        process(S + '<userTask id="x" completionQuantity="2"/>' + E, "s x e"),
        process(S + '<receiveTask id="x" messageRef="m" instantiate="true"/>' + E, "s x e"),
        process(
            S + '<userTask id="x"><dataInputAssociation><assignment/></dataInputAssociation></userTask>' + E, "s x e"
        ),
    ],
    "bpmn.language": [
        process(
            S + '<scriptTask id="x" scriptFormat="text/javascript"><script>a = 1</script></scriptTask>' + E, "s x e"
        )
    ],
    "bpmn.event.kind": [
        process(
            S + '<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>' + E, "s x e"
        ),
        process(
            S + '<intermediateCatchEvent id="x"><compensateEventDefinition/></intermediateCatchEvent>' + E, "s x e"
        ),
        process(f'<startEvent id="x">{timer("1")}</startEvent>' + E, "x e"),
        process(S + '<endEvent id="x"><cancelEventDefinition/></endEvent>', "s x"),
    ],
    "bpmn.event.several": [
        process(
            S + f'<intermediateCatchEvent id="x">{timer("1")}{SIGNAL}</intermediateCatchEvent>' + E,
            "s x e",
        )
    ],
    "bpmn.event.none": [process(S + '<intermediateCatchEvent id="x"/>' + E, "s x e")],
    "bpmn.event.reference": [
        process(S + f'<endEvent id="x"><{kind}EventDefinition {kind}Ref="gone"/></endEvent>', "s x")
        for kind in ("message", "signal", "error", "escalation")
    ],
    "bpmn.event.name": [process(S + '<receiveTask id="x" messageRef="blank"/>' + E, "s x e")],
    "bpmn.error.interrupts": [
        process(S + user("a") + boundary("x", "a", "<errorEventDefinition/>", False) + E, "s a e", "x e")
    ],
    "bpmn.timer.cycle": [
        process(S + user("a") + boundary("x", "a", timer('"R/P1M"', "Cycle")) + E, "s a e", "x e"),
        process(S + f'<intermediateCatchEvent id="x">{CYCLE}</intermediateCatchEvent>' + E, "s x e"),
    ],
    "bpmn.timer.period": [
        process(S + user("a") + boundary("x", "a", timer('"two days"', "Duration")) + E, "s a e", "x e"),
        process(S + user("a") + boundary("x", "a", timer('"R3/PT0S"', "Cycle"), False) + E, "s a e", "x e"),
    ],
    "bpmn.event.condition": [
        process(
            S + '<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>' + E, "s x e"
        )
    ],
    "bpmn.link.loose": [
        process(S + throws("x", "A"), "s x"),
        process(S + catches("x", "A") + E, "s e", "x e"),
    ],
    "bpmn.link.twice": [process(S + throws("t", "A") + catches("x", "A") + catches("y", "A") + E, "s t", "x e", "y e")],
    "bpmn.link.flow": [process(S + throws("x", "A") + catches("y", "A") + E, "s x e", "y e")],
    "bpmn.flow.activation": [process(S + '<complexGateway id="x"/>' + user("a") + user("b") + E, "s a x e", "s b x")],
    "bpmn.timer.quotes": [process(S + user("a") + boundary("x", "a", timer("PT5M", "Duration")) + E, "s a e", "x e")],
    "bpmn.timer.none": [process(S + user("a") + boundary("x", "a", "<timerEventDefinition/>") + E, "s a e", "x e")],
    "bpmn.flow.condition": [process(S + user("a") + E + flow("a", "e", "True"), "s a")],
    "bpmn.flow.twin": [
        process(
            S
            + '<exclusiveGateway id="g" default="g_e"/>'
            + E
            + flow("g", "e", "x").replace('"g_e"', '"x"')
            + flows("g e"),
            "s g",
        )
    ],
    "bpmn.flow.open": [process(S + '<exclusiveGateway id="g"/>' + user("a") + E + flow("g", "a", "x"), "s g e", "a e")],
    "bpmn.flow.none": [process(S + '<exclusiveGateway id="x"/>', "s x")],
    "bpmn.flow.loose": [process(S + user("a") + E, "s a e", "a gone")],
    "bpmn.flow.default": [process(S + '<exclusiveGateway id="x" default="gone"/>' + E, "s x e")],
    "bpmn.unreachable": [process(S + user("a") + user("x") + E, "s a e", "x e")],
    "bpmn.boundary.loose": [process(S + user("a") + boundary("x", "gone", timer("1")) + E, "s a e", "x e")],
    "bpmn.eventgateway": [process(S + '<eventBasedGateway id="g"/>' + user("a") + E, "s g a e")],
    "bpmn.script": [
        process(S + script("x", "import os") + E, "s x e"),
        process(S + user("x", due="__import__(1)") + E, "s x e"),
        process(S + user("a") + boundary("x", "a", timer("open(1)")) + E, "s a e", "x e"),
        process(S + service("x", "known", value="x._y") + E, "s x e"),
    ],
    "bpmn.script.none": [process(S + script("x", " ") + E, "s x e")],
    "bpmn.service.unknown": [process(S + service("x", "unknown") + E, "s x e")],
    "bpmn.service.none": [process(S + '<serviceTask id="x"/>' + E, "s x e")],
    "bpmn.decision.unknown": [process(S + '<businessRuleTask id="x"/>' + E, "s x e")],
    "bpmn.form.missing": [process(S + user("x", formJsonSchemaFilename="gone.form.json") + E, "s x e")],
    "bpmn.called.unknown": [process(S + '<callActivity id="x" calledElement="gone"/>' + E, "s x e")],
    "bpmn.separate.unknown": [process(S + user("x", separate_from="gone") + E, "s x e")],
    "bpmn.loop.over": [process(S + user("x", "<multiInstanceLoopCharacteristics/>") + E, "s x e")],
    "bpmn.loop.item": [process(S + user("x", "<multiInstanceLoopCharacteristics/>", collection="a") + E, "s x e")],
    "bpmn.loop.endless": [process(S + user("x", "<standardLoopCharacteristics/>") + E, "s x e")],
    "bpmn.sub.start": [process(S + '<subProcess id="x"><endEvent id="ie"/></subProcess>' + E, "s x e")],
    "bpmn.start.several": [process(S + '<startEvent id="x"/>' + E, "s e", "x e")],
    "bpmn.start.none": [process(user("a") + E, "a e", key="x")],
    "bpmn.id.twice": [
        process(S + user("a") + E, "s a e") + process(S.replace('"s"', '"x"') + E.replace('"e"', '"x"'), "x x", key="q")
    ],
}
ROOTS = '<signal id="g" name="Hold"/>\n<message id="blank"/>'


def found(text: str, **files: bytes) -> list[Finding]:
    return check({"p.bpmn": diagram(text, roots=ROOTS), **files}, services={"known"})


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in CASES.items() for text in texts])
def test_it_is_refused_by_name_element_and_line(code: str, text: str) -> None:
    findings = [finding for finding in found(text) if finding.code == code]
    assert findings, found(text)
    assert all(finding.path == "p.bpmn" and finding.element for finding in findings)
    assert all(finding.line for finding in findings) or code in ("bpmn.start.none",)
    assert str(findings[0])


@pytest.mark.parametrize("text", [text for texts in CASES.values() for text in texts])
def test_and_cannot_be_compiled(text: str) -> None:
    with pytest.raises(NotDeployable):
        compile_version({"p.bpmn": diagram(text, roots=ROOTS)}, services={"known"})


def test_the_line_of_a_script_is_the_line_in_the_file() -> None:
    (finding,) = found(process(S + script("x", "a = 1\nb = 2\nimport os") + E, "s x e"))
    lines = diagram(process(S + script("x", "a = 1\nb = 2\nimport os") + E, "s x e"), roots=ROOTS).decode().splitlines()
    assert finding.line is not None and lines[finding.line - 1].startswith("import os")
    assert "import is not part of the language" in str(finding)


def test_a_gateway_without_a_default_is_only_warned_of() -> None:
    body = S + '<exclusiveGateway id="w"/>' + user("a") + user("b") + E + flow("w", "a", "x") + flow("w", "b", "not x")
    (finding,) = found(process(body, "s w", "a e", "b e"))
    assert (finding.code, finding.level) == ("bpmn.flow.nodefault", "warning")
    assert compiled(process(body, "s w", "a e", "b e")).process_id == "p"


def test_all_findings_come_at_once() -> None:
    text = process(S + script("x", "import os") + '<adHocSubProcess id="y"/>' + E, "s x y e")
    with pytest.raises(NotDeployable) as refused:
        compile_version({"p.bpmn": diagram(text)})
    assert {finding.element for finding in refused.value.findings} == {"x", "y"}


def test_the_same_id_in_two_files_is_refused() -> None:
    files = {name: diagram(process(S + user("a") + E, "s a e", key=name[0])) for name in ("a.bpmn", "b.bpmn")}
    twice = [finding for finding in check(files) if finding.code == "bpmn.id.twice"]
    assert {(finding.path, finding.element) for finding in twice} >= {("b.bpmn", "s"), ("b.bpmn", "a"), ("b.bpmn", "e")}


def test_a_data_store_is_refused() -> None:
    text = '<dataStoreReference id="d"/>' + S + '<userTask id="x"><dataInputAssociation><sourceRef>d</sourceRef>'
    text += "</dataInputAssociation></userTask>" + E
    assert [finding.code for finding in found(process(text, "s x e"))] == ["bpmn.store"]


def test_extensions_of_strangers_are_tolerated() -> None:
    strange = '<extensionElements><z:in xmlns:z="urn:z" a="1"><z:deep/></z:in></extensionElements>'
    text = S + f'<userTask id="a">{strange}</userTask><textAnnotation id="t"/><dataObjectReference id="d"/>' + E
    assert found(process(text, "s a e")) == []


def test_a_form_beside_the_diagram_is_found() -> None:
    text = diagram(process(S + user("a", formJsonSchemaFilename="f.form.json") + E, "s a e"))
    assert check({"sub/p.bpmn": text, "sub/f.form.json": b"{}"}) == []


def test_the_same_files_are_compiled_once() -> None:
    text = process(S + user("a", post="x") + E, "s a e")
    assert compiled(text) is compiled(text)
    assert compiled(text) is not compiled(text.replace("'x'", "'y'"))


def test_a_long_diagram_compiles() -> None:
    names = [f"t{n}" for n in range(400)]
    body = S + "".join(f'<task id="{name}"/>' for name in names) + E
    assert len(compiled(process(body, " ".join(["s", *names, "e"]))).elements) == 402


def test_a_start_message_is_told() -> None:
    text = process('<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>' + E, "s e")
    program = compiled(text, roots='<message id="m" name="DemandPlan"/>')
    assert program.start_messages == {"DemandPlan": ("p", "s")}
    assert properties() != ""


@pytest.mark.parametrize("value", ["far left", "", "inf", "R/PT0S"])
def test_a_place_that_is_no_number_is_refused_with_its_element(value: str) -> None:
    shape = f'<di:BPMNShape bpmnElement="a"><dc:Bounds x="{value}" y="10" width="100" height="80"/></di:BPMNShape>'
    drawn = f"<di:BPMNDiagram {PLACES}><di:BPMNPlane>{shape}</di:BPMNPlane></di:BPMNDiagram>"
    found = check({"x.bpmn": diagram(process(S + user("a") + E, "s a e") + drawn)})
    assert [(each.code, each.element, each.level) for each in found] == [("bpmn.drawing", "a", "error")]
