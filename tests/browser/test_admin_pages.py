"""The admin and the account pages in a real browser: the CSP holds, axe finds nothing, nothing scrolls sideways."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site import Site, new_name

pytestmark = pytest.mark.browser

MAKE = """
import uuid
from decimal import Decimal
from django.contrib.auth.models import Group
from conversations.actions.catalogue import import_entries
from conversations.models import LanguageModel, ParameterRule, Provider, Usage, User
provider, _ = Provider.objects.get_or_create(name="Pages", defaults={"base_url": "http://127.0.0.1:9/v1"})
catalogued, _ = Provider.objects.get_or_create(name="Catalogued", defaults={"kind": "openai"})
provider.set_key("sk-pages"); provider.save()
model, _ = LanguageModel.objects.get_or_create(provider=provider, wire_name="pages", defaults={"name": "Pages"})
user = User.objects.get(pk=user_id)
row = Usage.objects.create(
    generation_id=uuid.uuid4(), conversation_id=uuid.uuid4(), user=user, user_name=user.username,
    provider_name="Pages", model_name="pages", status="complete", cost=Decimal("0.01"),
)
import_entries(user, catalogued, ["openai/gpt-4.1"])
offered = LanguageModel.objects.get(provider=catalogued)
offered.catalogue_offer = {"name": "Before"}; offered.save()
group, _ = Group.objects.get_or_create(name="Pages")
user.groups.add(group)
ParameterRule.objects.get_or_create(model=offered, group=group, name="temperature", mode="fixed", value=0.2)
sections = {"provider": str(provider.pk), "languagemodel": str(model.pk), "user": str(user.pk)}
result = ["/admin/", "/admin/conversations/usage/", "/password/"]
for name, pk in sections.items():
    base = f"/admin/conversations/{name}/"
    result += [base, f"{base}add/", f"{base}{pk}/change/", f"{base}{pk}/history/"]
models, rules = "/admin/conversations/languagemodel/", "/admin/conversations/parameterrule/"
result += [f"{models}catalogue/?provider={catalogued.pk}", f"{models}{offered.pk}/change/"]
result += [f"{models}{offered.pk}/catalogue/", rules, f"{rules}?model={offered.pk}&group={group.pk}"]
result += [f"{rules}effective/?model={offered.pk}&person={user.pk}", "/admin/conversations/usage/totals/"]
result += ["/admin/auth/group/", "/admin/auth/group/add/"]
result += [f"/admin/auth/group/{group.pk}/{name}/" for name in ("change", "delete", "members", "history")]
result += [f"/admin/conversations/provider/{provider.pk}/delete/", f"/admin/conversations/usage/{row.pk}/change/"]
"""


@pytest.fixture(scope="module")
def paths_and_page(shared_site: Site, browser: Browser) -> Iterator[tuple[list[str], Page, list[str]]]:
    """Every page of an admin who is signed in, the browser's tab, and what its console complained about."""
    person = shared_site.add_person(new_name("admin"), is_admin=True)
    paths = shared_site.run(MAKE, user_id=person.user_id)
    complaints: list[str] = []
    context = browser.new_context(base_url=shared_site.url)
    context.add_cookies([{"name": "session", "value": person.session, "url": shared_site.url}])
    context.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield paths, context.new_page(), complaints
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_clean(paths_and_page: tuple[list[str], Page, list[str]], scheme: str, width: int) -> None:
    paths, page, complaints = paths_and_page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    found = []
    for path in [*paths, "/sign-in/?next=/admin/", "/setup/0/"]:
        complaints.clear()
        page.goto(path)
        found += [f"{path}: {text}" for text in complaints if "404" not in text]
        problems = Axe().run(page)  # sets styles of its own: its complaints are not ours
        if problems.violations_count:
            found.append(f"{path}: {problems.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} scrolls sideways")
    assert found == []
