"""Who looks after the machine, and what they can do."""

from __future__ import annotations

import pytest

from engine import duties, tick
from engine.clock import new_id

WEBHOOK = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t" id="d">
 <bpmn:process id="tell" name="Tell" isExecutable="true">
  <bpmn:startEvent id="begin"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
  <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="call"/>
  <bpmn:serviceTask id="call" name="Call"><bpmn:extensionElements>
   <s:serviceTaskOperator id="webhook" resultVariable="said"><s:parameters>
    <s:parameter id="url" type="str" value="'ftp://nowhere'"/><s:parameter id="body" type="str" value="'hello'"/>
   </s:parameters></s:serviceTaskOperator></bpmn:extensionElements>
   <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing></bpmn:serviceTask>
  <bpmn:sequenceFlow id="b" sourceRef="call" targetRef="end"/>
  <bpmn:endEvent id="end"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
 </bpmn:process>
</bpmn:definitions>"""

HALF = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
 <bpmn:process id="half" name="Half" isExecutable="true">
  <bpmn:startEvent id="begin"/><bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="either"/>
  <bpmn:exclusiveGateway id="either" default="b"/><bpmn:sequenceFlow id="b" sourceRef="either" targetRef="both"/>
  <bpmn:sequenceFlow id="c" sourceRef="either" targetRef="other">
   <bpmn:conditionExpression>1 == 2</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:task id="other"/><bpmn:sequenceFlow id="d" sourceRef="other" targetRef="both"/>
  <bpmn:parallelGateway id="both" name="会合"/><bpmn:sequenceFlow id="e" sourceRef="both" targetRef="end"/>
  <bpmn:endEvent id="end"/>
 </bpmn:process>
</bpmn:definitions>""".encode()
"""Of two ways one is taken, and then both are waited for."""


@pytest.fixture
def incident(school):
    """A call to an address that nobody can call."""
    school.parts.engine.deploy({"tell.bpmn": WEBHOOK}, "test")
    school.parts.engine.start("tell", {}, None)
    tick(school.parts.engine)


def test_an_operator_sees_incidents_timers_and_versions(school, text, incident):
    school.matter()
    page = text(school.browser("weixitong").get("/operations"))
    assert "not a web address" in page and "党务公开" in page and "下一个定时" in page


def test_an_operator_sends_a_call_on_its_way_again(school, text, incident):
    browser = school.browser("weixitong")
    address = browser.get("/operations").get_data(as_text=True).split("/operations/incidents/")[1].split("/")[0]
    assert "将立即重试" in text(browser.post(f"/operations/incidents/{address}/retry", follow_redirects=True))
    assert "没有需要处置的故障" in text(browser.get("/operations"))
    assert browser.post(f"/operations/incidents/{address}/retry").status_code == 409


def test_an_unknown_incident_is_not_found(school):
    assert school.browser("weixitong").post(f"/operations/incidents/{new_id()}/retry").status_code == 404


@pytest.mark.parametrize("login", ["xuzhihang", "anquanzhi", "jiyan", "maoxiaolu"])
def test_nobody_else_comes_near(school, text, login):
    browser = school.browser(login)
    assert browser.get("/operations").status_code == 403
    assert browser.post(f"/operations/incidents/{new_id()}/retry").status_code == 403
    assert "运行维护" not in text(browser.get("/inbox"))


def test_the_probe_of_the_watchman_needs_no_sign_in(school):
    assert school.visitor().get("/health").data == b"ok\n"


def test_an_operator_sees_what_stands_still_and_is_offered_what_helps(school, text):
    school.parts.engine.deploy({"half.bpmn": HALF}, "test")
    instance = school.parts.engine.start("half", {}, None).id
    browser = school.browser("weixitong")
    page = browser.get("/operations").get_data(as_text=True)
    assert "会合" in page and "流程已在此停滞" in page and "/retry" not in page
    repair = browser.get(f"/operations/instances/{instance}").get_data(as_text=True)
    assert "流程已在此停滞" in repair and "请退回到此前的步骤" in repair and "/skip" not in repair


def test_every_duty_of_the_scheduler_has_words(school, text):
    names = duties.names(school.parts.engine)
    page = text(school.browser("weixitong").get("/operations"))
    assert "demand_plans" in names and [name for name in names if "_" in name and name in page] == []
