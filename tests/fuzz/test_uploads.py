"""Mutated and hostile files through the deployment check and over HTTP: no harm, no traceback, no 500."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.conformance import workers
from tests.web.conftest import School

from . import harm, mutations
from .test_escapes import PATIENT, harms
from .xml import HARMFUL

CANARY = "root:x:0"


def told(do: Any, jobs: Any) -> dict[Any, harm.Told | workers.Broken]:
    return dict(workers.run(do, jobs, PATIENT, megabytes=2048, count=1))


@pytest.mark.timeout(300)
def test_mutated_procedures_do_no_harm() -> None:
    answers = told(harm.diagram, range(80))
    assert harms({str(seed): answer for seed, answer in answers.items()}) == {}
    assert {answer.result for answer in answers.values()} >= {"refused", "harmless"}  # type: ignore[union-attr]


@pytest.mark.timeout(300)
def test_made_up_scripts_do_no_harm() -> None:
    answers = told(harm.generated, range(600))
    assert harms({str(seed): answer for seed, answer in answers.items()}) == {}
    assert {answer.result for answer in answers.values()} >= {"refused", "stopped", "harmless"}  # type: ignore[union-attr]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("ending", ["bpmn", "dmn", "form.json"])
def test_harmful_xml_does_no_harm(ending: str) -> None:
    answers = told(harm.upload, [(f"{name}.{ending}", data) for name, data in HARMFUL.items()])
    assert harms({name: answer for (name, _), answer in answers.items()}) == {}


def bring(school: School, files: dict[str, bytes]) -> Any:
    """Import files at the designer's browser."""
    school.app.config["MAX_CONTENT_LENGTH"] = 40_000_000
    chosen = [(io.BytesIO(data), name) for name, data in files.items()]
    return school.browser("aiwen").post("/designer/import", data={"files": chosen})


@pytest.mark.timeout(300)
def test_no_import_of_harmful_xml_is_an_error_of_ours(school: School) -> None:
    for name, data in HARMFUL.items():
        answer = bring(school, {"a.bpmn": data})
        assert answer.status_code < 500, name
        assert CANARY not in answer.get_data(as_text=True), name


@pytest.mark.timeout(300)
def test_no_import_of_a_mutated_procedure_is_an_error_of_ours(school: School) -> None:
    for seed in range(12):
        _, files = mutations.mutant(seed)
        answer = bring(school, files)
        assert answer.status_code < 500, seed
        if answer.status_code == 302:
            assert school.browser("aiwen").post(f"{answer.headers['Location']}/check", json={}).status_code < 500, seed
