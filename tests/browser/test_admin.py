"""The admin by hand: rules that show only the fields they need, people found as one types, offers taken over."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import examine
from tests.browser.chromium import Device
from tests.browser.conftest import NewVisitor
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor
from tests.site import new_name

pytestmark = pytest.mark.browser

RULES = "/admin/conversations/parameterrule/"
MAKE_GROUP = """
from django.contrib.auth.models import Group
from conversations.models import User
group = Group.objects.create(name=name)
User.objects.create(username=f"{name}-zoe", display_name=f"Zoe of {name}", password="!")
result = group.pk
"""
MAKE_MODEL = """
from django.contrib.auth import get_user_model
from conversations.actions.catalogue import import_entries
from conversations.models import LanguageModel, Provider
provider = Provider.objects.create(name=name, kind="openai", base_url="http://127.0.0.1:9/v1", is_enabled=False)
import_entries(get_user_model().objects.get(pk=user_id), provider, ["openai/gpt-4.1"])
model = LanguageModel.objects.get(provider=provider)
model.catalogue_offer["description"] = model.description = "What it said before"
model.save()
result = str(model.pk)
"""


@pytest.fixture
def admin(new_visitor: NewVisitor, stage: Stage, device: Device) -> Visitor:
    return new_visitor(device, person=stage.person(is_admin=True))


def rule(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("group", name=title, exact=True)


def test_a_rule_shows_the_fields_its_mode_needs(admin: Visitor, stage: Stage) -> None:
    model = stage.backstage.run(MAKE_MODEL, name=new_name("P"), user_id=admin.person.user_id)
    page = admin.page
    page.goto(f"{stage.url}{RULES}?model={model}")
    temperature = rule(admin, "Temperature")
    fields = {name: temperature.get_by_label(name, exact=True) for name in ("Value", "Minimum", "Maximum")}
    expect(fields["Value"]).to_be_hidden()
    temperature.get_by_label("Rule").select_option("default")
    for field in fields.values():
        expect(field).to_be_visible()
    temperature.get_by_label("Rule").select_option("fixed")
    expect(fields["Maximum"]).to_be_hidden()
    fields["Value"].fill("7")
    admin.press(page.get_by_role("button", name="Save the rules"))
    expect(temperature.get_by_text("between 0 and 2.")).to_be_visible()
    examine(admin, "a refused rule")
    fields["Value"].fill("0.5")
    admin.press(page.get_by_role("button", name="Save the rules"))
    expect(page.get_by_text("Saved for GPT-4.1, everybody: temperature.")).to_be_visible()
    expect(rule(admin, "Temperature").get_by_label("Value", exact=True)).to_have_value("0.5")


def test_people_are_found_by_typing_and_added_to_a_group(admin: Visitor, stage: Stage) -> None:
    name = new_name("team")
    group = stage.backstage.run(MAKE_GROUP, name=name)
    page = admin.page
    page.goto(f"{stage.url}/admin/auth/group/{group}/members/")
    search = page.get_by_label("Type a name to find people")
    search.click()
    search.press_sequentially(f"{name}-z")
    page.get_by_role("option", name=f"Zoe of {name}").click()
    admin.press(page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_text("One person added.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=f"Zoe of {name}")).to_be_visible()
    examine(admin, "members")


def test_the_catalogue_s_changes_are_taken_over_with_a_click(admin: Visitor, stage: Stage) -> None:
    model = stage.backstage.run(MAKE_MODEL, name=new_name("P"), user_id=admin.person.user_id)
    page = admin.page
    page.goto(f"{stage.url}/admin/conversations/languagemodel/{model}/change/")
    admin.press(page.get_by_role("link", name="Look at it"))
    expect(page.get_by_label("Description")).to_be_checked()
    admin.press(page.get_by_role("button", name="Take over what is ticked"))
    expect(page.get_by_text("Taken over: Description.")).to_be_visible()
    expect(page.get_by_label("Description")).not_to_have_value("What it said before")
    expect(page.get_by_text("The catalogue has")).to_have_count(0)
