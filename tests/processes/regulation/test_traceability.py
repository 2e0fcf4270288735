"""Article → rules → elements → forms → tests: nothing is left without a carrier, and the document says so."""

from __future__ import annotations

import pytest

from web.regulation import tracing


def test_every_article_has_a_carrier():
    assert tracing.uncarried() == []


def test_every_element_rests_on_an_article():
    assert [(place.procedure, place.element.id) for place in tracing.without_basis()] == []


def test_no_act_of_the_vocabulary_is_idle():
    assert tracing.idle_acts() == []


def test_the_files_that_carry_articles_exist():
    files = {carrier.file for trace in tracing.traces() for carrier in trace.article.carriers}
    assert [file for file in sorted(files) if not (tracing.ROOT / file).is_file()] == []


@pytest.mark.article("第十一条（三）")
def test_an_article_leads_to_its_rules_elements_forms_and_tests():
    trace = next(trace for trace in tracing.traces() if trace.article.name == "第十一条")
    assert {"approval-before-release", "every-release-archived"} <= {rule.id for rule in trace.rules}
    assert ("disclosure", "approve_head") in {(place.procedure, place.element.id) for place in trace.places}
    assert "disclosure/approve_head.form.json" in trace.forms
    assert any(test.endswith("leads_to_its_rules_elements_forms_and_tests") for test in trace.tests)


@pytest.mark.parametrize("language", tracing.PAGES)
def test_the_document_is_up_to_date(language):
    said = (tracing.ROOT / "docs" / tracing.PAGES[language]).read_text(encoding="utf-8")
    assert said == tracing.document(language), "run: mingtang regulation trace"
