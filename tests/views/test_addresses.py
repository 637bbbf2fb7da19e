"""Whose address counts: headers only as far as configured proxies wrote them."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from conversations.views.addresses import client_network

PROXIES = ["10.0.0.1", "192.168.0.0/16", "fd00::/8"]


@pytest.mark.parametrize(
    ("address", "header", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 192.168.3.4", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "garbage, 192.168.3.4", "192.168.3.4"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("", "198.51.100.7", "unknown"),
    ],
)
def test_the_client_is_told_from_the_proxies(
    settings: Settings, rf: RequestFactory, address: str, header: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    request = rf.get("/", REMOTE_ADDR=address, headers={"X-Forwarded-For": header})
    assert client_network(request) == expected


def test_without_configured_proxies_no_header_counts(rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "198.51.100.7"})
    assert client_network(request) == "127.0.0.1"
