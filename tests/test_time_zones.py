"""The zone a browser names."""

import pytest

from conversations.time_zones import browser_zone


@pytest.mark.parametrize("cookie", ["Europe/Berlin", "Europe%2FBerlin"])
def test_the_cookie_is_read_as_browsers_store_it(cookie: str) -> None:
    zone = browser_zone(cookie)
    assert zone is not None
    assert zone.key == "Europe/Berlin"


@pytest.mark.parametrize("cookie", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "x" * 65, "\0", "%2e%2e%2f"])
def test_nonsense_is_no_zone(cookie: str) -> None:
    assert browser_zone(cookie) is None
