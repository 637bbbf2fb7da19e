"""A picture somebody hands over becomes a new one: upright, scaled, in sRGB, with nothing in it but pixels.

What is not pixels (EXIF with the place it was taken, profiles, comments, bytes behind the end) is never copied, so a
file that is also a script or a page is only a picture afterwards.
"""

import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from conversations.exceptions import DamagedMediaError, TooManyPixelsError, UnknownMediaError
from conversations.media.limits import ImageLimits
from conversations.media.pictures import ReadImage

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_MOVING: Final = {"PNG", "WEBP", "GIF"}  # a JPEG of several pictures (MPO) is a camera's way to add a preview
_QUALITY: Final = 85
_THUMBNAIL_QUALITY: Final = 75
_FEW_COLOURS: Final = 4096
"""Up to so many a picture is taken for a drawing or a screen, which stays sharp as PNG."""
_ORIENTATION: Final = 0x0112
_SCALABLE: Final = {"RGB", "RGBA", "CMYK"}
_KINDS: Final = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg")}
_SRGB: Final = ImageCms.createProfile("sRGB")
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_STRANGE_BYTES: Final = (
    OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError, AttributeError, RuntimeError,
    MemoryError, Warning, struct.error, zlib.error, Image.DecompressionBombError, ImageCms.PyCMSError,
)  # fmt: skip
"""What Pillow raises, depending on where in a file the nonsense stands."""


def read_image(data: bytes, limits: ImageLimits | None = None) -> ReadImage:
    """Make a safe picture of any bytes.

    Raises UnknownMediaError, DamagedMediaError or TooManyPixelsError and nothing else, whatever the bytes are. The same
    bytes give the same picture. Needs up to 8 bytes of memory and some nanoseconds for each pixel, which nothing here
    bounds but ``limits.pixels``: see ``apart``.
    """
    limits = limits or ImageLimits()
    if not data.startswith((b"\x89PNG", b"\xff\xd8", b"RIFF", b"GIF8")):
        raise UnknownMediaError(_sentence_about(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, which is not used, and about many pixels, see below
            return _made_anew(Image.open(BytesIO(data), formats=FORMATS), limits)
    except Image.DecompressionBombError:
        raise _too_many(limits) from None
    except _STRANGE_BYTES as error:
        raise DamagedMediaError from error


def _made_anew(source: Image.Image, limits: ImageLimits) -> ReadImage:
    if source.width * source.height > limits.pixels:  # as its header says; nothing is unpacked yet
        raise _too_many(limits)
    was_moving = source.format in _MOVING and bool(getattr(source, "is_animated", False))
    is_drawing = source.format != "JPEG"
    source.seek(0)
    image = _upright(_in_srgb(_scaled(source, limits)), _orientation(source))
    encoded, kind = _encoded(image, limits, is_drawing=is_drawing)
    media_type, extension = _KINDS[kind]
    thumbnail = image.copy()
    thumbnail.thumbnail((limits.thumbnail_side, limits.thumbnail_side), Image.Resampling.LANCZOS)
    small = _saved(thumbnail, "WEBP", quality=_THUMBNAIL_QUALITY)
    return ReadImage(encoded.data, media_type, extension, encoded.width, encoded.height, small, was_moving)


def _scaled(source: Image.Image, limits: ImageLimits) -> Image.Image:
    """The picture as RGB or RGBA (or CMYK, which its profile may turn into RGB), no larger than the limits."""
    box = (limits.side, limits.side)
    source.draft(source.mode, box)  # a JPEG is unpacked at about the size that is needed
    source.load()
    if source.width * source.height > limits.pixels:  # a frame may be larger than the header said
        raise _too_many(limits)
    image = source if source.mode in _SCALABLE and "transparency" not in source.info else _plain(source)
    if max(image.size) > limits.side:
        factor = limits.side / max(image.size)
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    elif image is source:
        image = source.copy()
    image.info = {"icc_profile": source.info.get("icc_profile")}
    return image


def _plain(source: Image.Image) -> Image.Image:
    """Palettes, greys, 16 bits, single bits: as RGB, with alpha where anything shows through."""
    if source.mode.startswith(("I", "F")):
        source = source.point(lambda value: value * (1 / 256)).convert("L")
    return source.convert("RGBA" if source.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Colours as screens show them without a profile. One that makes no sense is left out."""
    profile = image.info.pop("icc_profile", None)
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image if image.mode == "CMYK" else image.convert("RGB")
    if profile:
        try:
            opened = ImageCms.ImageCmsProfile(BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, opened, _SRGB, outputMode="RGB") or colours
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            colours = colours.convert("RGB")
    colours = colours.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours


def _orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(_ORIENTATION, 1))
    except _STRANGE_BYTES:  # what the camera wrote is broken; the pixels are not
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image.transpose(turn) if turn is not None else image


@dataclass(frozen=True)
class _Encoded:
    data: bytes
    width: int
    height: int


def _encoded(image: Image.Image, limits: ImageLimits, *, is_drawing: bool) -> tuple[_Encoded, str]:
    """PNG where something shows through or the colours are few, else JPEG: what every model server can read."""
    is_sharp = image.mode == "RGBA" or (is_drawing and image.getcolors(_FEW_COLOURS) is not None)
    kind = "PNG" if is_sharp else "JPEG"
    data = _saved(image, kind, quality=_QUALITY)
    while len(data) > limits.size and max(image.size) > 64:
        image = image.resize((max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)), Image.Resampling.LANCZOS)
        data = _saved(image, kind, quality=_QUALITY)
    return _Encoded(data, image.width, image.height), kind


def _saved(image: Image.Image, kind: str, *, quality: int) -> bytes:
    """Nothing goes into the file but pixels: encoders would copy a comment or a profile from ``info``."""
    image.info = {}
    target = BytesIO()
    if kind == "PNG":
        image.save(target, kind)
    else:
        image.save(target, kind, quality=quality, **({"optimize": True} if kind == "JPEG" else {"method": 4}))
    return target.getvalue()


def _too_many(limits: ImageLimits) -> TooManyPixelsError:
    return TooManyPixelsError(
        f"This picture has too many pixels: at most {limits.pixels // 1_000_000} megapixels can be read. "
        "Scale it down and add it again."
    )


def _sentence_about(data: bytes) -> str:
    """Why not, for kinds that people try."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:8] == b"ftyp":
        return "HEIC and AVIF pictures and films can't be read. Save a picture as JPEG and add it again."
    if start.startswith((b"<svg", b"<?xml")):
        return "Drawings in SVG can't be used. Save it as PNG and add it again."
    if start.startswith(b"%pdf"):
        return "A PDF is no picture. Add its pages as PNG or JPEG, or paste its text."
    return ""
