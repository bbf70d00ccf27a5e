import base64
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import ed25519, request
from vestibule.ledger.errors import RequestError

SEED = b"jukebox's secret, 32 bytes long."
PUBLIC = ed25519.public_of(SEED)
TARGET = "https://vestibule.example/api/v1/conversations/0123456789abc/messages?limit=50"
BODY = b'{"a":1}'
TOKEN = "DPoP mF_9.B5f-4.1JqM"


def signed(
    *,
    method: str = "POST",
    target_uri: str = TARGET,
    body: bytes = BODY,
    authorization: str | None = TOKEN,
    key_id: str = "jukebox-1",
    nonce: str = "bm9uY2U",
) -> dict[str, str]:
    """Headers as they arrive."""
    headers = request.sign(
        method=method,
        target_uri=target_uri,
        body=body,
        authorization=authorization,
        key_id=key_id,
        seed=SEED,
        created=1_790_000_000,
        nonce=nonce,
    )
    return headers if authorization is None else headers | {"authorization": authorization}


def received(
    headers: Mapping[str, str], *, method: str = "POST", target_uri: str = TARGET, body: bytes = BODY
) -> request.SignedRequest:
    return request.parse(method=method, target_uri=target_uri, headers=headers, body=body)


def test_the_request_of_rfc_9421_appendix_b_2_6_verifies() -> None:
    # Its components are not those of this profile: this pins the signature algorithm and the shape of a base.
    public = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        '"content-type": application/json\n"content-length": 18\n"@signature-params": ("date" "@method" '
        '"@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    signature = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    request.verify_base(base, signature, public)
    with pytest.raises(RequestError):
        request.verify_base(base.replace("/foo", "/bar"), signature, public)


def test_the_key_of_rfc_9421_appendix_b_1_4_makes_that_signature() -> None:
    seed = base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU=")
    assert ed25519.public_of(seed) == base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")


def test_the_content_digest_is_that_of_rfc_9530() -> None:
    # RFC 9530 appendix D, the sha-256 of {"hello": "world"} and a line feed.
    digest = request.content_digest(b'{"hello": "world"}\n')
    assert digest == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_base_covers_what_the_profile_names() -> None:
    found = received(signed())
    assert found.base == (
        '"@method": POST\n'
        f'"@target-uri": {TARGET}\n'
        f'"content-digest": {request.content_digest(BODY)}\n'
        f'"authorization": {TOKEN}\n'
        '"@signature-params": ("@method" "@target-uri" "content-digest" "authorization")'
        ';created=1790000000;keyid="jukebox-1";nonce="bm9uY2U";alg="ed25519"'
    )
    assert (found.key_id, found.created, found.nonce) == ("jukebox-1", 1_790_000_000, "bm9uY2U")
    assert (found.method, found.target_uri, found.authorization) == ("POST", TARGET, TOKEN)


def test_a_request_without_token_or_body_is_signed_too() -> None:
    headers = signed(method="GET", body=b"", authorization=None)
    found = received(headers, method="GET", body=b"")
    request.verify(found, PUBLIC)
    assert found.authorization is None
    assert '"authorization"' not in found.base


bodies = st.binary(max_size=100)
nonces = st.from_regex(r"[A-Za-z0-9+/=_.:-]{1,128}", fullmatch=True)
tokens = st.none() | st.from_regex(r"[!-~]([ -~]{0,60}[!-~])?", fullmatch=True)


@given(body=bodies, nonce=nonces, token=tokens)
def test_what_was_signed_verifies_and_reads_back_from_an_opening(
    body: bytes, nonce: str, token: str | None
) -> None:
    found = received(signed(body=body, nonce=nonce, authorization=token), body=body)
    request.verify(found, PUBLIC)
    assert request.from_opening(found.base, found.signature) == found


def test_names_of_fields_are_read_in_any_case() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    request.verify(received(headers), PUBLIC)


