"""Pictures made for tests: photos with all that cameras write, drawings, bombs and things that only look like one."""

import random
import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

CANARY = "Canary-51.4778N-0.0015W"


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def noise(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Many colours in large soft spots, as a photo has."""
    small = (max(1, width // 16), max(1, height // 16))
    data = random.Random(seed).randbytes(small[0] * small[1] * len(mode))
    return Image.frombytes(mode, small, data).resize((width, height), Image.Resampling.BICUBIC)


def camera_data(orientation: int = 1) -> Image.Exif:
    """EXIF with a place, a name and an orientation."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, CANARY, CANARY
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 0.0, 5.4)})
    return exif


@cache
def photo(width: int = 4000, height: int = 3000, *, orientation: int = 6) -> bytes:
    """A JPEG of 12 MP as a phone writes it, lying on its side."""
    return saved(
        noise(width, height),
        "JPEG",
        quality=90,
        exif=camera_data(orientation),
        comment=CANARY,
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )


def drawing(width: int = 60, height: int = 40, *, see_through: bool = False) -> bytes:
    """A PNG of two colours, with text in it."""
    image = Image.new("RGBA" if see_through else "RGB", (width, height), (255, 255, 255, 0)[: 4 if see_through else 3])
    image.paste((200, 30, 30), (5, 5, width // 2, height // 2))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", CANARY)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    return saved(image, "PNG", pnginfo=text)


def animation() -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)


def bomb(width: int = 10_000, height: int = 10_000) -> bytes:
    """A PNG of 100 MP in some kilobytes; its size is in the header."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (width + 7) // 8)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data) for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def lying_gif(width: int = 65_000, height: int = 65_000) -> bytes:
    """A GIF whose screen is a pixel and whose frame is enormous."""
    return (
        b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
        + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"
    )  # fmt: skip


def gif_script() -> bytes:
    """A GIF that is a script as well: GIF89a/*…*/=1;alert(1)"""
    data = bytearray(animation())
    data[6:8] = b"/*"  # its width
    return bytes(data) + b"*/=1;alert(1);//<script>alert(1)</script>"


DISGUISED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><svg/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0",
    "bmp": b"BM" + b"\0" * 60,
    "tiff": b"II*\0" + b"\0" * 60,
    "text": b"just words",
    "nothing": b"",
    "zip": b"PK\x03\x04",
}
