"""Where a request comes from."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_network(request: HttpRequest) -> str:
    """What stands for one visitor: the IPv4 address, or the /64 of an IPv6 one; "unknown" on a Unix socket.

    Headers count only as far as they were written by ``settings.TRUSTED_PROXIES`` (addresses or networks): read from
    the right, the first address that is none of theirs is the client.
    """
    client = _parse(request.META.get("REMOTE_ADDR", ""))
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while client and hops and _is_in(client, proxies):
        before = _parse(hops.pop())
        if before is None:
            break
        client = before
    if client is None:
        return "unknown"
    return str(client) if client.version == 4 else str(ipaddress.ip_network((client, 64), strict=False))


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)
