"""What two partners can find out about one person by comparing all that the recorder gave them."""

import base64
from typing import Any

from tests.recorder.a_log import ANA, Log, Run, event, one
from vestibule.ledger import canonical, tags
from vestibule.ledger.opening import Private
from vestibule.recorder.drafts import Draft
from vestibule.tlog.proof import TlogProof

OF_NOBODY_S = {"v", "kind", "op", "lane", "counter", "at", "grant", "conversation", "messages", "n", "extra"}
"""Fields of an opening that say what happened and when, not to whom."""


def of(partner: str, lane: str = tags.SHARED) -> Draft:
    return Draft("access", "messages.read", partner, lane, ANA, 1)


def extra_of(receipt: str) -> dict[str, Any]:
    return canonical.decode(TlogProof.parse(receipt).extra or b"")


def receipts_of(log: Log, run: Run, *partners: str) -> dict[str, list[str]]:
    """Give each partner's receipts: fresh, of one batch and of two, and made again later."""
    recorder = log.open()
    together = log.append(one(*(of(partner) for partner in partners)))
    found = {partner: [leaf.receipt()] for partner, leaf in zip(partners, together, strict=True)}
    for partner in partners:
        [later] = log.append(one(of(partner)))
        found[partner] += [later.receipt(), run(recorder.receipt(later.index, ANA))]
    return found


def test_nothing_a_partner_gets_contains_the_subject_or_a_vrf_proof(log: Log, run: Run) -> None:
    found = receipts_of(log, run, "jukebox", "marquee")
    secrets = [ANA] + [
        log.keys.vrf.prove(tags.alpha(log.keys.origin, partner, lane, ANA))
        for partner in found
        for lane in (tags.SHARED, tags.OWN)
    ]

    for receipt in (text for texts in found.values() for text in texts):
        extra = extra_of(receipt)
        everything = receipt + canonical.encode(extra).decode() + base64.b64decode(extra["r"]).hex()
        for secret in secrets:
            assert secret.hex() not in everything
            assert base64.b64encode(secret).decode() not in everything
            assert secret.decode("latin-1") not in everything


def test_two_partners_receipts_about_one_person_share_no_value_that_is_hers(log: Log, run: Run) -> None:
    found = receipts_of(log, run, "jukebox", "marquee")

    seen = {partner: {_hers(text) for text in texts} for partner, texts in found.items()}

    assert [len(names) for names in seen.values()] == [1, 1]
    jukebox, marquee = (set(next(iter(names))) for names in seen.values())
    assert not jukebox & marquee


def test_every_receipt_s_person_follows_from_its_lane_key(log: Log, run: Run) -> None:
    for texts in receipts_of(log, run, "jukebox", "marquee").values():
        for extra in map(extra_of, texts):
            key = base64.b64decode(extra["lane_key"])
            assert Private.parse(extra["private"].encode()).person == tags.partner_person_id(key)


def test_a_receipt_of_the_own_lane_has_neither_key_nor_the_partner_s_id(log: Log, run: Run) -> None:
    recorder = log.open()
    [own, shared] = log.append(one(of("jukebox", tags.OWN), event(ANA)))

    for receipt in (own.receipt(), run(recorder.receipt(own.index, ANA))):
        extra = extra_of(receipt)
        assert set(extra) == {"v", "leaf", "r", "private"}
        assert Private.parse(extra["private"].encode()).person != Private.parse(shared.private).person


def _hers(receipt: str) -> tuple[str, ...]:
    """Take out of a receipt whatever could stand for a person: all but what stands for the event itself."""
    extra = extra_of(receipt)
    assert set(extra) == {"v", "leaf", "r", "private", "lane_key"}
    private = canonical.decode(extra["private"].encode())
    left = {name: value for name, value in private.items() if name not in OF_NOBODY_S}
    assert set(left) == {"partner", "person"}
    return left["partner"], left["person"], extra["lane_key"]
