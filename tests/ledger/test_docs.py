import re
from hashlib import sha256
from pathlib import Path

from vestibule.ledger import canonical, tags, vrf
from vestibule.ledger.commitment import commit
from vestibule.ledger.consent import Consent
from vestibule.ledger.leaf import EpochLeaf, Event, Genesis, KeyLeaf, PrivilegeLeaf, encode, parse
from vestibule.ledger.map_proof import MapProof, verify_present
from vestibule.ledger.opening import Private
from vestibule.ledger.replay import replay
from vestibule.ledger.request import verify

PAGE = (Path(__file__).parents[2] / "docs" / "log.md").read_text()
BLOCKS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
LINES = [line.encode() for block in BLOCKS for line in block.splitlines()]
LEAVES = [line for line in LINES if b'"k":' in line]
(PRIVATE,) = [line for line in LINES if b'"counter":' in line]
(CONSENT,) = [line for line in LINES if b'"permissions":' in line]


def test_every_leaf_of_the_specification_is_a_leaf() -> None:
    assert [encode(parse(line)) for line in LEAVES] == LEAVES
    assert len({type(parse(line)) for line in LEAVES}) == 11


def test_the_leaves_of_the_specification_make_an_honest_log() -> None:
    # The page shows the register first; the log has the events between privilege and withdrawal.
    register = [line for line in LEAVES if not isinstance(parse(line), Event)]
    events = [line for line in LEAVES if isinstance(parse(line), Event)]
    history = replay(register[:4] + events + register[4:])
    assert history.breaches == ()
    assert [found.matches for found in history.reconciles] == [True]
    assert [epoch.index for epoch in history.epochs] == [8]
    assert history.closed_by(20_780) == 8


def test_the_map_proof_and_the_totals_of_the_specification_are_right() -> None:
    (epoch,) = [leaf for leaf in map(parse, LEAVES) if isinstance(leaf, EpochLeaf)]
    (proof,) = re.findall(r"^proof +([0-9a-f]+)$", PAGE, re.MULTILINE)
    (tag,) = re.findall(r"^tag_1 +([0-9a-f]{64})$", PAGE, re.MULTILINE)
    verify_present(epoch.root, bytes.fromhex(tag), 5, MapProof.decode(bytes.fromhex(proof)))
    (rows,) = re.findall(r"^totals +(ledger/totals/v1\n.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    table = "".join(f"{line.strip()}\n" for line in rows.splitlines())
    assert sha256(table.encode()).digest() == epoch.table


def test_the_opening_of_the_specification_leads_from_the_leaf_to_the_signature() -> None:
    genesis, key = parse(LEAVES[0]), parse(LEAVES[2])
    assert isinstance(genesis, Genesis)
    assert isinstance(key, KeyLeaf)
    (access,) = [leaf for leaf in map(parse, LEAVES) if isinstance(leaf, Event) and leaf.kind == "access"]
    private = Private.parse(PRIVATE)
    assert commit(bytes(range(32, 64)), PRIVATE) == access.commitment
    (proof,) = re.findall(r"pi +([0-9a-f]{160})\n", PAGE)
    pair = tags.alpha(genesis.origin, private.partner, private.lane, bytes(range(16)))
    private.agrees_with(access, tags.lane_key(vrf.verify(genesis.vrf, pair, bytes.fromhex(proof))))
    assert private.request is not None
    verify(private.request, key.key)
    assert private.request.base in PAGE


def test_the_canonical_grant_of_the_specification_fits_its_log() -> None:
    consent = Consent.parse(CONSENT)
    assert consent.encode() == CONSENT
    assert consent.person == Private.parse(PRIVATE).person
    assert consent.chosen.conversations == (Private.parse(PRIVATE).conversation,)
    (allowed,) = consent.allowed
    # The page shows the register first, and the privilege is the fourth leaf of it.
    privilege = parse(LEAVES[allowed.privilege])
    assert isinstance(privilege, PrivilegeLeaf)
    assert (privilege.scope, privilege.purpose) == (allowed.scope, allowed.purpose)


def test_the_signed_text_of_the_specification_is_canonical() -> None:
    (text,) = re.findall(r'```text\n(\{"agreement".*\})\n```', PAGE)
    assert canonical.encode(canonical.decode(text.encode())) == text.encode()
    (privilege,) = [leaf for leaf in map(parse, LEAVES) if isinstance(leaf, PrivilegeLeaf)]
    assert privilege.signed_text() == text.encode()
