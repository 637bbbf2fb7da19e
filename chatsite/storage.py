"""Our static files: hashed, compressed, and all style in one sheet."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEET = "css/site.css"
_IMPORT = re.compile(r'^@import "([a-z_-]+\.css)"(?: layer\(([a-z]+)\))?;\n?', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class SiteStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped package
    """Puts the sheets that ``site.css`` imports in place of the imports, so that a page loads one."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if SHEET in paths and not dry_run:
            sheet = _inlined(paths).encode()
            self.delete(SHEET)
            self._save(SHEET, ContentFile(sheet))
            paths[SHEET] = (self, SHEET)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _inlined(paths: dict[str, Any]) -> str:
    """The sheet made of its sources, not of what an earlier run left in the target folder."""
    folder = PurePosixPath(SHEET).parent
    return _IMPORT.sub(lambda match: _part(paths, str(folder / match[1]), match[2]), _read(paths, SHEET))


def _part(paths: dict[str, Any], name: str, layer: str | None) -> str:
    lines = (line.strip() for line in _COMMENT.sub("", _read(paths, name)).splitlines())
    body = "\n".join(line for line in lines if line)
    return f"@layer {layer} {{\n{body}\n}}\n" if layer else f"{body}\n"


def _read(paths: dict[str, Any], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
