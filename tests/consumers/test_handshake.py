"""Who may open a socket: pages of this very site, of people who have signed in."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.site import Person, Site
from tests.tab import open_tab

OTHER_PORT = 1


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "file://",
        "http://127.0.0.1",
        "http://127.0.0.1:{other}",
        "https://127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http://a.127.0.0.1:{port}",
        "http://localhost.:{port}",
        "http://sub.localhost:{port}",
        "http://127.0.0.1:{port}.example.org",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/path",
        "http://127.0.0.1:{port}?q",
        "http://someone@127.0.0.1:{port}",
        "HTTP://127.0.0.1:{port}",
        "http://127.0.0.2:{port}",
        "http://0.0.0.0:{port}",
        "http://[::ffff:127.0.0.1]:{port}",
        "http://[",
        "http://127.0.0.1:{port}x",
        "http://127.0.0.1:99999999",
        "http://127.0.0.1:{port}, http://evil.example",
    ],
)
async def test_another_origin_is_refused(shared_site: Site, person: Person, origin: str | None) -> None:
    headers = {"Cookie": f"session={person.session}"}
    if origin is not None:
        headers["Origin"] = origin.format(port=shared_site.port, other=shared_site.port - OTHER_PORT)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(shared_site.socket_url, additional_headers=headers, proxy=None):
            pass
    assert refused.value.response.status_code in {400, 403}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_the_names_of_this_machine_are_one_site(shared_site: Site, person: Person, host: str) -> None:
    async with open_tab(shared_site, person, origin=f"http://{host}:{shared_site.port}") as tab:
        assert (await tab.ask("ping"))["ok"]


@pytest.mark.parametrize("cookie", ["", "session=", "session=nonsense", "session=\xfe; session=1", "other=1"])
async def test_without_a_session_the_socket_closes_as_signed_out(shared_site: Site, cookie: str) -> None:
    headers = {"Origin": shared_site.url} | ({"Cookie": cookie} if cookie else {})
    async with connect(shared_site.socket_url, additional_headers=headers, proxy=None) as connection:
        await connection.wait_closed()
        assert connection.close_code == 4401


async def test_a_session_in_the_address_is_no_session(shared_site: Site, person: Person) -> None:
    address = f"{shared_site.socket_url}?session={person.session}"
    async with connect(address, additional_headers={"Origin": shared_site.url}, proxy=None) as connection:
        await connection.wait_closed()
        assert connection.close_code == 4401


async def test_a_strange_time_zone_does_no_harm(shared_site: Site, person: Person) -> None:
    for zone in ("../../etc/passwd", "\\0", "x" * 4000, "Europe", "UTC;"):
        headers = {"Origin": shared_site.url, "Cookie": f"session={person.session}; tz={zone}"}
        async with connect(shared_site.socket_url, additional_headers=headers, proxy=None) as connection:
            await connection.send('{"type": "ping", "id": "1"}')
            assert '"ok":true' in str(await connection.recv())
