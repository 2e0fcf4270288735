"""From what a browser posts to raw data, without losing what a person has done."""

from __future__ import annotations

from typing import Any

import pytest

import forms
from tests.forms.definitions import DIGEST, LETTER, OTHER, Posted, Upload, field, form

TITLE = field("textfield", "title")
FILES = field("filepicker", "files", multiple=True)
ROWS = field("dynamiclist", "rows", allowAddRemove=True, components=[TITLE, field("checkbox", "done"), FILES])


class Shelf:
    """Keeps what it is given and remembers what it has given out."""

    def __init__(self, *kept: dict[str, Any]) -> None:
        self.files = {file["digest"]: file for file in kept}

    def keep(self, upload: Upload) -> dict[str, Any]:
        if upload.filename.endswith(".exe"):
            raise forms.Refused("Files of this type are not taken.")
        digest = format(len(self.files), "064x")
        return self.files.setdefault(
            digest, {"digest": digest, "name": upload.filename, "type": "text/plain", "size": 1}
        )


def read(*components: Any, form_: Posted | None = None, files: Posted | None = None, shelf: Shelf | None = None) -> Any:
    shelf = shelf or Shelf()
    return forms.read(form(*components), form_ or Posted(), files or Posted(), shelf.keep, shelf.files.get)


def test_an_empty_input_is_null_and_one_that_was_not_on_the_page_is_left_out() -> None:
    assert read(TITLE, field("number", "n"), form_=Posted(title="")) == {"title": None}


def test_names_outside_the_form_are_not_read() -> None:
    assert read(TITLE, form_=Posted(title="a", approved_hash="x", csrf_token="t")) == {"title": "a"}


def test_a_box_left_empty_differs_from_one_that_was_not_on_the_page() -> None:
    boxes = (field("checkbox", "sure"), field("checklist", "which"))
    assert read(*boxes) == {}
    assert read(*boxes, form_=Posted(sure__shown="1", which__shown="1")) == {"sure": False, "which": []}
    assert read(*boxes, form_=Posted(sure="1", which=["a", "b"])) == {"sure": True, "which": ["a", "b"]}


@pytest.mark.parametrize("lock", ["readonly", "disabled"])
def test_a_locked_field_is_not_read(lock: str) -> None:
    assert read({**TITLE, lock: True}, form_=Posted(title="forged")) == {}


def test_groups_are_read_flat_or_under_their_path() -> None:
    flat, nested = {"type": "group", "components": [TITLE]}, field("group", "g", components=[TITLE])
    assert read(flat, nested, form_=Posted(**{"title": "a", "g-title": "b"})) == {"title": "a", "g": {"title": "b"}}


def test_rows_are_read_in_their_order() -> None:
    posted = Posted(**{"rows-10-title": "c", "rows-0-title": "a", "rows-2-title": "b", "rows-2-done": "1"})
    assert read(ROWS, form_=posted) == {"rows": [{"title": "a"}, {"title": "b", "done": True}, {"title": "c"}]}


def test_a_row_is_added_without_javascript() -> None:
    posted = Posted(**{"rows-0-title": "a", "rows--add": "1"})
    assert read(ROWS, form_=posted) == {"rows": [{"title": "a"}, {}]}


def test_a_row_is_removed_without_javascript() -> None:
    posted = Posted(**{"rows-0-title": "a", "rows-1-title": "b", "rows-0--remove": "1"})
    assert read(ROWS, form_=posted) == {"rows": [{"title": "b"}]}


def test_removing_the_last_row_leaves_an_empty_list() -> None:
    posted = Posted(**{"rows-0-title": "a", "rows--shown": "1", "rows-0--remove": "1"})
    assert read(ROWS, form_=posted) == {"rows": []}


def test_a_row_left_blank_is_dropped_on_submission_only() -> None:
    posted = {"rows-0-title": "a", "rows-1-title": " ", "rows-1-done--shown": "1", "rows--shown": "1"}
    assert read(ROWS, form_=Posted(**posted)) == {"rows": [{"title": "a"}]}
    assert len(read(ROWS, form_=Posted(**posted, action="refresh"))["rows"]) == 2


def test_the_number_of_rows_is_bounded() -> None:
    posted = Posted(**{f"rows-{index}-title": "a" for index in range(5000)})
    assert len(read(ROWS, form_=posted)["rows"]) == 101


def test_a_page_that_asks_only_to_be_drawn_again_says_so() -> None:
    assert forms.is_refresh(Posted(action="refresh"))
    assert forms.is_refresh(Posted(**{"rows--add": "1", "action": "submit"}))
    assert forms.is_refresh(Posted(**{"rows-3--remove": "1"}))
    assert not forms.is_refresh(Posted(action="submit", title="--add"))


def test_an_uploaded_file_is_kept_at_once() -> None:
    shelf = Shelf()
    raw = read(FILES, files=Posted(files=[Upload("a.txt"), Upload("")]), shelf=shelf)
    assert [file["name"] for file in raw["files"]] == ["a.txt"] and len(shelf.files) == 1


def test_a_kept_upload_survives_a_failed_submission() -> None:
    shelf = Shelf(LETTER)
    raw = read(FILES, form_=Posted(files__kept=DIGEST), files=Posted(files=[Upload("b.txt")]), shelf=shelf)
    assert [file["name"] for file in raw["files"]] == ["来函.pdf", "b.txt"]


def test_a_kept_upload_in_a_row_survives_too() -> None:
    raw = read(ROWS, form_=Posted(**{"rows-0-title": "a", "rows-0-files--kept": DIGEST}), shelf=Shelf(LETTER))
    assert raw["rows"][0]["files"] == [LETTER]


def test_a_kept_upload_can_be_removed() -> None:
    posted = Posted(files__kept=[DIGEST, OTHER], files__drop=DIGEST, files__shown="1")
    other = {**LETTER, "digest": OTHER}
    assert read(FILES, form_=posted, shelf=Shelf(LETTER, other))["files"] == [other]


def test_nobody_can_name_a_file_that_the_lookup_does_not_grant() -> None:
    raw = read(FILES, form_=Posted(files__kept=OTHER), shelf=Shelf(LETTER))
    assert "digest" not in raw["files"][0]
    with pytest.raises(forms.Invalid):
        forms.validate(form(FILES), raw)


def test_where_one_file_is_asked_for_a_new_one_replaces_the_old() -> None:
    one = field("filepicker", "files")
    raw = read(one, form_=Posted(files__kept=DIGEST), files=Posted(files=[Upload("b.txt")]), shelf=Shelf(LETTER))
    assert [file["name"] for file in raw["files"]] == ["b.txt"]


def test_a_refused_file_is_reported_at_its_field_and_the_others_stay() -> None:
    raw = read(FILES, form_=Posted(files__kept=DIGEST), files=Posted(files=[Upload("virus.exe")]), shelf=Shelf(LETTER))
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(FILES), raw)
    assert refused.value.errors == {"files": ["Files of this type are not taken."]}
    assert "来函.pdf" in forms.render(form(FILES), raw, refused.value.errors)
