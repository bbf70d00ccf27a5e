from vestibule.sdk.pkce import Pkce


def test_the_challenge_is_that_of_appendix_b() -> None:
    pkce = Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert pkce.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_random_of_43_characters_and_not_shown() -> None:
    pkce = Pkce.new()
    assert len(pkce.verifier) == 43
    assert pkce != Pkce.new()
    assert pkce.verifier not in repr(pkce)
