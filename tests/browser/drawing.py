"""A designer adds a step to the five steps in the browser, and a colleague puts it in force."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.test_journey import ROW, said

At = Callable[..., Person]
DESIGNER, DEPLOYER = "aiwen", "mozhenyu"
STEP = "登记来件"
FLOW = "matter_opened_to_propose"
GATE = "gw_reviewed_to_approval_route"
CONDITION = 'review.result == "PASS" and not review.stop_list and (not review.sco or sco.result == "PASS")'
WHY = "立项后先登记来件。"


def open_a_matter(at: At) -> str:
    """A matter that runs on the version of now; the address of its page."""
    handler = at("xuzhihang")
    begin(handler)
    expect(handler.heading).to_contain_text("提出公开方案")
    handler.follows(ROW)
    return handler.page.url


def begin(handler: Person) -> None:
    handler.opens("/catalogue")
    handler.follows(said("The catalogue that counts for me"))
    handler.follows(ROW)
    handler.presses(said("Open a matter for this row"))


def add_a_step_with_two_mistakes(at: At) -> None:
    """A user task behind the start, for nobody one can name, and a way with a condition that is none."""
    designer = at(DESIGNER)
    designer.opens("/designer")
    card = designer.page.locator(".card").filter(has=designer.page.locator(".card-header code", has_text="disclosure"))
    card.get_by_role("button", name=said("Draw on from here")).first.click()
    board = Board(designer.page)
    board.drops_a_task_on(FLOW)
    board.names(STEP)
    board.makes_it_a_user_task()
    board.writes("assignment-organisation", "承办(")
    board.selects(GATE)
    board.writes("condition-conditionExpression", 'reviewed.result = "PASS"')
    designer.looks("70-two-mistakes-unchecked")
    board.checks()
    expect(board.mistakes).to_have_count(2)
    expect(board.badge(board.step)).to_be_visible()
    expect(board.badge(GATE)).to_be_visible()
    designer.looks("71-two-mistakes")


def mend_them(at: At) -> None:
    """Go to each from the list, mend it in the panel, and check again."""
    designer = at(DESIGNER)
    board = Board(designer.page)
    board.goes_to_the_mistake(STEP)
    board.writes("assignment-organisation", "organisation")
    board.goes_to_the_mistake("审核通过？ → 判定审批程序")
    board.writes("condition-conditionExpression", CONDITION)
    board.checks()
    expect(board.mistakes).to_have_count(0)
    expect(designer.page.locator("[data-state=saved]")).to_be_visible()
    designer.looks("72-mended")


def rehearse(at: At) -> None:
    """The dry run stops first at the new step, and goes on behind it to the plan."""
    designer = at(DESIGNER)
    designer.page.locator("[data-act=rehearse]").click()
    designer.page.get_by_role("button", name="开始试运行").click()
    tasks = designer.page.locator(".designer-task")
    expect(tasks).to_contain_text(STEP)
    designer.looks("73-rehearsal")
    tasks.get_by_role("button", name="办理").click()
    tasks.get_by_role("button", name=said("Complete this step")).click()
    expect(tasks).to_contain_text("提出公开方案")
    designer.page.get_by_role("button", name="结束试运行").click()


def ask_for_deployment(at: At) -> None:
    designer = at(DESIGNER)
    designer.page.locator("#note").fill(WHY)
    designer.page.locator("form:has(#note) button").click()
    designer.sees(WHY, STEP)
    expect(designer.page.get_by_role("button", name=said("Approve and put in force"))).to_have_count(0)


def deploy(at: At) -> None:
    """A colleague looks at the difference on the diagram, and approves."""
    colleague = at(DEPLOYER)
    colleague.opens("/designer")
    colleague.follows(said("waits for approval"))
    colleague.sees(WHY, STEP, said("added"))
    expect(colleague.page.locator("#difference .djs-overlays .designer-badge.is-added").first).to_be_visible()
    colleague.looks("74-difference")
    colleague.presses(said("Approve and put in force"))
    colleague.sees(said("approved"))


def the_next_matter_takes_the_new_way(at: At, running: str) -> None:
    """The next begins with the new step; the one under way has none."""
    handler = at("xuzhihang")
    begin(handler)
    expect(handler.heading).to_contain_text(STEP)
    handler.opens(running)
    handler.sees("提出公开方案")
    expect(handler.page.locator("main")).not_to_contain_text(STEP)


class Board:
    """The editor of a diagram, open on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.step = ""
        expect(page.locator(".designer-editor[data-ready]")).to_be_visible()

    def drops_a_task_on(self, flow: str) -> None:
        """Take a task from the palette and let it fall on a way, which then leads through it."""
        before = self._tasks()
        self.page.locator(".djs-palette [data-action='create.task']").click()
        self.page.mouse.move(*self.middle(flow), steps=8)
        self.page.mouse.click(*self.middle(flow))
        self.page.wait_for_function("n => document.querySelectorAll('.djs-shape').length > n", arg=len(before))
        [self.step] = self._tasks() - before

    def names(self, words: str) -> None:
        """Type over the element, where the editor waits for its name."""
        self.page.locator(".djs-direct-editing-content").fill(words)
        self.page.keyboard.press("Enter")
        self.selects(self.step)

    def makes_it_a_user_task(self) -> None:
        self.page.locator(".djs-context-pad [data-action='replace']").click()
        self.page.locator(".djs-popup [data-id='replace-with-user-task']").click()
        expect(self.page.locator(".bio-properties-panel-header-type")).to_have_text("用户任务")

    def selects(self, element: str) -> None:
        """Click until its properties are there: the editor swallows a click that comes too soon after a drop."""
        shown = self.page.locator("#bio-properties-panel-id")
        for _ in range(50):
            self.page.mouse.click(*self.middle(element))
            if shown.count() and shown.input_value() == element:
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{element} cannot be selected")

    def writes(self, entry: str, text: str) -> None:
        field = self.page.locator(f"[data-entry-id^='{entry}']").locator("textarea, input").first
        field.fill(text)
        field.blur()

    def goes_to_the_mistake(self, name: str) -> None:
        self.mistakes.get_by_role("button", name=name).click()

    def checks(self) -> None:
        self.page.locator("[data-act=check]").click()

    def middle(self, element: str) -> tuple[float, float]:
        """Where on the screen the element lies; a level way has no height."""
        box = self.page.locator(f".djs-element[data-element-id='{element}'] > .djs-hit").first.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def badge(self, key: str) -> Locator:
        return self.page.locator(f".djs-overlays[data-container-id='{key}'] .designer-badge")

    @property
    def mistakes(self) -> Locator:
        return self.page.locator(".designer-drawer li.is-error")

    def _tasks(self) -> set[str]:
        shapes = self.page.locator(".djs-shape").all()
        return {str(shape.get_attribute("data-element-id")) for shape in shapes}
