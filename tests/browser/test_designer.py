"""What a designer is shown of a diagram that would break the regulation."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.person import Person
from tests.support.servers import Site

CHANGE = """async ([path, old, changed]) => {
  const address = `${location.pathname}/files/${path}`
  const answer = await fetch(address)
  const headers = {
    'If-Match': answer.headers.get('ETag').replace('W/', ''),
    'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content,
    Accept: 'application/json',
  }
  return (await fetch(address, { method: 'PUT', headers, body: (await answer.text()).replace(old, changed) })).ok
}"""


def test_the_shortest_way_to_a_breach_is_walked_on_the_diagrams(browser: Browser, school: Site):
    designer = Person(browser, school.url).signs_in("aiwen")
    page = designer.page
    designer.opens("/designer")
    card = page.locator(".card").filter(has=page.locator(".card-header code", has_text="disclosure")).first
    card.locator("form button").first.click()
    expect(page.locator(".designer-editor[data-ready]")).to_be_visible()
    people = 'name="separate_from" value="draft"'
    assert page.evaluate(CHANGE, ["disclosure.bpmn", people, people.replace("draft", "review")])
    designer.opens(page.url)
    page.locator("[data-act=check]").click()
    found = page.locator("[data-finding='rule.person']").first
    expect(found).to_contain_text("走到违反处共")
    found.locator("[data-way=on]").click()
    expect(found.locator(".designer-way-place")).to_contain_text("第 1 步")
    expect(page.locator(".djs-element.is-way-here")).to_have_count(1)
    found.locator("[data-way=end]").click()
    here = page.locator(".designer-editor[data-path='disclosure.bpmn'] .djs-element.is-way-here")
    expect(here).to_have_attribute("data-element-id", "approve_head")
    expect(page.locator(".djs-connection.is-way").first).to_be_attached()
    designer.looks("75-way-to-a-breach")
    found.locator("[data-way=back]").click()
    expect(page.locator(".is-way-here[data-element-id=approve_head]")).to_have_count(0)
    expect(found.locator("[data-way=on]")).to_be_enabled()
    assert designer.complaints == []
