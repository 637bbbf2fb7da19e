"""Export and import in the browser: from choosing to the file and back, by keyboard, on a phone, without a script."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import examine
from tests.browser.conftest import NewVisitor
from tests.browser.test_without_script import without_script
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

AT = "2026-01-02T03:04:05Z"


def go(visitor: Visitor, path: str = "/transfers/") -> None:
    visitor.page.goto(visitor.stage.url + path)


def message(key: str, parent: str | None, role: str = "user") -> dict[str, Any]:
    return {"key": key, "parent": parent, "role": role, "created_at": AT, "text": f"Text of {key}"}


def odd_file(folder: Path) -> Path:
    """An archive of a good conversation, one to be repaired and one to be refused, with names that are markup."""
    trees = {
        "Fine": [message("a", None)],
        "<img src=x onerror=executed.push(1)>": [message("b", "lost")],
        "Of a wizard": [message("c", None, "wizard")],
    }
    path = folder / "<b>export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, (title, messages) in enumerate(trees.items(), 1):
            known = {"key": title, "title": title, "created_at": AT, "messages": messages}
            known["selected"] = messages[-1]["key"]
            archive.writestr(f"conversations/{number:06}.json", json.dumps(known))
        about = {"format": "chatsite-export", "version": 1, "created_at": AT, "counts": {"conversations": 3}}
        archive.writestr("manifest.json", json.dumps(about))
    return path


def test_what_is_exported_is_imported_by_somebody_else(new_visitor: NewVisitor, tmp_path: Path) -> None:
    alice, bob = new_visitor(), new_visitor()
    alice.stage.talk(alice.person, ["Where to?", "To the lake."], title="A walk")
    alice.stage.talk(alice.person, ["And then?", "Home."], title="Stays here")
    alice.open("/").menu("A walk").get_by_role("menuitem", name="Export").click()
    expect(alice.page.locator(".transfer-chosen li")).to_have_text(["A walk"])
    examine(alice, "the page of exports")
    alice.page.get_by_role("button", name="Export").click()
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="Download").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.startswith("chatsite-archive-")
    go(bob)
    bob.page.get_by_label("ZIP or JSON file").set_input_files(path)
    bob.page.get_by_role("button", name="See what is in it").click()
    bob.page.get_by_role("button", name="Import 1 conversation").click()
    expect(bob.page.locator(".verdict__line")).to_contain_text("1 of 1 conversation imported")
    assert bob.stage.titles(bob.person) == ["A walk"]


def test_the_trial_run_says_what_would_happen(visitor: Visitor, tmp_path: Path) -> None:
    go(visitor)
    visitor.page.get_by_label("ZIP or JSON file").set_input_files(odd_file(tmp_path))
    visitor.press(visitor.page.get_by_role("button", name="See what is in it"))
    lines = visitor.page.locator(".report__line")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("wizard")
    expect(lines.nth(1)).to_contain_text("<img src=x")
    expect(lines.nth(2)).to_contain_text("Fine")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Import of <b>export.zip")
    examine(visitor, "a trial run")
    assert visitor.overflow() == []
    assert visitor.stage.titles(visitor.person) == []
    visitor.press(visitor.page.get_by_role("button", name="Import 2 conversations"))
    expect(visitor.page.locator(".verdict__line")).to_contain_text("2 of 3 conversations imported")
    examine(visitor, "a finished import")


def test_a_file_that_is_none_is_refused_with_a_sentence(desktop: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 and nothing behind it")
    go(desktop)
    desktop.page.get_by_label("ZIP or JSON file").set_input_files(path)
    desktop.page.get_by_role("button", name="See what is in it").click()
    expect(desktop.page.get_by_role("alert")).to_contain_text("Nothing was imported.")
    examine(desktop, "a failed import")
    desktop.page.get_by_role("button", name="Remove the uploaded file").click()
    expect(desktop.page.get_by_role("heading", name="Export and import")).to_be_visible()


def test_an_empty_file_is_refused_on_the_page(desktop: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.touch()
    go(desktop)
    desktop.page.get_by_label("ZIP or JSON file").set_input_files(path)
    desktop.watch.expect("status (of )?400")
    desktop.page.get_by_role("button", name="See what is in it").click()
    expect(desktop.page.get_by_role("alert")).to_have_text("The file is empty.")
    expect(desktop.page.get_by_role("button", name="See what is in it")).to_be_enabled()


def test_chosen_ones_go_from_the_list_and_the_sidebar(desktop: Visitor) -> None:
    desktop.stage.conversations(desktop.person, ["First", "Second", "Third"])
    go(desktop, "/archive/")
    for title in ("First", "Third"):
        desktop.page.get_by_label(f"Select “{title}”").check()
    desktop.page.get_by_role("button", name="Export").click()
    expect(desktop.page.locator(".transfer-chosen li")).to_have_text(["First", "Third"])
    desktop.open("/").menu("Second").get_by_role("menuitem", name="Select").click()
    desktop.page.locator("#sidebar").get_by_role("button", name="Export").click()
    expect(desktop.page.locator(".transfer-chosen li")).to_have_text(["Second"])


def test_without_a_script_it_works_too(new_visitor: NewVisitor, tmp_path: Path) -> None:
    visitor = without_script(new_visitor)
    go(visitor)
    visitor.page.get_by_label("ZIP or JSON file").set_input_files(odd_file(tmp_path))
    visitor.page.get_by_role("button", name="See what is in it").click()
    visitor.page.get_by_role("button", name="Import 2 conversations").click()  # the page comes anew by itself
    expect(visitor.page.locator(".verdict__line")).to_contain_text("2 of 3 conversations imported")
