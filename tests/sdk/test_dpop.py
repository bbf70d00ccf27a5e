import json
from typing import Any

import jwt
import pytest
from joserfc.jwk import ECKey, OKPKey

from vestibule.sdk.dpop import DpopKey, ath, htu, wants_nonce
from vestibule.sdk.errors import BadKey

KEY_OF_THE_RFC = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}
"""RFC 9449 figure 4; its private half is not published."""
TOKEN_OF_THE_RFC = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
PROOF_FOR_A_TOKEN = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZ"
    "OXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIs"
    "ImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmV"
    "yLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4Pt"
    "FLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
"""Figure 2: the request of figure 1, for a token."""
PROOF_FOR_THE_RESOURCE = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZ"
    "OXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIs"
    "ImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJ"
    "jZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05"
    "yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmc"
    "w6Fy1dqd-jfxSYoMxhAJpLjA"
)
"""Figure 13: the request of figure 12, with a token."""


def read(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a proof as a stranger does, by the key in its own header."""
    header = jwt.get_unverified_header(proof)
    key = jwt.PyJWK(header["jwk"]).key
    return header, jwt.decode(proof, key, algorithms=["ES256"], options={"verify_iat": False})


def test_a_proof_for_a_token_is_made_as_in_figure_2() -> None:
    expected_header, expected = read(PROOF_FOR_A_TOKEN)
    key = DpopKey.new()
    header, claims = read(key.proof(method="POST", uri="https://server.example.com/token", now=1562262616))
    assert claims == {**expected, "jti": claims["jti"]}
    assert header == {**expected_header, "jwk": header["jwk"]}
    assert header["jwk"].keys() == KEY_OF_THE_RFC.keys()


def test_a_proof_for_a_resource_is_made_as_in_figure_13() -> None:
    _, expected = read(PROOF_FOR_THE_RESOURCE)
    uri = "https://resource.example.org/protectedresource?page=2#top"
    proof = DpopKey.new().proof(method="GET", uri=uri, now=1562262618, token=TOKEN_OF_THE_RFC)
    _, claims = read(proof)
    assert claims == {**expected, "jti": claims["jti"]}


def test_a_nonce_stands_in_the_proof_as_it_was_given() -> None:
    proof = DpopKey.new().proof(
        method="GET", uri="https://a.example/", now=1, nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v"
    )
    assert read(proof)[1]["nonce"] == "eyJ7S_zG.eyJH0-Z.HX4w-7v"


def test_no_two_proofs_share_their_jti() -> None:
    key = DpopKey.new()
    proofs = [key.proof(method="GET", uri="https://a.example/", now=1) for _ in range(3)]
    assert len({read(proof)[1]["jti"] for proof in proofs}) == 3


def test_the_thumbprint_is_that_of_section_6_1() -> None:
    assert (
        DpopKey(ECKey.import_key(dict(KEY_OF_THE_RFC))).jkt == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    )


def test_the_hash_of_a_token_is_that_of_section_7_1() -> None:
    assert ath(TOKEN_OF_THE_RFC) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_a_key_can_be_kept_and_is_shown_nowhere_else() -> None:
    key = DpopKey.new()
    again = DpopKey.from_json(key.to_json())
    assert again.jkt == key.jkt
    assert json.loads(key.to_json())["d"] not in repr(key)
    proof = again.proof(method="GET", uri="https://a.example/", now=1)
    assert "d" not in read(proof)[0]["jwk"]


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{}",
        json.dumps(KEY_OF_THE_RFC),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)),
        json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)),
    ],
)
def test_what_is_no_private_key_on_p_256_is_refused(kept: str) -> None:
    with pytest.raises(BadKey, match="expected a private JWK on P-256"):
        DpopKey.from_json(kept)


def test_the_uri_of_a_proof_has_no_query() -> None:
    assert htu("https://a.example/v1/x?limit=3#f") == "https://a.example/v1/x"


NONCE = {"dpop-nonce": "n"}
CHALLENGE = NONCE | {"www-authenticate": 'DPoP error="use_dpop_nonce", error_description="..."'}


def test_only_an_error_that_asks_for_a_nonce_and_brings_one_is_tried_again() -> None:
    wanted = {"error": "use_dpop_nonce"}
    assert wants_nonce(400, NONCE, wanted)
    assert wants_nonce(401, CHALLENGE, {})
    assert not wants_nonce(400, {}, wanted)
    assert not wants_nonce(400, NONCE, {"error": "invalid_dpop_proof"})
    assert not wants_nonce(401, NONCE, {})
    assert not wants_nonce(403, CHALLENGE, wanted)
    assert not wants_nonce(200, NONCE, wanted)
