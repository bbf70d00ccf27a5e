"""The parsers of verdict: policy, person file, receipt and what stands in it, and a whole published log."""

from dataclasses import replace

from tests.malformed.of_ledger import ENTRIES, NEXT
from tests.malformed.parser import Parser
from tests.verdict.consents import granted, signed
from tests.verdict.log_builder import ALICE, BOB, LogBuilder, seed
from tests.verdict.passkeys import Authenticator
from tests.verdict.stories import told, view_of
from vestibule.ledger.leaf import ENTRY_LIMIT
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.proof import TlogProof
from vestibule.verdict import cose, person_file
from vestibule.verdict.about_me import about_me
from vestibule.verdict.consent_receipt import open_consent_receipt
from vestibule.verdict.errors import VerdictError
from vestibule.verdict.log_view import read_log
from vestibule.verdict.proving import prove
from vestibule.verdict.receipt import check_release, open_receipt
from vestibule.verdict.short_history import read_short
from vestibule.verdict.trust import trust

LOG = told()
REQUEST = LOG.signed("jukebox")
LOG.event("access", "jukebox", ALICE, n=1, request=REQUEST)
FILES = LOG.files()
TRUST = trust(LOG.policy())
VIEW = view_of(LOG)
RECEIPT = LOG.release("jukebox", ALICE)
PROOF = TlogProof.parse(RECEIPT)
STATEMENTS = f"""# mode synchronous
# run-by w1 Somebody e. V., Berlin
# run-by w2 platform
log {LOG.signing.verifier}
witness w1 {SigningKey.from_seed("w1.example", seed("w1"), COSIGNATURE).verifier}
witness w2 {SigningKey.from_seed("w2.example", seed("w2"), COSIGNATURE).verifier}
group auditors any w1
quorum auditors
""".encode()
AGREED = granted()
PEOPLE = tuple(person_file.render(LOG.person(who, "jukebox", "marquee")) for who in (ALICE, BOB))


def _read_person(data: bytes) -> None:
    person = person_file.parse(data)
    for partner in ("jukebox", "marquee"):
        about_me(VIEW, partner, person)


def _read_receipt(data: bytes) -> None:
    check_release(data, TRUST, partner="jukebox", request=REQUEST)


def _read_extra(data: bytes) -> None:
    open_receipt(replace(PROOF, extra=data).render(), TRUST)


def _history_proof() -> bytes:
    """Make a short proof of the log with an epoch behind it."""
    log = LogBuilder(entries=list(LOG.entries), openings=LOG.openings)
    del log.entries[-1]  # the genesis leaf that every builder adds
    log.epoch()
    view = view_of(log)
    return prove(view, log.tree().node, log.person(ALICE, "jukebox"), ("jukebox",))


def _read_published(entries: tuple[bytes, ...]) -> None:
    """Publish these entries, signed and all."""
    log = LogBuilder()
    log.entries[:] = [entry[:ENTRY_LIMIT] for entry in entries]
    read_log(log.files().__getitem__, TRUST)


def _read_consent_receipt(data: bytes) -> None:
    open_consent_receipt(data, trust(AGREED.log.policy()))


def _read_payload(data: bytes) -> None:
    _read_consent_receipt(signed(AGREED.log, data))


PASSKEY = Authenticator()
SIGNED = PASSKEY.sign(b"")
PARSERS = (
    Parser("trust", trust, (LOG.policy(), STATEMENTS), VerdictError),
    Parser("person file", _read_person, PEOPLE, VerdictError),
    Parser("history proof", lambda data: read_short(data, TRUST), (_history_proof(),), VerdictError),
    Parser("receipt", _read_receipt, (RECEIPT.encode(),), VerdictError),
    Parser("consent receipt", _read_consent_receipt, (AGREED.receipt(),), VerdictError),
    Parser("consent receipt's payload", _read_payload, (AGREED.said().encode(),), VerdictError),
    Parser("public key", lambda data: cose.verify(data, b"", SIGNED), (PASSKEY.public_key,), VerdictError),
    Parser("receipt's extra line", _read_extra, (PROOF.extra or b"",), VerdictError),
    Parser(
        "published checkpoint",
        lambda data: read_log((FILES | {"checkpoint": data}).__getitem__, TRUST),
        (FILES["checkpoint"],),
        VerdictError,
    ),
    Parser("published genesis", lambda data: _read_published((data,)), (LOG.entries[0],), VerdictError),
    Parser("published leaf", lambda data: _read_published((*ENTRIES, data)), NEXT, VerdictError),
)
