"""Decision tables: what they answer and what is wrong with them."""

from typing import Any

import pytest

from engine.bpmn import check, parse_xml
from engine.bpmn.decisions import Decision, NoRule, RulesDisagree, SeveralRules, read_decision, unary_test

from .drawing import Play, compiled, diagram, process

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def dmn(
    inputs: list[str], outputs: list[str], rules: list[list[str]], policy: str = "UNIQUE", values: str = ""
) -> bytes:
    def cell(tag: str, text: str) -> str:
        return f"<{tag}><text>{text.replace('<', '&lt;')}</text></{tag}>"

    declared = f"<inputValues><text>{values}</text></inputValues>" if values else ""
    columns = "".join(f"<input>{cell('inputExpression', text)}{declared}</input>" for text in inputs)
    columns += "".join(f'<output name="{name}"/>' for name in outputs)
    rows = ""
    for rule in rules:
        cells = [cell("inputEntry", text) for text in rule[: len(inputs)]]
        cells += [cell("outputEntry", text) for text in rule[len(inputs) :]]
        rows += f"\n<rule>{''.join(cells)}</rule>"
    table = f'<decisionTable hitPolicy="{policy}">{columns}{rows}</decisionTable>'
    return f'<definitions xmlns="{DMN}"><decision id="route" name="Route">{table}</decision></definitions>'.encode()


def decision(*args: Any, **named: Any) -> Decision:
    found, findings = read_decision("r.dmn", parse_xml(dmn(*args, **named)))
    assert found is not None, findings
    return found


def findings(*args: Any, **named: Any) -> list[tuple[str, Any]]:
    _, found = read_decision("r.dmn", parse_xml(dmn(*args, **named)))
    return [(finding.code, finding.parameters.get("rule")) for finding in found]


@pytest.mark.parametrize(
    ("test", "fits", "fails"),
    [
        ('"A"', ["A"], ["B", None, 1]),
        ('"A","B"', ["A", "B"], ["C"]),
        ('"A, B" , "C"', ["A, B", "C"], ["A"]),
        ('not("A","B")', ["C", None], ["A"]),
        ("-", ["A", None, 3], []),
        ("", ["A", None], []),
        ("3", [3, 3.0], [4, "3", True]),
        ("&gt; 3".replace("&gt;", ">"), [3.5], [3, None]),
        ("<= 3", [3, -1], [4]),
        ("[1..5]", [1, 5], [0, 6]),
        ("(1..5)", [2], [1, 5]),
        ("]1..5]", [5], [1]),
        ("[1..2], > 7", [1, 8], [3]),
        ("true", [True], [False, 1, None]),
        ("false", [False], [True, 0]),
        ("null", [None], [False]),
    ],
)
def test_input_entries(test: str, fits: list[Any], fails: list[Any]) -> None:
    assert all(unary_test(test).holds(value) for value in fits)
    assert not any(unary_test(test).holds(value) for value in fails)


@pytest.mark.parametrize("test", ["A", "> 'x'", "__import__", "1..5", "?"])
def test_an_entry_that_is_no_test_is_refused(test: str) -> None:
    with pytest.raises(ValueError, match="no test"):
        unary_test(test)


def test_a_unique_table_answers_its_one_rule() -> None:
    table = decision(
        ["plan.scope"], ["route", "n"], [['"PUBLIC"', '"HEAD"', "1 + 1"], ['not("PUBLIC")', '"NONE"', "0"]]
    )
    assert table.result({"plan": {"scope": "PUBLIC"}}) == {"route": "HEAD", "n": 2}


def test_no_rule_is_a_refusal_and_never_an_empty_answer() -> None:
    table = decision(["x"], ["y"], [['"A"', "1"]])
    with pytest.raises(NoRule, match="x = 'B'"):
        table.result({"x": "B"})


def test_two_rules_at_once_are_a_refusal() -> None:
    table = decision(["x"], ["y"], [["> 1", "1"], ["> 2", "2"]])
    with pytest.raises(SeveralRules, match=r"\[1, 2\]"):
        table.result({"x": 3})


def test_first_takes_the_first_and_collect_takes_all() -> None:
    rows = [["> 1", "1"], ["> 2", "2"], ["-", "0"]]
    assert decision(["x"], ["y"], rows, "FIRST").result({"x": 3}) == {"y": 1}
    assert decision(["x"], ["y"], rows, "COLLECT").result({"x": 3}) == [1, 2, 0]
    assert decision(["x"], ["y"], rows[:1], "COLLECT").result({"x": 0}) == []


def test_any_answers_what_all_its_rules_agree_on() -> None:
    table = decision(["x"], ["y"], [["> 1", "x > 0"], ["> 2", "true"], ["> 3", "1"], ["<= 1", "false"]], "ANY")
    assert table.decide({"x": 3}) == ({"y": True}, [1, 2])
    with pytest.raises(RulesDisagree, match=r"\[1, 2, 3\].*x = 4"):
        table.result({"x": 4})
    with pytest.raises(NoRule):
        table.result({"x": None})


def test_any_may_overlap_and_is_looked_at_for_gaps() -> None:
    assert findings(["x"], ["y"], [["-", "1"], ["> 2", "1"]], "ANY") == []
    assert findings(["x"], ["y"], [["> 1", "1"], ["> 2", "1"]], "ANY") == [("dmn.gap", 0)]


