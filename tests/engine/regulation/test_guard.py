"""Whatever the diagram says: the act that would break a rule is refused, and a history tells of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import Actor, Engine, lines
from engine.bpmn import compile_version
from engine.refusals import NotDeployable
from engine.regulation import RuleBroken, RuleOwed, judge
from tests.engine.bpmn.drawing import diagram, flows, process, user
from tests.engine.conftest import open_tasks
from tests.engine.regulation import drawn

LI, WANG = (Actor(name, frozenset({("org", "clerk")})) for name in ("li", "wang"))
RULES = (
    drawn.RULES
    + """
  - {id: others, basis: 第五条, says: {zh: 起草人不得审批, en: Who writes does not check}, valid_from: 2020-01-01,
     separate: {act: write, from: check}}
  - {id: watchers, basis: 第八条, says: {zh: 监督员不得审批, en: Watchers do not check}, valid_from: 2020-01-01,
     separate: {posts: [watcher], from: check}}
"""
)


def task(key: str, act: str, form: str = "") -> str:
    said = {"formJsonSchemaFilename": form, "variable": key} if form else {}
    return user(key, post="clerk", act=act, **said)


def version(*path: str) -> dict[str, bytes]:
    """A line of user tasks named after their acts."""
    forms = {"check": "verdict.form.json"}
    body = "".join(task(key, key.rstrip("0123456789"), forms.get(key, "")) for key in path)
    ends = '<startEvent id="s"/><endEvent id="e"/>'
    return {"p.bpmn": diagram(process(body + ends + flows("s " + " ".join(path) + " e"))), **drawn.FORMS}


class Office:
    """An engine that knew no rules when the version was deployed, and one that knows them."""

    def __init__(self, database, clock, *path: str) -> None:
        lax = Engine(database, clock=clock)
        self.engine = Engine(database, clock=clock, regulation=drawn.regulation(RULES))
        lax.deploy(version(*path), "designer")
        self.lax, self.key = lax, self.engine.start("p", {"organisation": "org"}, "li", organisation="org").id

    def do(self, element: str, actor: Actor = LI, engine: Engine | None = None, **data) -> None:
        found = open_tasks(self.engine, self.key)[element]
        (engine or self.engine).complete(found.id, actor, data)

    def judged(self) -> dict[str, tuple[str, list[int]]]:
        with self.engine.database.read() as session:
            entries = lines(session.connection(), self.key)
        program = compile_version(version("write", "check", "send", "keep"))
        found = judge(program, drawn.regulation(RULES), entries, False, self.engine.clock())
        return {each.rule.id: (each.says, each.broken_at) for each in found}


def test_what_breaks_a_rule_cannot_be_deployed(database, clock):
    engine = Engine(database, clock=clock, regulation=drawn.regulation(RULES))
    with pytest.raises(NotDeployable) as refused:
        engine.deploy(version("write", "send", "keep"), "designer")
    assert {finding.parameters["rule"] for finding in refused.value.findings} >= {"checked"}


def test_nothing_is_sent_without_a_check(database, clock):
    office = Office(database, clock, "write", "send", "keep")
    office.do("write")
    with pytest.raises(RuleBroken, match="第一条"):
        office.do("send")
    assert list(open_tasks(office.engine, office.key)) == ["send"]


def test_nothing_is_sent_against_a_check(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    office.do("write")
    office.do("check", WANG, result="NO")
    with pytest.raises(RuleBroken):
        office.do("send")


def test_who_writes_does_not_check(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    office.do("write")
    with pytest.raises(RuleBroken, match="第五条"):
        office.do("check", LI, result="OK")
    office.do("check", WANG, result="OK")


def test_the_rules_are_remembered_by_the_journal_alone(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    office.do("write")
    office.do("check", WANG, result="NO")
    office.engine.executions.cache.clear()
    with pytest.raises(RuleBroken):
        office.do("send")


def test_an_instance_does_not_end_with_something_owed(database, clock):
    office = Office(database, clock, "write", "check", "send")
    for element, actor in (("write", LI), ("check", WANG)):
        office.do(element, actor, **({"result": "OK"} if element == "check" else {}))
    with pytest.raises(RuleOwed, match="第二条"):
        office.do("send")


def test_a_history_from_before_the_rule_is_judged(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    office.do("write", engine=office.lax)
    office.do("check", LI, engine=office.lax, result="NO")
    office.do("send", engine=office.lax)
    told = office.judged()
    assert told["checked"] == ("broken", [4]) and told["others"] == ("broken", [3])
    assert told["kept"] == ("open", []) and told["stopped"][0] == "kept"


def test_who_holds_a_post_kept_apart_does_not_check_whatever_else_they_hold(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    office.do("write")
    watcher = Actor("zhou", frozenset({*WANG.seats, ("elsewhere", "watcher")}))
    with pytest.raises(RuleBroken, match="第八条"):
        office.do("check", watcher, result="OK")
    office.do("check", WANG, result="OK")


def test_a_journal_tells_that_such_a_person_did_it(database, clock):
    office = Office(database, clock, "write", "check", "send", "keep")
    rules = drawn.regulation(RULES)
    ignoring = Engine(database, clock=clock, regulation=rules)
    ignoring.checker.regulation = replace(rules, rules=())
    office.do("write")
    office.do("check", Actor("zhou", frozenset({*WANG.seats, ("elsewhere", "watcher")})), ignoring, result="OK")
    assert office.judged()["watchers"] == ("broken", [3])
