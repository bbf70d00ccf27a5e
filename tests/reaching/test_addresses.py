"""Which addresses may be reached."""

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.reaching.addresses import check_public, checked, public
from vestibule.reaching.errors import NotReached

# Of each block that leads elsewhere than into the public internet, an address; at the edges, both ends.
NOT_PUBLIC = {
    "this network": ["0.0.0.0", "0.255.255.255"],  # noqa: S104  (an address to be refused)
    "private": ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    "carrier-grade NAT": ["100.64.0.0", "100.127.255.255"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "link-local, where clouds keep their secrets": ["169.254.169.254", "fe80::1"],
    "IETF protocols": ["192.0.0.1", "192.0.0.170"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "6to4": ["192.88.99.1", "2002:7f00:1::"],
    "benchmarking": ["198.18.0.0", "198.19.255.255", "2001:2::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "::", "4000::1", "100::1"],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"],
    "IPv4-compatible": ["::127.0.0.1", "::10.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1"],
    "Teredo": ["2001::1"],
    "unique local": ["fc00::1", "fdff::1"],
    "site-local": ["fec0::1"],
}


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_refused(kind: str) -> None:
    assert [text for text in NOT_PUBLIC[kind] if public(ip_address(text))] == []


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0", "2a00::1"]
)
def test_what_lies_beside_is_public(text: str) -> None:
    assert public(ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_private(address: object) -> None:
    one = ip_address(str(address))
    assert not (public(one) and (one.is_private or one.is_reserved or one.is_multicast or one.is_loopback))


@given(st.ip_addresses(v=4))
def test_no_address_of_ipv4_is_public_in_the_dress_of_ipv6(address: object) -> None:
    assert not public(IPv6Address(f"::ffff:{address}"))
    assert not public(IPv6Address(f"64:ff9b::{address}"))


def test_one_private_address_among_public_ones_spoils_the_name() -> None:
    with pytest.raises(
        NotReached, match=r"expected public addresses only, got 10\.0\.0\.1 for 'app\.example'"
    ):
        check_public("app.example", [ip_address("8.8.8.8"), ip_address("10.0.0.1")])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://app.example/", "begins with https://"),
        ("ftp://app.example/", "begins with https://"),
        ("//app.example/", "begins with https://"),
        ("app.example", "a name, or an address"),
        ("https:///hook", "a name, or an address"),
        ("https://127.0.0.1/", "public addresses only"),
        ("https://0.0.0.0/", "public addresses only"),
        ("https://[::1]/", "public addresses only"),
        ("https://[::ffff:10.0.0.1]/", "public addresses only"),
        ("https://[64:ff9b::a00:1]/", "public addresses only"),
        ("https://169.254.169.254/latest/meta-data", "public addresses only"),
        ("https://[fe80::1%25eth0]/", "a name, or an address|an address, got"),
        ("https://2130706433/", "in its usual spelling"),
        ("https://0177.0.0.1/", "in its usual spelling"),
        ("https://0x7f000001/", "in its usual spelling"),
        ("https://0x7f.1/", "in its usual spelling"),
        ("https://127.1/", "in its usual spelling"),
        ("https://app.0x7f/", "in its usual spelling"),
        ("https://localhost/", "a full name"),
        ("https://intranet/", "a full name"),
        ("https://app.example./", "a name, or an address"),
        ("https://app..example/", "a name, or an address"),
        ("https://-app.example/", "a name, or an address"),
        ("https://app_1.example/", "a name, or an address"),
        (f"https://{'a' * 64}.example/", "a name, or an address"),
        (f"https://{'a.' * 130}example/", "a name, or an address"),
        ("https://user:word@app.example/", "without user, password and fragment"),
        ("https://app.example@127.0.0.1/", "without user, password and fragment"),
        ("https://app.example/#part", "without user, password and fragment"),
        ("https://app.example:22/", "expected port 443, or one from 1024 on, got 22"),
        ("https://app.example:25/", "expected port 443"),
        ("https://app.example:0/", "expected port 443"),
        ("https://app.example:65536/", "expected an address, got"),
        ("https://app.example:x/", "expected an address, got"),
        ("https://[::1/", "expected an address, got"),
        ("https://app.example\\@127.0.0.1/", "printable ASCII"),
        ("https://app.example/\r\nHost: other", "printable ASCII"),
        ("https://app.example/a b", "printable ASCII"),
        ("https://äpp.example/", "printable ASCII"),
        ("https://app.example/\uff0f", "printable ASCII"),
        ("https://app.example/" + "a" * 2048, "at most 2048"),
        ("", "at most 2048"),
    ],
)
def test_an_address_that_may_not_be_reached_is_refused_by_its_spelling(url: str, reason: str) -> None:
    with pytest.raises(NotReached, match=reason):
        checked(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/hook?a=b",
        "https://xn--pp-viaa.example:8443/",
        "https://8.8.8.8/",
        "https://[2a00::1]:443/",
        "https://3com.example",
    ],
)
def test_an_address_of_the_public_internet_is_taken(url: str) -> None:
    assert checked(url).scheme == b"https"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost:81/", "http://[::1]:25/"])
def test_this_machine_is_reached_only_where_it_is_allowed(url: str) -> None:
    assert checked(url, loopback=True).scheme == b"http"
    with pytest.raises(NotReached):
        checked(url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://app.example/", "https://0.0.0.0/", "ftp://127.0.0.1/"]
)
def test_where_this_machine_is_allowed_nothing_else_is(url: str) -> None:
    with pytest.raises(NotReached):
        checked(url, loopback=True)
