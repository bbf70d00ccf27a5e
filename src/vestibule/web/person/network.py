"""From which network a request comes, for budgets that nobody has to sign in for.

A proxy on this machine, or one that the operator names, is believed as to who asked it: the last entry of
X-Forwarded-For, which it has written itself. Nothing else is made of that field.
"""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from litestar import Request

Network = IPv4Network | IPv6Network

LOCAL: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PREFIX_V6: Final = 56
"""What one household or host is given of IPv6, at least."""


def network_of(request: Request[Any, Any, Any], proxies: Collection[str]) -> str | None:
    """Return the network that a request comes from; None if it is from this machine itself.

    Args:
        request: what came.
        proxies: addresses or networks that are believed besides this machine.
    """
    peer = None if request.client is None else _network(request.client.host)
    if peer is None or not _within(peer, (*LOCAL, *map(ip_network, proxies))):
        return None if peer is None else str(peer)
    told = [value for name, value in request.scope["headers"] if name == b"x-forwarded-for"]
    asked = _network(told[-1].decode("latin-1").rpartition(",")[2].strip()) if told else None
    if asked is None:
        return None if _within(peer, LOCAL) else str(peer)
    return None if _within(asked, LOCAL) else str(asked)


def _network(text: str) -> Network | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return ip_network((address, PREFIX_V6), strict=False)
    return ip_network(address)


def _within(network: Network, networks: Collection[Network]) -> bool:
    return any(
        network.version == one.version and one.supernet_of(network)  # type: ignore[arg-type]  # the versions agree
        for one in networks
    )
