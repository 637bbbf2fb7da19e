"""More to take pictures of: the inspector, tools, structured answers, pictures, versions side by side."""

from base64 import b64decode
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.site import new_name

_IMPORT = """
from conversations.actions.catalogue import import_entries
from conversations.models import ParameterRule, Provider, User
provider = Provider(name=name, kind="openai", base_url=url)
provider.set_key("sk-pictures")
provider.save()
row = import_entries(User.objects.filter(is_superuser=True).first(), provider, ["openai/gpt-4.1-mini"])[0]
ParameterRule.objects.create(model=row, name="temperature", value=0.4, maximum=1.2)
ParameterRule.objects.create(model=row, name="max_completion_tokens", mode="fixed", value=4096)
result = str(row.pk)
"""
_PEOPLE = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "person", "schema": _PEOPLE}}
_PREFER = """
from conversations.actions.parameters import save_own_defaults
from conversations.models import LanguageModel, User
save_own_defaults(User.objects.get(pk=user_id), LanguageModel.objects.get(pk=model), values)
"""
_RED = """
import base64, io
from PIL import Image
picture, file = Image.linear_gradient("L").resize((640, 420)).convert("RGB"), io.BytesIO()
picture.save(file, "PNG")
result = base64.b64encode(file.getvalue()).decode()
"""


def _governed(visitor: Visitor) -> None:
    stage = visitor.stage
    model = stage.backstage.run(_IMPORT, name=new_name("openai"), url=stage.upstream.at("/openai/v1"))
    visitor.page.goto(f"{stage.url}/?model={model}")
    visitor.connected()


def _inspect(visitor: Visitor) -> None:
    _governed(visitor)
    visitor.press(visitor.page.get_by_role("link", name="Inspector"))
    expect(visitor.page.locator(".inspector__inner")).to_be_visible()


def parameters(visitor: Visitor) -> None:
    _inspect(visitor)
    field = visitor.page.locator('[data-name="temperature"] input[type="text"]')
    field.fill("1.9")
    field.blur()
    expect(visitor.page.locator(".param__error").first).to_be_visible()


def model_card(visitor: Visitor) -> None:
    _inspect(visitor)
    visitor.press(visitor.page.get_by_role("tab", name="Model"))


def request(visitor: Visitor) -> None:
    _inspect(visitor)
    if not visitor.device.is_phone:
        visitor.field.fill("Why is the sea salty?")
    visitor.press(visitor.page.get_by_role("tab", name="Request"))
    expect(visitor.page.locator("#panel-request pre").first).to_be_visible()


def show_request(visitor: Visitor) -> None:
    _governed(visitor)
    visitor.ask("Why is the sea salty?")
    message = visitor.answer.get_attribute("data-message")
    visitor.page.goto(f"{visitor.stage.url}/messages/{message}/request/")


def details(visitor: Visitor) -> None:
    _governed(visitor)
    visitor.ask("Why is the sea salty?")
    visitor.act(visitor.answer, "Details")


def _demo(visitor: Visitor, text: str, **values: object) -> None:
    model = visitor.stage.models["demo"]
    visitor.stage.backstage.run(_PREFER, user_id=visitor.person.user_id, model=model, values=values)
    visitor.open(model="demo").ask(text)


def tools(visitor: Visitor) -> None:
    call = {"name": "get_weather", "description": "The weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"]}}  # fmt: skip
    _demo(visitor, "/tool What is the weather in Bergen?", tools=[{"type": "function", "function": call}])


def structured(visitor: Visitor) -> None:
    _demo(visitor, "/json Who was Ada Lovelace?", response_format=SCHEMA)


def pictures(visitor: Visitor) -> None:
    buffer = b64decode(visitor.stage.backstage.run(_RED))
    given = [{"name": f"harbour {number}.png", "mimeType": "image/png", "buffer": buffer} for number in (1, 2)]

    def add(count: int) -> None:
        visitor.press(visitor.page.get_by_role("button", name="Add pictures"))
        visitor.page.locator('#attach input[type="file"]').set_input_files(given[:count])  # type: ignore[arg-type]
        expect(visitor.page.locator('.attachment[data-state="there"]')).to_have_count(count)

    visitor.open(model="demo")
    add(1)
    visitor.ask("What can you see?")
    add(2)


def compare(visitor: Visitor) -> None:
    visitor.open(model="words-60-200").ask("Tell me about rivers.")
    visitor.act(visitor.answer, "Regenerate")
    expect(visitor.page.locator(".siblings__place")).to_have_text("2/2")
    visitor.wait_for("complete")
    message = visitor.answer.get_attribute("data-message")
    visitor.page.goto(f"{visitor.stage.url}/messages/{message}/compare/?view=words")


SCENES: dict[str, Callable[[Visitor], None]] = {
    "parameters": parameters,
    "model": model_card,
    "request": request,
    "show-request": show_request,
    "details": details,
    "tools": tools,
    "structured": structured,
    "pictures": pictures,
    "compare": compare,
}
