"""Mistakes in how a partner's request is known as its own (RFC 9421)."""

from typing import Final

from tools.mutants.mutant import Mutant

REQUEST: Final = "src/vestibule/ledger/request.py"
KNOWN: Final = "src/vestibule/partners/authentication.py"
TESTS: Final = "tests/partners/test_authentication.py::"

MUTANTS: Final = (
    Mutant(
        "takes any RFC 9421 signature for a valid one",
        KNOWN,
        "        signing.verify(signed, key.public)\n",
        "        pass\n",
        TESTS + "test_a_signature_over_anything_else_is_none",
    ),
    Mutant(
        "takes a request a second time while its window lasts",
        "src/vestibule/partners/once.py",
        "        if key in self._seen:",
        "        if False:",
        TESTS + "test_a_replayed_request_is_refused_at_once_and_after_the_window",
    ),
    Mutant(
        "takes a request of any age",
        KNOWN,
        "    if abs(now - signed.created) > WINDOW_SECONDS:",
        "    if False:",
        TESTS + "test_a_replayed_request_is_refused_at_once_and_after_the_window",
    ),
    Mutant(
        "forgets a nonce while its request is still acceptable",
        KNOWN,
        "until=now + 2 * WINDOW_SECONDS",
        "until=now + WINDOW_SECONDS",
        TESTS + "test_a_nonce_is_remembered_as_long_as_its_request_is_acceptable",
    ),
    Mutant(
        "takes requests from before its start, whose nonces it does not know",
        KNOWN,
        "    if signed.created < (since := once.since(partner_id)):",
        "    if (since := 0):",
        TESTS + "test_requests_from_before_this_servers_start_are_refused",
    ),
    Mutant(
        "takes signatures of a key that was withdrawn or is not yet in force",
        KNOWN,
        "if key.key_id == keyid and key.in_force(day):",
        "if key.key_id == keyid:",
        TESTS + "test_a_key_that_is_no_longer_in_force_signs_nothing",
    ),
    Mutant(
        "does not compare the body with its digest",
        REQUEST,
        "    if digest != content_digest(body):",
        "    if False:",
        TESTS + "test_a_changed_body_is_noticed",
    ),
    Mutant(
        "leaves the token out of what must be signed",
        REQUEST,
        "    expected = _FULL if has_token else _BARE\n    if listed != expected:",
        "    expected = _FULL if has_token else _BARE\n    if listed not in (_FULL, _BARE):",
        "tests/ledger/test_request.py::test_a_token_that_is_not_covered_is_refused",
    ),
    Mutant(
        "makes the signed address of the Host header",
        "src/vestibule/web/partner.py",
        'target_uri=f"{platform.settings.origin}{raw_path}',
        "target_uri=f\"http://{request.headers['host']}{raw_path}",
        TESTS + "test_the_host_header_does_not_decide_what_was_signed",
    ),
    Mutant(
        "takes the last of two fields of one name",
        "src/vestibule/web/partner.py",
        'joined[name] = f"{joined[name]}, {value}" if name in joined else value',
        "joined[name] = value",
        TESTS + "test_a_second_field_of_the_same_name_does_not_hide_behind_the_signed_one",
    ),
)