def test_rule_order_answers_every_rule_in_its_order() -> None:
    table = decision(["x"], ["y"], [["> 1", "5"], ["> 2", "2"], ["> 9", "0"]], "RULE ORDER")
    assert table.decide({"x": 3}) == ([5, 2], [1, 2])
    assert table.result({"x": 0}) == []


@pytest.mark.parametrize("policy", ["RULE ORDER", "COLLECT"])
def test_a_default_that_a_list_would_pass_over_is_refused(policy: str) -> None:
    entry = b'<output name="y"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>'
    data = dmn(["x"], ["y"], [["> 1", "1"]], policy).replace(b'<output name="y"/>', entry)
    _, found = read_decision("r.dmn", parse_xml(data))
    assert [finding.code for finding in found] == ["dmn.default"]


def test_collect_with_several_outputs_answers_mappings() -> None:
    table = decision(["x"], ["a", "b"], [["-", "1", '"p"'], ["-", "2", '"q"']], "COLLECT")
    assert table.result({"x": 0}) == [{"a": 1, "b": "p"}, {"a": 2, "b": "q"}]


def test_a_list_fits_when_one_of_its_items_does() -> None:
    table = decision(["channels"], ["y"], [['"TV"', "true"], ['not("TV")', "false"]])
    assert table.result({"channels": ["LAN", "TV"]}) == {"y": True}
    assert table.result({"channels": ["LAN"]}) == {"y": False}


def test_an_overlap_is_found() -> None:
    assert findings(["x", "z"], ["y"], [["> 1", '"A"', "1"], ["<= 5", '"A","B"', "2"], ["<= 1", '"C"', "3"]])[0] == (
        "dmn.overlap",
        2,
    )


def test_rows_apart_in_one_column_do_not_overlap() -> None:
    rows = [['"A"', "> 1", "1"], ['"A"', "<= 1", "2"], ['"B"', "-", "3"]]
    assert findings(["a", "b"], ["y"], rows) == []


def test_a_gap_between_numbers_is_found() -> None:
    assert findings(["x"], ["y"], [["< 1", "1"], ["> 1", "2"]]) == [("dmn.gap", 0)]


def test_a_gap_among_declared_values_is_found() -> None:
    assert findings(["x"], ["y"], [['"A"', "1"], ['"B"', "2"]], values='"A","B","C"') == [("dmn.gap", 0)]


def test_a_gap_among_combinations_is_found() -> None:
    rows = [['"A"', "true", "1"], ['"B"', "-", "2"]]
    assert findings(["a", "b"], ["y"], rows) == [("dmn.gap", 0)]


def test_a_last_row_for_all_else_closes_the_gap() -> None:
    assert findings(["a", "b"], ["y"], [['"A"', "true", "1"], ["-", "-", "2"]], "FIRST") == []


def test_numbers_by_themselves_are_a_finite_domain() -> None:
    assert findings(["n"], ["y"], [["1", '"a"'], ["2", '"b"'], ["3", '"c"']]) == []


def test_a_rule_that_is_never_reached_is_found() -> None:
    assert findings(["x"], ["y"], [["-", "1"], ['"A"', "2"]], "FIRST") == [("dmn.unreachable", 2)]


def test_a_rule_that_fits_nothing_is_found() -> None:
    assert ("dmn.unreachable", 2) in findings(["x"], ["y"], [["-", "1"], ["[5..1]", "2"]], "COLLECT")


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER", 'COLLECT" aggregation="SUM'])
def test_other_hit_policies_are_refused(policy: str) -> None:
    assert findings(["x"], ["y"], [["-", "1"]], policy)[0][0] == "dmn.policy"


def test_code_outside_the_language_is_refused_with_its_rule() -> None:
    assert findings(["__import__"], ["y"], [["-", "1"]])[0][0] == "dmn.expression"
    assert findings(["x"], ["y"], [["-", "open(1)"]])[0][0] == "dmn.expression"
    assert findings(["x"], ["y"], [["A B", "1"]]) == [("dmn.test", 1)]


CALLED = "<s:calledDecisionId>route</s:calledDecisionId>{}"
RULE = f'<businessRuleTask id="d2"><extensionElements>{CALLED}</extensionElements></businessRuleTask>'


def ruled(extra: str = "") -> str:
    return process('<startEvent id="s"/>' + RULE.format(extra) + '<endEvent id="e"/>', "s d2 e")


def test_a_rule_task_keeps_the_answer_under_its_variable_or_its_id() -> None:
    table = {"r.dmn": dmn(["x"], ["route"], [["-", "x + 1"]])}
    named = "<s:properties><s:property name='variable' value='route'/></s:properties>"
    assert Play(compiled(ruled(), **table), {"x": 1}).live.variables["d2"] == {"route": 2}
    assert Play(compiled(ruled(named), **table), {"x": 1}).live.variables["route"] == {"route": 2}


def test_an_overlap_keeps_the_version_from_being_deployed() -> None:
    files = {"p.bpmn": diagram(ruled()), "r.dmn": dmn(["x"], ["y"], [["-", "1"], ["> 1", "2"]])}
    assert [finding.code for finding in check(files)] == ["dmn.overlap"]


def test_two_tables_in_a_file_are_refused() -> None:
    data = dmn(["x"], ["y"], [["-", "1"]]).replace(b"</definitions>", b"")
    second = data[data.index(b"<decision ") :]
    _, found = read_decision("r.dmn", parse_xml(data + second + b"</definitions>"))
    assert [finding.code for finding in found] == ["dmn.tables"]