def test_parameters_may_stand_in_any_order_and_under_any_label() -> None:
    params = '("@method" "@target-uri" "content-digest");alg="ed25519";nonce="n";keyid="jukebox-1";created=5'
    base = (
        f'"@method": GET\n"@target-uri": {TARGET}\n"content-digest": {request.content_digest(b"")}\n'
        f'"@signature-params": {params}'
    )
    signature = base64.b64encode(ed25519.sign(SEED, base.encode())).decode()
    headers = {
        "content-digest": request.content_digest(b""),
        "signature-input": f"theirs={params}",
        "signature": f"theirs=:{signature}:",
    }
    request.verify(received(headers, method="GET", body=b""), PUBLIC)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(RequestError, match="content-digest"):
        received(signed(), body=BODY + b" ")


def test_a_changed_body_with_a_fresh_digest_is_refused() -> None:
    headers = signed() | {"content-digest": request.content_digest(b"other")}
    with pytest.raises(RequestError, match="signature by the named key"):
        request.verify(received(headers, body=b"other"), PUBLIC)


@pytest.mark.parametrize(
    ("method", "target_uri"),
    [("DELETE", TARGET), ("POST", TARGET + "0"), ("POST", TARGET.replace("https", "http"))],
)
def test_a_changed_method_or_target_is_refused(method: str, target_uri: str) -> None:
    with pytest.raises(RequestError, match="signature by the named key"):
        request.verify(received(signed(), method=method, target_uri=target_uri), PUBLIC)


def test_another_token_is_refused() -> None:
    headers = signed() | {"authorization": TOKEN + "x"}
    with pytest.raises(RequestError, match="signature by the named key"):
        request.verify(received(headers), PUBLIC)


def test_a_token_that_is_not_covered_is_refused() -> None:
    headers = signed(authorization=None) | {"authorization": TOKEN}
    with pytest.raises(RequestError, match=r'expected the components .*"authorization"'):
        received(headers)


def test_a_covered_token_that_is_not_sent_is_refused() -> None:
    headers = signed()
    del headers["authorization"]
    with pytest.raises(RequestError, match="expected the components"):
        received(headers)


@pytest.mark.parametrize("name", ["content-digest", "signature-input", "signature"])
def test_a_missing_field_is_refused(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(RequestError, match=f"expected the field {name}, got none"):
        received(headers)


@pytest.mark.parametrize(
    "component", ['"@method" ', '"@target-uri" ', '"content-digest" ', ' "authorization"']
)
def test_a_missing_component_is_refused(component: str) -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace(component, "")
    with pytest.raises(RequestError, match="expected the components"):
        received(headers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("created=1790000000", "created=1790000001"),
        ('keyid="jukebox-1"', 'keyid="marquee-1"'),
        ('nonce="bm9uY2U"', 'nonce="bm9uY2V"'),
    ],
)
def test_changed_parameters_are_refused(old: str, new: str) -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace(old, new)
    with pytest.raises(RequestError, match="signature by the named key"):
        request.verify(received(headers), PUBLIC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (";created=1790000000", ""),
        (';nonce="bm9uY2U"', ""),
        (';alg="ed25519"', ""),
        (';alg="ed25519"', ';alg="hmac-sha256"'),
        (';alg="ed25519"', ';alg="none"'),
        (';alg="ed25519"', ';alg="ed25519";alg="ed25519"'),
        (";created=1790000000", ";created=1790000000;created=1"),
        (";created=1790000000", ";created=01790000000"),
        (";created=1790000000", ';created="1790000000"'),
        (";created=1790000000", ";created=-1"),
        (";created=1790000000", ";created=1790000000;expires=1790000001"),
        (';keyid="jukebox-1"', ";keyid=1"),
        (';keyid="jukebox-1"', ';keyid="jukebox 1"'),
        (';keyid="jukebox-1"', ';keyid=""'),
        (';nonce="bm9uY2U"', ';nonce=""'),
        (';nonce="bm9uY2U"', ';nonce="a\\"b"'),
        ("sig=", ""),
        ("sig=", "Sig="),
        ('"@method"', '"@method";req'),
        ('"content-digest"', '"content-digest";sf'),
    ],
)
def test_parameters_outside_the_profile_are_refused(old: str, new: str) -> None:
    headers = signed()
    assert old in headers["signature-input"]
    headers["signature-input"] = headers["signature-input"].replace(old, new)
    with pytest.raises(RequestError):
        received(headers)


