"""Files over HTTP: taken in as data, given out to those who may see them, harmless whatever they were."""

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conversations.actions.files import store_image
from conversations.actions.images import ImageGiven
from conversations.models import File, LanguageModel, Message, MessageImage, User
from tests.media.pictures import DISGUISED, animation, bomb, drawing, gif_script, photo
from tests.media.sending import send_pictures
from tests.views.pages import DATA, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def upload(client: Client, data: bytes, name: str = "a.png") -> Any:
    return client.post(reverse("file-create"), {"file": SimpleUploadedFile(name, data)}, headers=DATA)


def send(client: Client, **fields: Any) -> Any:
    return client.post(reverse("message-create"), {"client_id": str(uuid.uuid4()), **fields})


def test_what_is_taken_in_is_answered_with_all_a_page_needs(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = upload(client, photo(640, 480), "holiday.jpg")
    made = response.json()
    assert response.status_code == 201
    assert (made["name"], made["width"], made["height"], made["note"]) == ("holiday.jpg", 480, 640, "")
    assert made["size"] == File.objects.get(pk=made["id"]).size
    assert client.get(made["thumbnail"])["Content-Type"] == "image/webp"


def test_of_an_animation_it_is_said_that_one_picture_is_left(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "first picture" in upload(client, animation(), "a.gif").json()["note"]


@pytest.mark.parametrize("data", [*DISGUISED.values(), bomb(), drawing()[:60]], ids=[*DISGUISED, "bomb", "cut"])
def test_what_is_no_good_picture_is_refused_in_words(client: Client, alice: User, data: bytes) -> None:
    client.force_login(alice)
    response = upload(client, data, "a.png")
    assert response.status_code == 400
    assert response.json()["message"].endswith(".")
    assert File.objects.count() == 0


def test_a_form_without_a_file_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post(reverse("file-create"), headers=DATA).status_code == 400


def test_a_large_file_is_refused_before_it_is_read(client: Client, alice: User, settings: Any) -> None:
    settings.LIMIT_UPLOAD_BYTES = 1000
    client.force_login(alice)
    response = upload(client, photo(640, 480))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_taking_in_needs_the_forms_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert upload(client, drawing()).status_code == 403


def test_a_picture_is_shown_in_place_and_can_do_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    made = upload(client, gif_script(), "a.html")
    if made.status_code == 400:
        made = upload(client, drawing(), "a.html")
    response = client.get(made.json()["url"])
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Disposition"] == 'inline; filename="a.png"'
    assert b"alert" not in response.content


def test_a_browser_may_keep_a_picture_but_asks_each_time(client: Client, alice: User) -> None:
    file, _ = store_image(alice, "a.png", drawing())
    client.force_login(alice)
    url = reverse("file-detail", args=[file.pk])
    first = client.get(url)
    assert first["Cache-Control"] == "private, no-cache"
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    client.logout()
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 302


def test_a_stranger_finds_nothing(client: Client, alice: User, carol: User) -> None:
    file, _ = store_image(alice, "a.png", drawing())
    client.force_login(carol)
    for name in ("file-detail", "file-thumbnail"):
        assert client.get(reverse(name, args=[file.pk])).status_code == 404


def test_bytes_that_are_gone_are_not_found(client: Client, alice: User) -> None:
    file, _ = store_image(alice, "a.png", drawing())
    file.place.unlink()
    client.force_login(alice)
    assert client.get(reverse("file-detail", args=[file.pk])).status_code == 404


def test_a_form_without_script_sends_files_and_an_address(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    files = [SimpleUploadedFile(name, drawing(width)) for name, width in (("a.png", 50), ("b.png", 60))]
    response = send(client, files=files, address="https://example.org/c.png")
    question = Message.objects.get(role="user")
    assert response.status_code == 302
    images = list(MessageImage.objects.filter(message=question))
    assert [image.file.name if image.file else image.url for image in images] == [
        "a.png", "b.png", "https://example.org/c.png",
    ]  # fmt: skip


def test_what_could_not_be_sent_comes_back_with_its_pictures(client: Client, alice: User, model: LanguageModel) -> None:
    client.force_login(alice)
    response = send(client, text="Look", files=[SimpleUploadedFile("a.png", drawing())], address="nowhere")
    assert response.status_code == 400
    html = text_of(response)
    file = File.objects.get()
    assert str(file.pk) in html
    assert "The address of a picture begins with https://" in html
    given = json.dumps({"file": str(file.pk), "detail": "low", "description": "Red"})
    assert send(client, text="Look", picture=[given]).status_code == 302
    image = MessageImage.objects.get()
    assert (image.file, image.detail, image.description) == (file, "low", "Red")


DAMAGED = ["", "x", "[]", '{"file": 3}', '{"file": "x"}', '{"url": "javascript:x"}', '{"a":' + "[" * 100_000]


@pytest.mark.parametrize("given", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_picture_field_keeps_the_draft(client: Client, alice: User, model: LanguageModel, given: str) -> None:
    client.force_login(alice)
    response = send(client, text="Keep me", picture=[given])
    assert response.status_code == 400
    assert "Keep me</textarea>" in text_of(response)


def test_the_page_shows_pictures_and_only_names_linked_ones(client: Client, alice: User, model: LanguageModel) -> None:
    file, _ = store_image(alice, '"><script>.png', drawing())
    sent = send_pictures(alice, ImageGiven(file=file.pk), ImageGiven(url="https://example.org/c.png?<b>"))
    html = page_of(client, alice, sent.conversation).split('<template id="template-')[0]
    assert reverse("file-thumbnail", args=[file.pk]) in html
    assert f'width="{file.width}" height="{file.height}"' in html
    assert "<script>.png" not in html
    assert 'src="https://example.org' not in html
    assert "example.org</bdi>" in html


def test_the_page_asks_as_often_for_many_pictures_as_for_one(
    client: Client, alice: User, model: LanguageModel, django_assert_max_num_queries: Any
) -> None:
    file, _ = store_image(alice, "a.png", drawing())
    sent = send_pictures(alice, *[ImageGiven(file=file.pk)] * 12)
    client.force_login(alice)
    with django_assert_max_num_queries(21):
        client.get(reverse("conversation-detail", args=[sent.conversation.pk]))


def test_a_model_without_eyes_says_so_where_pictures_are_added(
    client: Client, alice: User, model: LanguageModel
) -> None:
    assert "can&#x27;t see pictures" not in page_of(client, alice)
    LanguageModel.objects.update(abilities=["tools"])
    html = page_of(client, alice)
    assert "Oak can&#x27;t see pictures" in html
    assert "<fieldset disabled>" in html
