"""The description of the addresses for programs says what is there, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.web.test_api import letter, program_with


@pytest.fixture
def told(school):
    return school.visitor().get("/api/openapi.json").get_json()


def test_every_address_is_described_and_every_described_address_is_there(school, told):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api")), method.lower())
        for rule in school.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in ("api.elsewhere", "api.described")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in told["paths"].items() for method in methods}
    assert routes == described and len(routes) == 7


def test_every_reference_leads_somewhere(told):
    names = set(re.findall(r"#/components/schemas/(\w+)", str(told)))
    assert names and names == set(told["components"]["schemas"])


@pytest.mark.parametrize("shape", ["Message", "Fetch", "Completion", "Failure", "Error", "Extension"])
def test_a_request_without_what_is_required_is_refused_by_those_names(school, told, shape):
    required = set(told["components"]["schemas"][shape]["required"])
    path, method = next(
        (path, method)
        for path, methods in told["paths"].items()
        for method, each in methods.items()
        if f"/{shape}'" in str(each.get("requestBody"))
    )
    program = program_with(school, ["*"], ["*"])
    status, answer = program.ask(method.upper(), path.replace("{task}", "x"), {})
    assert status == 422 and set(answer["error"]["fields"]) == required


def test_numbers_have_their_bounds(school, told):
    lock = told["components"]["schemas"]["Fetch"]["properties"]["lock_seconds"]
    assert (lock["minimum"], lock["maximum"], lock["default"]) == (1, 86400, 60)
    program = program_with(school, ["*"], ["*"])
    said = {"worker": "w", "topics": ["x"]}
    assert program.post("/external-tasks/fetch-and-lock", **said, lock_seconds=86401)[0] == 422
    assert program.post("/external-tasks/fetch-and-lock", **said, lock_seconds=86400)[0] == 200


def test_an_answer_has_the_fields_that_are_told(school, told):
    program = program_with(school, ["*"], ["*"])
    assert set(program.post("/messages", **letter())[1]["error"]) <= {"code", "message", "fields"}
    answer = program.post("/external-tasks/fetch-and-lock", worker="w", topics=["x"])[1]
    assert set(answer) == set(told["components"]["schemas"]["Fetched"]["required"])
