"""The Chromium of this machine, and how it looks at the site: as a desktop and as a phone."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Playwright

HOW_TO_GET = "Chromium is not installed (Debian: apt-get install chromium; elsewhere name it in CHROMIUM)"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True)
class Device:
    """``options`` are those of a browser context."""

    name: str
    options: dict[str, Any] = field(hash=False)

    @property
    def is_phone(self) -> bool:
        return bool(self.options.get("has_touch"))


DESKTOP = Device("desktop", {"viewport": {"width": 1280, "height": 800}})
PHONE = Device(
    "phone",
    {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2},
)


def find_chromium() -> str | None:
    """The program's path."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def launch(playwright: Playwright, program: str) -> Browser:
    return playwright.chromium.launch(executable_path=program, args=FLAGS)
