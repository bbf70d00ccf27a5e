"""Which addresses may be reached: by their spelling, and by what a name stands for. Pure."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpcore2

from vestibule.reaching.errors import NotReached

Address = IPv4Address | IPv6Address

# IANA's IPv4 Special-Purpose Address Registry: what is not globally reachable. Also multicast (RFC 5771) and
# 6to4 relays (RFC 7526). `ipaddress.is_global` takes both for global, and differs between versions of Python.
NOT_PUBLIC_4: Final = tuple(
    IPv4Network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Outside: loopback, IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local, link-local, multicast.
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
# Inside, but leading into IPv4 (Teredo, 6to4) or nowhere (documentation).
NOT_PUBLIC_6: Final = tuple(
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

PRINTABLE: Final = re.compile(r"[!-\[\]-~]{1,2048}")  # ASCII, neither space nor backslash
NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
HTTPS: Final = 443
OTHER_PORTS: Final = 1024
"""Below it are the ports of other well-known services (RFC 6335, section 6)."""


def public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in NOT_PUBLIC_4)
    return address in GLOBAL_UNICAST and not any(address in block for block in NOT_PUBLIC_6)


def check_public(host: str, addresses: Iterable[Address], *, loopback: bool = False) -> None:
    """Look at all that a host stands for.

    Raises:
        NotReached: one of them is not public; or of this machine, where `loopback` lets those pass.
    """
    for address in addresses:
        if not public(address) and not (loopback and address.is_loopback):
            raise NotReached(f"expected public addresses only, got {address} for {host!r}")


def literal(host: str) -> Address | None:
    """Read a host that is an address; None for a name."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def checked(url: str, *, loopback: bool = False) -> httpcore2.URL:
    """Read an address, and look at its spelling; what its name stands for is looked at when it is resolved.

    Args:
        url: `https://name[:port]/...`.
        loopback: let `localhost` and addresses of this machine pass too, with http and on any port.

    Raises:
        NotReached: it may not be reached.
    """
    parts = _split(url)
    host = _host(parts.hostname or "")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotReached(f"expected an address without user, password and fragment, got {url!r}")
    if not (loopback and parts.scheme in ("http", "https") and _of_this_machine(host)):
        _check_outside(parts, host)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore2.URL(scheme=parts.scheme, host=host, port=parts.port, target=target)


def _split(url: str) -> SplitResult:
    if not PRINTABLE.fullmatch(url):
        raise NotReached(f"expected at most 2048 printable ASCII characters, got {url[:100]!r}")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError as error:
        raise NotReached(f"expected an address, got {url!r}: {error}") from None
    return parts


def _host(text: str) -> str:
    """Refuse what a resolver takes for an address but a reader does not: 2130706433, 0177.0.0.1, 0x7f.1."""
    if literal(text) is None and (not NAME.fullmatch(text) or NUMBER.fullmatch(text.rsplit(".", 1)[-1])):
        raise NotReached(f"expected a name, or an address in its usual spelling, got {text!r}")
    return text


def _of_this_machine(host: str) -> bool:
    address = literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _check_outside(parts: SplitResult, host: str) -> None:
    if parts.scheme != "https":
        raise NotReached(f"expected an address that begins with https://, got {parts.geturl()!r}")
    if (address := literal(host)) is not None:
        check_public(host, [address])
    elif "." not in host:
        raise NotReached(f"expected a full name such as app.example, got {host!r}")
    if parts.port is not None and parts.port != HTTPS and parts.port < OTHER_PORTS:
        raise NotReached(f"expected port {HTTPS}, or one from {OTHER_PORTS} on, got {parts.port}")
