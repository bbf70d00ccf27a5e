"""What she agreed to and how is kept as it was, for each time that she did."""

from dataclasses import replace
from typing import Any

from tests.conftest import Run
from vestibule.connections import records
from vestibule.connections.records import Record
from vestibule.ledger.agreement import Agreement, Passkey, Password
from vestibule.ledger.consent import Allowed, Chosen, Consent
from vestibule.store import Store

CONSENT = Consent(
    origin="https://vestibule.example",
    partner="jukebox",
    person="DLGLGLIJ55U4FKFTFANN2CM2PJMGC3CP",
    connection="aa" * 16,
    allowed=(Allowed("messages.read", "Show a friend's music", 3),),
    chosen=Chosen("conversations", ("1c" * 16,), "", since=5),
    until_day=20_870,
    issued=1_795_450_000_000_000,
)
PASSKEY = Passkey(b"authenticator", b"{}", b"signature", b"key")


def kept(run: Run, store: Store, consent: Consent, agreement: Agreement) -> Record:
    record = Record.fresh(consent, agreement)
    work: Any = lambda tx: records.keep(tx, 7, 41, record)  # noqa: E731  (passed on)
    run(store.write(work))
    return record


def test_records_come_back_as_they_were_kept_the_newest_first(run: Run, store: Store) -> None:
    first = kept(run, store, CONSENT, PASSKEY)
    second = kept(run, store, replace(CONSENT, issued=CONSENT.issued + 1), Password())

    assert run(records.of(store, 7, 41)) == (second, first)
    assert run(records.of(store, 8, 41)) == ()
    assert run(records.of(store, 7, 42)) == ()


def test_an_opening_gets_the_text_and_a_commitment_and_never_the_assertion() -> None:
    record = Record.fresh(CONSENT, PASSKEY)

    assert record.extra == {
        "consent": CONSENT.encode().decode(),
        "agreed": PASSKEY.committed(record.random),
    }
    assert Record.fresh(CONSENT, PASSKEY).extra["agreed"] != record.extra["agreed"]
    assert Record.fresh(CONSENT, Password()).extra["agreed"] == "password"


def test_what_she_agreed_to_once_has_one_event_id(run: Run, store: Store) -> None:
    record = kept(run, store, CONSENT, PASSKEY)
    [again] = run(records.of(store, 7, 41))

    assert again.event_id == record.event_id == CONSENT.challenge()[:16]
    assert Record.fresh(replace(CONSENT, issued=CONSENT.issued + 1), PASSKEY).event_id != record.event_id
