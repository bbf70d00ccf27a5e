from collections.abc import Callable

import pytest

from tests.verdict.log_builder import ALICE, DAY, READ, LogBuilder
from tests.verdict.stories import told, view_of
from vestibule.ledger.leaf import Withdrawal
from vestibule.verdict.could import could
from vestibule.verdict.errors import UnknownPartner, UnknownScope
from vestibule.verdict.served import was_served
from vestibule.verdict.verdict import Answer, Verdict


def test_no_privilege_and_no_connection_is_a_proven_no() -> None:
    verdict = could(view_of(told()), "marquee", READ)
    assert verdict.headline == (
        "Was Marquee ever allowed to read private messages?   proven no   "
        "(no privilege, 0 connections, to checkpoint 12)"
    )


def test_a_signed_privilege_is_a_proven_yes() -> None:
    verdict = could(view_of(told()), "jukebox", READ)
    assert verdict.answer is Answer.PROVEN_YES
    assert verdict.summary == "1 privilege, at most 1 connected person, to checkpoint 12"


def test_a_withdrawn_privilege_was_still_held_once() -> None:
    log = told()
    log.add(Withdrawal("jukebox", READ, DAY))
    verdict = could(view_of(log), "jukebox", READ)
    assert verdict.answer is Answer.PROVEN_YES
    assert "until leaf 12" in verdict.findings[0]


def test_a_privilege_for_another_scope_is_not_this_one() -> None:
    log = told()
    log.privilege("marquee", scope="friends.list")
    assert could(view_of(log), "marquee", READ).answer is Answer.PROVEN_NO


def test_a_privilege_that_had_ended_before_its_leaf_was_never_in_force() -> None:
    log = told()
    log.privilege("marquee", until_day=DAY - 1)
    assert could(view_of(log), "marquee", READ).answer is Answer.PROVEN_NO


def test_a_privilege_the_partner_did_not_sign_proves_nothing_either_way() -> None:
    log = told()
    log.privilege("marquee", signer="jukebox")
    verdict = could(view_of(log), "marquee", READ)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert verdict.findings == (
        "leaf 12 breaks a rule of the log: expected a signature by marquee under 'k1', got another",
    )


def test_a_read_without_privilege_makes_the_no_unprovable() -> None:
    log = told()
    log.read("marquee", ALICE, 2)
    verdict = could(view_of(log), "marquee", READ)
    assert verdict.answer is Answer.NOT_PROVABLE
    assert any("expected a privilege of marquee" in finding for finding in verdict.findings)


def test_breaches_of_others_are_said_and_change_nothing() -> None:
    log = told()
    log.partner("third")
    log.read("third", ALICE, 2)
    verdict = could(view_of(log), "marquee", READ)
    assert verdict.answer is Answer.PROVEN_NO
    assert "breaches: 2 rules are broken by leaves that are none of this company's" in verdict.rests_on


@pytest.mark.parametrize("entity", ["Marquee Ltd", "marquee  LTD"])
def test_a_claim_covers_every_partner_id_of_the_legal_entity(entity: str) -> None:
    log = told()
    log.partner("zoo", legal_entity=entity)
    log.privilege("zoo")
    verdict = could(view_of(log), "marquee", READ)
    assert verdict.company.partners == ("marquee", "zoo")
    assert verdict.answer is Answer.PROVEN_YES


def test_an_unknown_partner_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPartner, match=r"no partner 'nobody'.*registered: jukebox, marquee"):
        could(view_of(told()), "nobody", READ)


def test_an_empty_register_has_no_partner() -> None:
    with pytest.raises(UnknownPartner, match="registered: none"):
        could(view_of(LogBuilder()), "marquee", READ)


@pytest.mark.parametrize("ask", [could, was_served])
def test_a_scope_that_no_log_knows_is_never_proven_anything(ask: Callable[..., Verdict]) -> None:
    with pytest.raises(UnknownScope, match=r"no scope 'message\.read' in this .*; known: messages\.read, "):
        ask(view_of(told()), "marquee", "message.read")


@pytest.mark.parametrize("ask", [could, was_served])
def test_a_scope_that_this_log_has_can_be_asked_about(ask: Callable[..., Verdict]) -> None:
    log = told()
    log.privilege("jukebox", scope="photos.read")
    assert ask(view_of(log), "marquee", "photos.read").answer is Answer.PROVEN_NO
    with pytest.raises(UnknownScope, match=r"connection, photos\.read$"):
        ask(view_of(log), "marquee", "photo.read")
