"""The parsers of ledger: canonical JSON, leaves, openings, requests, VRF and map proofs, the replay."""

import base64

from tests.malformed.parser import Parser, text
from tests.verdict.log_builder import ALICE, BOB, DAY, seed
from tests.verdict.stories import COUNTS, told
from vestibule.ledger import canonical, ed25519, request, tags, vrf
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Withdrawal, parse
from vestibule.ledger.map_proof import MapProof, verify_absent, verify_present
from vestibule.ledger.opening import Private
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.replay import replay

LOG = told()
LOG.reconcile("jukebox", COUNTS)
LOG.epoch()
ENTRIES = tuple(LOG.entries)
OPENINGS = tuple(opening.private for openings in LOG.openings.values() for opening in openings)
REQUEST = LOG.signed("jukebox")
PARTNER_KEY = ed25519.public_of(seed("jukebox"))
REQUEST_PARTS = "\x1e"
"""Separates a request's fields in its sample: they come as a mapping, in which any character may stand."""

ALPHA = tags.alpha(LOG.origin, "jukebox", tags.SHARED, ALICE)
PROOF = LOG.vrf.prove(ALPHA)

TAGS = tuple(tags.tag(PROOF[:32], number) for number in range(20))
MAP = PrefixMap()
for index, tag in enumerate(TAGS[:-1]):
    MAP.insert(tag, index)


def _next_leaves() -> tuple[bytes, ...]:
    """Give leaves of every kind that may come next."""
    log = told()
    log.entries[:] = LOG.entries
    before = len(log.entries)
    log.partner("tapedeck")
    log.privilege("jukebox")
    log.event("refusal", "jukebox", BOB)
    log.event("notify", "jukebox", BOB, op="friends", n=1)
    log.add(Withdrawal("jukebox", "messages.read", DAY))
    log.reconcile("jukebox", COUNTS, size=before)
    found = [entry for entry in log.entries[before:] if b'"k":"key"' not in entry]
    log.entries[:] = LOG.entries
    log.epoch()
    return (*found, log.entries[-1])


NEXT = _next_leaves()


def _request_sample() -> bytes:
    signature = base64.b64encode(REQUEST.signature).decode()
    params = REQUEST.base.rpartition("\n")[2].partition(": ")[2]
    fields = {
        "content-digest": request.content_digest(b""),
        "authorization": str(REQUEST.authorization),
        "signature-input": f"sig={params}",
        "signature": f"sig=:{signature}:",
    }
    lines = [REQUEST.method, REQUEST.target_uri, *(f"{name}: {value}" for name, value in fields.items())]
    return REQUEST_PARTS.join(lines).encode()


def _read_request(data: bytes) -> None:
    method, target, *lines = f"{text(data)}{REQUEST_PARTS}".split(REQUEST_PARTS)
    parted = [line.partition(": ") for line in lines if line]
    headers = {name: value for name, _, value in parted}
    signed = request.parse(method=method, target_uri=target, headers=headers, body=b"")
    request.verify(signed, PARTNER_KEY)


def _read_base(data: bytes) -> None:
    request.verify(request.from_opening(text(data), REQUEST.signature), PARTNER_KEY)


def _read_map_proof(data: bytes) -> None:
    proof = MapProof.decode(data)
    if proof.terminal == (TAGS[0], 0):
        verify_present(MAP.root(), TAGS[0], 0, proof)
    else:
        verify_absent(MAP.root(), TAGS[-1], proof)


def _replay(data: bytes) -> None:
    """Replay a log that ends in the leaf. A replay never raises: what it says of the leaf is raised here."""
    for breach in replay((*ENTRIES, data)).breaches:
        raise LedgerError(breach.message)


PARSERS = (
    Parser("canonical json", canonical.decode, (*ENTRIES, *OPENINGS), LedgerError),
    Parser("leaf", parse, (*ENTRIES, *NEXT), LedgerError),
    Parser("opening", Private.parse, OPENINGS, LedgerError),
    Parser("request", _read_request, (_request_sample(),), LedgerError),
    Parser("signature base", _read_base, (REQUEST.base.encode(),), LedgerError),
    Parser("vrf proof", lambda data: vrf.verify(LOG.vrf.public, ALPHA, data), (PROOF,), LedgerError),
    Parser("vrf key", lambda data: vrf.verify(data, ALPHA, PROOF), (LOG.vrf.public,), LedgerError),
    Parser(
        "map proof",
        _read_map_proof,
        (MAP.prove(TAGS[0]).encode(), MAP.prove(TAGS[-1]).encode()),
        LedgerError,
    ),
    Parser("replayed leaf", _replay, NEXT, LedgerError),
)
