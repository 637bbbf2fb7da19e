"""Bodies of requests past the bound: refused before they fill the disk, whoever sends them and however."""

import http.client
from contextlib import suppress

from conversations.management.bodies import largest_body
from tests.site import Site

PIECE = b"a" * 1_000_000
HEADERS = {"Content-Type": "multipart/form-data; boundary=x"}


def _connected(site: Site) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)


def test_a_body_that_is_announced_as_too_large_is_refused_at_once(shared_site: Site) -> None:
    connection = _connected(shared_site)
    connection.putrequest("POST", "/files/")
    for name, value in (HEADERS | {"Content-Length": str(largest_body() + 1)}).items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_of_no_announced_length_ends_at_the_bound(shared_site: Site) -> None:
    connection = _connected(shared_site)
    pieces = iter([PIECE] * (2 * largest_body() // len(PIECE)))
    with suppress(OSError):  # the connection is closed while more is being sent
        connection.request("POST", "/files/", body=pieces, headers=HEADERS, encode_chunked=True)
    connection.close()
    assert next(pieces, None) is not None


def test_a_body_within_the_bound_is_looked_at(shared_site: Site) -> None:
    connection = _connected(shared_site)
    connection.request("POST", "/files/", body=PIECE, headers=HEADERS)
    assert connection.getresponse().status in (302, 400, 403)
    connection.close()
