"""Pictures from a browser's upload to the bytes that reach a provider, through a really running site."""

import base64
import uuid
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.media.pictures import CANARY, DISGUISED, bomb, drawing, opened, photo
from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

MODELS = ("words-60-2000", "words-61-2000")


@pytest.fixture(scope="module")
def models(shared_site: Site, upstream_process: Upstream) -> dict[str, str]:
    """Ids by request format."""
    code = """
from conversations.models import LanguageModel, Provider
provider = Provider.objects.create(name=name, base_url=url)
made = {
    each: LanguageModel.objects.create(
        provider=provider, wire_name=wire, name=wire, request_format=each, abilities=["vision"])
    for each, wire in zip(("chat_completions", "responses"), names)
}
blind = LanguageModel.objects.create(provider=provider, wire_name="blind", name="Blind", abilities=["tools"])
result = {"blind": str(blind.pk), **{each: str(model.pk) for each, model in made.items()}}
"""
    made: dict[str, str] = shared_site.run(code, name=new_name("pictures"), url=upstream_process.url, names=MODELS)
    return made


@pytest.fixture
def person(shared_site: Site) -> Person:
    return shared_site.add_person(new_name())


def upload(site: Site, person: Person, data: bytes, name: str = "a.jpg") -> httpx.Response:
    with httpx.Client(base_url=site.url, cookies=person.cookies, trust_env=False, timeout=60) as client:
        page = client.get("/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        headers = {"Accept": "application/json", "X-CSRFToken": token, "Origin": site.url}
        return client.post("/files/", files={"file": (name, data)}, headers=headers)


def sent_images(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Address and detail of the pictures in a request of either format."""
    body = request["body"]
    content = (body.get("messages") or body["input"])[-1]["content"]
    if "messages" in body:
        parts = [part["image_url"] for part in content if part["type"] == "image_url"]
        return [(part["url"], part["detail"]) for part in parts]
    return [(part["image_url"], part["detail"]) for part in content if part["type"] == "input_image"]


def decoded(url: str) -> Image.Image:
    kind, _, data = url.partition(";base64,")
    assert kind == "data:image/jpeg"
    raw = base64.b64decode(data)
    assert CANARY.encode() not in raw
    assert b"Exif" not in raw
    return opened(raw)


@pytest.mark.parametrize("request_format", ["chat_completions", "responses"])
async def test_two_photos_arrive_small_clean_and_with_their_details(
    shared_site: Site, upstream: Upstream, models: dict[str, str], person: Person, request_format: str
) -> None:
    made = [upload(shared_site, person, photo(), "one.jpg").json() for _ in range(2)]
    other = upload(shared_site, person, photo(640, 480, orientation=1), "two.jpg").json()
    assert made[0]["id"] == made[1]["id"]
    images = [{"file": made[0]["id"], "detail": "low"}, {"file": other["id"], "detail": "high", "description": "Two"}]
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("What is this?", model=models[request_format], images=images)
        end = await tab.wait_for_end(reply["generation"])
    assert end["status"] == "complete"
    (first, second) = sent_images(upstream.requests()[-1])
    assert (first[1], second[1]) == ("low", "high")
    assert (decoded(first[0]).size, decoded(second[0]).size) == ((1536, 2048), (640, 480))


async def test_a_linked_picture_is_the_providers_to_fetch(
    shared_site: Site, upstream: Upstream, models: dict[str, str], person: Person
) -> None:
    async with open_tab(shared_site, person) as tab:
        images = [{"url": "https://example.org/cat.jpg"}]
        reply = await tab.send("", model=models["chat_completions"], images=images)
        await tab.wait_for_end(reply["generation"])
    assert sent_images(upstream.requests()[-1]) == [("https://example.org/cat.jpg", "auto")]
    assert len(upstream.requests()) <= 2  # the answer's and its title's


async def test_nobody_sends_a_strangers_picture(
    shared_site: Site, upstream: Upstream, models: dict[str, str], person: Person
) -> None:
    theirs = upload(shared_site, shared_site.add_person(new_name("owner")), drawing()).json()
    async with open_tab(shared_site, person) as tab:
        replies = [
            await tab.send("x", model=models["chat_completions"], images=[{"file": pk}])
            for pk in (theirs["id"], str(uuid.uuid4()))
        ]
    assert [(reply["type"], reply["code"]) for reply in replies] == [("error", "invalid")] * 2
    assert replies[0]["message"] == replies[1]["message"]
    for path in (theirs["url"], theirs["thumbnail"]):
        response = httpx.get(shared_site.url + path, cookies=person.cookies, trust_env=False)
        assert response.status_code == 404
    assert upstream.requests() == []


async def test_a_model_without_eyes_gets_none(
    shared_site: Site, upstream: Upstream, models: dict[str, str], person: Person
) -> None:
    async with open_tab(shared_site, person) as tab:
        images = [{"url": "https://example.org/cat.jpg"}]
        reply = await tab.send("Look", model=models["blind"], images=images)
    assert reply["message"] == "Blind can't see pictures. Choose a model that can."
    assert upstream.requests() == []


def test_bombs_and_disguises_do_not_pass(shared_site: Site, person: Person) -> None:
    answers = [upload(shared_site, person, data) for data in (bomb(), *DISGUISED.values())]
    assert {answer.status_code for answer in answers} == {400}
    assert "megapixels" in answers[0].json()["message"]
    assert "Traceback" not in shared_site.log.read_text()


def test_a_backup_holds_the_files(shared_site: Site, person: Person, tmp_path: Any) -> None:
    made = upload(shared_site, person, drawing(33, 44)).json()
    code = """
from django.core.management import call_command
from conversations.models import File
call_command("backup", folder, verbosity=0)
result = [File.objects.get(pk=pk).path, File.objects.get(pk=pk).thumbnail_path]
"""
    folder = tmp_path / "backup"
    program = "import io, sys; sys.stdout, kept = io.StringIO(), sys.stdout\n" + code + "\nsys.stdout = kept"
    for path in shared_site.run(program, folder=str(folder), pk=made["id"]):
        assert (folder / path).read_bytes() == (shared_site.folder / path).read_bytes()
