"""Axe on whatever a visitor sees."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitor import Visitor

SCHEMES = ("light", "dark")
_SETTLED = """
() => Promise.all(document.getAnimations()
  .filter(each => Number.isFinite(each.effect.getComputedTiming().endTime))
  .map(each => each.finished.catch(() => null)))
"""


def examine(visitor: Visitor, what: str, *, except_for: str = "") -> None:
    """Axe finds nothing in both colour schemes, the rule ``except_for`` left out."""
    options = {"rules": {except_for: {"enabled": False}}} if except_for else None
    found = []
    for scheme in SCHEMES:
        visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        visitor.page.evaluate(_SETTLED)  # colours may fade from one scheme to the other
        with visitor.watch.looking_away():  # axe sets styles of its own, which the CSP refuses
            result = Axe().run(visitor.page, options=options)
        if result.violations_count:
            found.append(f"{what} ({scheme}): {result.generate_report()}")
    assert not found, "\n".join(found)
