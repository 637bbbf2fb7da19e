"""What a page is made of: one sheet of style, no inline style or handler, icons that exist, and little of it all."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.test import Client

from conversations.models import LanguageModel, User
from conversations.templatetags.pages import ICONS
from tests.views.pages import page_of

pytestmark = pytest.mark.usefixtures("static_files")

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LATER = "@layer components {"
"""How a sheet begins that is loaded when it is first used."""
OWN = [path for path in TEMPLATES.rglob("*.html") if "admin" not in path.parts]


def test_all_style_is_one_sheet() -> None:
    with staticfiles_storage.open(static("css/site.css").removeprefix("/static/")) as file:
        sheet = file.read().decode()
    assert "@import" not in sheet
    folder = Path(settings.BASE_DIR) / "static" / "css"
    ours = [path for path in folder.glob("*.css") if not path.name.startswith("admin") and path.name != "site.css"]
    parts = {path.name for path in ours if not path.read_text().startswith(LATER)}
    assert set(re.findall(r'^@import "([^"]+)"', (folder / "site.css").read_text(), re.MULTILINE)) == parts
    assert sheet.count("@layer") == len(parts) + 1


@pytest.mark.django_db
def test_script_and_style_of_the_chat_page_weigh_little(client: Client, alice: User, model: LanguageModel) -> None:
    html = page_of(client, alice)
    files = set(re.findall(r'(?:src|href)="/static/((?:js|css)/[^"]+)"', html))
    sizes = [len(gzip.compress((Path(settings.STATIC_ROOT) / name).read_bytes())) for name in files]
    print(f"{len(files)} files, {sum(sizes)} bytes compressed, page of {len(html)} bytes")
    assert len(files) + 1 <= 15
    assert sum(sizes) <= 60_000


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_inline_style_or_handler_and_stay_short(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe|autoescape", source)
    assert source.count("\n") < 60


def test_every_icon_used_is_in_the_sprite_and_none_lies_about() -> None:
    used = {name for path in OWN for name in re.findall(r'{% icon "([^"]+)" %}', path.read_text())}
    in_script = {name for name in ICONS if any(f"icon-{name}" in js.read_text() for js in _scripts())}
    assert used | in_script == set(ICONS)


def _scripts() -> list[Path]:
    return list((Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