@pytest.mark.parametrize("name", ["content-digest", "signature-input", "signature", "authorization"])
def test_a_field_sent_twice_is_refused(name: str) -> None:
    headers = signed()
    headers[name] = f"{headers[name]}, {headers[name]}"
    with pytest.raises(RequestError):
        request.verify(received(headers), PUBLIC)


def test_a_field_under_two_spellings_is_refused() -> None:
    headers = signed()
    headers["Authorization"] = "DPoP other"
    with pytest.raises(RequestError, match="two spellings"):
        received(headers)


@pytest.mark.parametrize(
    "value", ["other=:AAAA:", "sig=:AAAA:", "sig=AAAA", "sig=::", "sig=:" + "A" * 88 + ":", "sig=:!:", ""]
)
def test_a_malformed_signature_is_refused(value: str) -> None:
    with pytest.raises(RequestError):
        received(signed() | {"signature": value})


def test_a_signature_under_another_label_than_its_input_is_refused() -> None:
    headers = signed()
    headers["signature"] = headers["signature"].replace("sig=", "other=")
    with pytest.raises(RequestError, match="labelled 'sig'"):
        received(headers)


def test_a_signature_cannot_borrow_bytes_of_the_message() -> None:
    whole = ed25519.sign(SEED, b"message")
    assert ed25519.is_valid(PUBLIC, b"message", whole)
    assert not ed25519.is_valid(PUBLIC, whole[32:] + b"message", whole[:32])


def test_a_signature_by_another_key_is_refused() -> None:
    with pytest.raises(RequestError, match="signature by the named key"):
        request.verify(received(signed()), ed25519.public_of(bytes(32)))


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), b"\xff" * 32])
def test_a_malformed_public_key_raises_the_room_s_error(public: bytes) -> None:
    with pytest.raises(RequestError):
        request.verify(received(signed()), public)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "post"},
        {"method": 'GET\n"@target-uri": x'},
        {"target_uri": "/relative"},
        {"target_uri": TARGET + "\nx"},
        {"target_uri": TARGET + " x"},
        {"target_uri": TARGET + "é"},
        {"authorization": "DPoP a\nb"},
        {"authorization": ""},
        {"authorization": " padded "},
        {"key_id": 'a";alg="none'},
        {"nonce": 'a";alg="none'},
    ],
)
def test_nothing_can_be_signed_that_would_break_the_base_apart(changes: dict[str, str]) -> None:
    with pytest.raises(RequestError):
        signed(**changes)  # type: ignore[arg-type]  # the keys are the names of its text arguments


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@method": POST\n', ""),
        ("POST", "post"),
        ('"authorization": ' + TOKEN + "\n", ""),
        ("sha-256", "sha-512"),
        (';alg="ed25519"', ""),
        ("https://", "ftp://"),
        ('"content-digest"', '"date": x\n"content-digest"'),
        (';alg="ed25519"', ';alg="ed25519" '),
        (";created", ";a,created"),
    ],
)
def test_a_base_outside_the_profile_is_no_opening(old: str, new: str) -> None:
    found = received(signed())
    assert old in found.base
    with pytest.raises(RequestError):
        request.from_opening(found.base.replace(old, new, 1), found.signature)


def test_a_base_with_a_line_feed_at_its_end_is_no_opening() -> None:
    found = received(signed())
    with pytest.raises(RequestError):
        request.from_opening(found.base + "\n", found.signature)
    with pytest.raises(RequestError, match="64 bytes, got 63"):
        request.from_opening(found.base, found.signature[:63])
