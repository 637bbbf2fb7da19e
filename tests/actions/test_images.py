"""Pictures that go with a message: whose, how many, to which models."""

import uuid

import pytest

from conversations.actions.files import store_image
from conversations.actions.images import MOST_IMAGES, ImageGiven, unsent
from conversations.actions.messages import edit_message
from conversations.exceptions import InvalidInputError
from conversations.generation.context import conversation_so_far
from conversations.models import File, LanguageModel, Message, MessageImage, User
from tests.media.pictures import drawing
from tests.media.sending import send_pictures
from tests.trees import play

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(alice: User) -> File:
    return store_image(alice, "red.png", drawing())[0]


def test_a_message_may_be_nothing_but_pictures(alice: User, model: LanguageModel, file: File) -> None:
    sent = send_pictures(alice, ImageGiven(file=file.pk, detail="low", description="Red\0"))
    (image,) = MessageImage.objects.filter(message=sent.question)
    assert (image.file, image.detail, image.description) == (file, "low", "Red\ufffd")
    assert sent.question is not None
    assert sent.question.text == ""


def test_without_pictures_something_has_to_be_written(alice: User, model: LanguageModel) -> None:
    with pytest.raises(InvalidInputError, match="Write something"):
        send_pictures(alice)


def test_pictures_of_others_are_unknown(alice: User, bob: User, model: LanguageModel, file: File) -> None:
    refusals = []
    for pk in (file.pk, uuid.uuid4()):
        with pytest.raises(InvalidInputError) as refused:
            send_pictures(bob, ImageGiven(file=pk))
        refusals.append(refused.value.message)
    assert refusals[0] == refusals[1]
    assert Message.objects.count() == 0


def test_a_model_without_eyes_is_not_sent_any(alice: User, model: LanguageModel, file: File) -> None:
    model.abilities = ["tools"]
    model.save()
    with pytest.raises(InvalidInputError, match="Oak can't see pictures"):
        send_pictures(alice, ImageGiven(file=file.pk), text="Look")


@pytest.mark.parametrize(
    "image",
    [
        ImageGiven(),
        ImageGiven(url="javascript:alert(1)"),
        ImageGiven(url="https://"),
        ImageGiven(url="https://example.org/a b"),
        ImageGiven(url="ftp://example.org/a.png"),
        ImageGiven(url="https://[::1"),
        ImageGiven(url="https://example.org/" + "x" * 2000),
        ImageGiven(url="https://example.org/a.png", detail="enormous"),
    ],
)
def test_addresses_and_details_are_checked(alice: User, model: LanguageModel, image: ImageGiven) -> None:
    with pytest.raises(InvalidInputError, match=r"\.$"):
        send_pictures(alice, image)
    assert Message.objects.count() == 0


def test_a_message_has_only_so_many(alice: User, model: LanguageModel, file: File) -> None:
    with pytest.raises(InvalidInputError, match="At most 20"):
        send_pictures(alice, *[ImageGiven(file=file.pk)] * (MOST_IMAGES + 1))


def test_an_edited_message_keeps_its_pictures_unless_told(alice: User, model: LanguageModel, file: File) -> None:
    first = send_pictures(alice, ImageGiven(file=file.pk), ImageGiven(url="https://example.org/a.png"), text="One")
    play()
    assert first.question is not None
    same = edit_message(alice, first.question, text="Two", client_id=uuid.uuid4())
    play()
    fewer = edit_message(
        alice, first.question, text="", client_id=uuid.uuid4(), images=[ImageGiven(url="https://example.org/a.png")]
    )
    assert [each.file_id for each in MessageImage.objects.filter(message=same.question)] == [file.pk, None]
    assert [each.url for each in MessageImage.objects.filter(message=fewer.question)] == ["https://example.org/a.png"]


def test_what_is_sent_is_the_file_and_the_detail(alice: User, model: LanguageModel, file: File) -> None:
    sent = send_pictures(
        alice, ImageGiven(file=file.pk, detail="high"), ImageGiven(url="https://example.org/a.png", detail="low")
    )
    (message,) = conversation_so_far(sent.question, model)
    assert [image.detail for image in message.images] == ["high", "low"]
    assert message.images[0].url.startswith("data:image/png;base64,iVBOR")
    assert message.images[1].url == "https://example.org/a.png"


def test_a_form_that_comes_back_lists_what_is_there(alice: User, bob: User, file: File) -> None:
    images = [ImageGiven(file=file.pk, detail="low"), ImageGiven(url="https://example.org/a.png"), ImageGiven()]
    assert [row.file or row.url for row in unsent(alice, images)] == [file, "https://example.org/a.png"]
    assert [row.host for row in unsent(bob, images)] == ["example.org"]


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "127.0.0.1:8000", "127.1", "2130706433", "0x7f000001", "10.0.0.5", "[::1]", "[fe80::1]",
        "[::ffff:127.0.0.1]", "localhost", "LOCALHOST.", "intranet", "a.localhost", "metadata.google.internal",
    ],
)  # fmt: skip
def test_a_picture_inside_a_network_is_no_providers_to_fetch(alice: User, model: LanguageModel, host: str) -> None:
    with pytest.raises(InvalidInputError, match="inside a network"):
        send_pictures(alice, ImageGiven(url=f"http://{host}/a.png"))


@pytest.mark.parametrize(
    "host", ["example.org", "8.8.8.8", "[2606:4700:4700::1111]", "example.org.", "xn--bcher-kva.example"]
)
def test_a_picture_in_the_internet_is_the_providers_to_fetch(alice: User, model: LanguageModel, host: str) -> None:
    assert send_pictures(alice, ImageGiven(url=f"https://{host}/a.png")).question
