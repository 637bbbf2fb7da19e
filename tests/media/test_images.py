"""A picture is made anew: upright, scaled, in sRGB, and nothing in it but pixels."""

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from conversations.exceptions import DamagedMediaError, MediaError, TooManyPixelsError, UnknownMediaError
from conversations.media.apart import read_image_apart
from conversations.media.images import read_image
from conversations.media.limits import ImageLimits
from tests.media.pictures import (
    CANARY,
    DISGUISED,
    animation,
    bomb,
    drawing,
    gif_script,
    lying_gif,
    noise,
    opened,
    photo,
    saved,
)

SMALL = [drawing(), drawing(see_through=True), animation(), photo(64, 48), saved(noise(64, 48), "WEBP")]


def test_a_photo_is_turned_upright_and_scaled() -> None:
    image = read_image(photo())
    assert (image.media_type, image.width, image.height) == ("image/jpeg", 1536, 2048)
    assert opened(image.data).size == (1536, 2048)
    small = opened(image.thumbnail)
    assert (small.format, max(small.size)) == ("WEBP", 320)


LYING = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes this orientation has laid the picture down."""


@pytest.mark.parametrize("orientation", LYING)
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 32, 16))
    laid = LYING[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = saved(upright if laid is None else upright.transpose(laid), "JPEG", exif=exif, quality=95)
    image = opened(read_image(source).data)
    assert image.size == (64, 32)
    assert image.getpixel((5, 5)) == pytest.approx((255, 0, 0), abs=20)
    assert image.getpixel((60, 28)) == pytest.approx((255, 255, 255), abs=20)


@pytest.mark.parametrize("data", [photo(400, 300), drawing(), drawing(see_through=True)], ids=["jpeg", "png", "alpha"])
def test_nothing_that_is_no_pixel_is_left(data: bytes) -> None:
    assert CANARY.encode() in data
    image = read_image(data + CANARY.encode())
    for made in (image.data, image.thumbnail):
        assert CANARY.encode() not in made
        assert not opened(made).getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(opened(made).info)


def test_drawings_stay_png_and_photos_become_jpeg() -> None:
    kinds = [
        read_image(data).media_type for data in (drawing(), saved(noise(300, 300)), saved(noise(300, 300), "WEBP"))
    ]
    assert kinds == ["image/png", "image/jpeg", "image/jpeg"]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_shows_through_still_does(mode: str) -> None:
    source = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    source.paste((0, 0, 255, 255), (0, 0, 10, 20))
    data = saved(source.convert(mode)) if mode not in {"P", "PA"} else saved(source.quantize(4), "PNG")
    image = read_image(data)
    made = opened(image.data)
    assert (made.mode, made.getpixel((15, 15))[3], made.getpixel((2, 2))[3]) == ("RGBA", 0, 255)  # type: ignore[index]
    assert opened(image.thumbnail).mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "CMYK"])
def test_every_way_to_write_a_pixel_is_read(mode: str) -> None:
    colours: dict[str, int | tuple[int, ...]] = {"1": 1, "L": 200, "I;16": 200 * 256, "CMYK": (0, 0, 0, 55)}
    source = Image.new(mode, (20, 20), colours[mode])
    made = opened(read_image(saved(source, "JPEG" if mode == "CMYK" else "PNG")).data).convert("RGB")
    assert made.getpixel((3, 3)) == pytest.approx((255,) * 3 if mode == "1" else (200,) * 3, abs=2)


def test_a_profile_is_applied_and_left_out() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for profile in (lab, b"not a profile", b"\0" * 200):
        image = read_image(saved(noise(80, 80), "JPEG", icc_profile=profile))
        assert b"ICC_PROFILE" not in image.data


def test_an_animation_becomes_its_first_frame_and_that_is_said() -> None:
    image = read_image(animation())
    assert image.was_moving
    assert opened(image.data).convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    assert not read_image(drawing()).was_moving


def test_the_same_bytes_make_the_same_picture() -> None:
    assert read_image(photo(400, 300)) == read_image(photo(400, 300)) == read_image_apart(photo(400, 300))


def test_a_picture_that_stays_large_is_made_smaller() -> None:
    noisy = Image.frombytes("RGBA", (600, 600), random.Random(1).randbytes(600 * 600 * 4))
    image = read_image(saved(noisy), ImageLimits(size=200_000))
    assert len(image.data) <= 200_000
    assert opened(image.data).size == (image.width, image.height)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (20_000, 2)])
def test_odd_shapes_keep_at_least_one_pixel(size: tuple[int, int]) -> None:
    image = read_image(saved(Image.new("RGB", size, "green")))
    assert max(image.width, image.height) <= 2048
    assert min(opened(image.thumbnail).size) >= 1


def test_a_bomb_is_refused_by_its_header() -> None:
    assert len(bomb()) < 20_000
    with pytest.raises(TooManyPixelsError, match="50 megapixels"):
        read_image(bomb())


def test_a_frame_larger_than_its_header_says_is_refused() -> None:
    with pytest.raises((TooManyPixelsError, DamagedMediaError)):
        read_image_apart(lying_gif())


@pytest.mark.parametrize("kind", DISGUISED)
def test_what_is_no_picture_is_refused_in_words(kind: str) -> None:
    with pytest.raises(UnknownMediaError) as refused:
        read_image(DISGUISED[kind])
    assert refused.value.message.endswith(".")


def test_a_picture_that_is_a_script_as_well_is_only_a_picture_afterwards() -> None:
    assert b"alert(1)" in gif_script()
    try:
        image = read_image_apart(gif_script())
    except MediaError:
        return
    assert b"alert" not in image.data
    assert image.data.startswith((b"\x89PNG", b"\xff\xd8"))


def test_a_picture_behind_a_picture_is_left_out() -> None:
    page = b"<html><script>alert(document.domain)</script>"
    assert page not in read_image(drawing() + page).data


@pytest.mark.parametrize("data", SMALL, ids=["png", "alpha", "gif", "jpeg", "webp"])
def test_a_cut_picture_is_refused_in_words_or_read(data: bytes) -> None:
    for end in range(0, len(data), max(1, len(data) // 60)):
        _read_or_refuse(data[:end])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.sampled_from(SMALL), seed=st.integers(0, 2**32), count=st.integers(1, 20))
def test_a_changed_picture_is_refused_in_words_or_read(data: bytes, seed: int, count: int) -> None:
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(count):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    _read_or_refuse(bytes(changed))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    start=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBP", b"GIF89a"]),
    rest=st.binary(),
)
def test_nonsense_behind_a_good_beginning_is_refused_in_words(start: bytes, rest: bytes) -> None:
    _read_or_refuse(start + rest)


def _read_or_refuse(data: bytes) -> None:
    with suppress(MediaError):
        image = read_image(data, ImageLimits(pixels=4_000_000))
        assert opened(image.data).size == (image.width, image.height)
