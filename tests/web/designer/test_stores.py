"""From a draft to a version in force, on every store."""

from __future__ import annotations

from tests.web.designer.conftest import JSON, REVIEW, Desk, in_force
from tests.web.test_stores import anywhere  # noqa: F401


def test_a_draft_is_saved_rehearsed_and_deployed(anywhere):  # noqa: F811
    designer, deployer = anywhere.browser("aiwen"), anywhere.browser("mozhenyu")
    before = in_force(anywhere)
    draft = Desk(designer, designer.post("/designer/drafts", data={"version": before}).headers["Location"])
    assert draft.change(REVIEW, "提出、协同确认与审核", "改过").status_code == 200
    assert draft.change(REVIEW, "改过", "又改过").status_code == 200
    run = Desk(designer, draft.post("rehearsals").json["url"])
    assert len(run.post("clock", by="10wd").json["steps"]) == 3
    asked = draft.post("requests", note="x").json["url"]
    assert deployer.post(f"{asked}/approval", headers=JSON).status_code == 200
    assert in_force(anywhere) != before and "x" in deployer.get(asked).get_data(as_text=True)
    assert designer.get("/designer").status_code == 200
