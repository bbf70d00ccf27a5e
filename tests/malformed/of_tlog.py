"""The parsers of tlog: keys, notes, checkpoints, policies, proofs, tiles and bundles."""

from tests.malformed.parser import Parser, text
from tests.verdict.log_builder import LogBuilder, seed
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign, verify_cosignature
from vestibule.tlog.errors import TlogError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import COSIGNATURE, SigningKey, VerifierKey
from vestibule.tlog.layout import bundle_path, decode_bundle, tile_files
from vestibule.tlog.merkle import leaf_hash
from vestibule.tlog.note import Note, Signature
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import TlogProof, verify
from vestibule.tlog.split_view import SplitView
from vestibule.tlog.tiles import Fetch, node_reader, read_entries

WITNESS = SigningKey.from_seed("w1.example", seed("w1"), COSIGNATURE)
LOG = LogBuilder(witness=WITNESS)
LOG.partner("jukebox")
NOTE = LOG.note()
CHECKPOINT = open_checkpoint(NOTE, LOG.signing.verifier)
POLICY = Policy.parse(LOG.policy())
GROUPED = f"""# who is trusted
log {LOG.signing.verifier} https://vestibule.example/log
witness w1 {WITNESS.verifier} https://w1.example
group auditors any w1
group all-of-them 1 auditors
quorum all-of-them
"""
FILES = LOG.files()
BUNDLE = bundle_path(0, len(LOG.entries))

PAGES = GrowingTree()
for number in range(300):
    PAGES.append(leaf_hash(b"%d" % number))
TILES = dict(tile_files(0, 300, PAGES.node))
TILES_CHECKPOINT = Checkpoint("log.example", 300, PAGES.root())
FORK = Checkpoint(CHECKPOINT.origin, CHECKPOINT.size, bytes(32))
SPLIT = SplitView(sign_checkpoint(FORK, LOG.signing), NOTE, CHECKPOINT.root, ())


def _serving(files: dict[str, bytes], path: str, data: bytes) -> Fetch:
    return (files | {path: data}).__getitem__


def _read_cosignature(data: bytes) -> int:
    return verify_cosignature(CHECKPOINT.text, data, WITNESS.verifier)


def _read_signed_checkpoint(data: bytes) -> object:
    """Sign whatever it is, so that what stands behind the signature check is reached too."""
    signed = data.decode("utf-8", "replace").replace("\0", "") + "\n"
    return POLICY.verify(f"{signed}\n{LOG.signing.sign(signed)}{cosign(signed, WITNESS, 1)}")


def _read_tile(path: str, data: bytes) -> bytes:
    return node_reader(_serving(TILES, path, data), TILES_CHECKPOINT)(0, 0)


PARSERS = (
    Parser(
        "vkey",
        lambda data: VerifierKey.parse(text(data)),
        (str(LOG.signing.verifier).encode(), str(WITNESS.verifier).encode()),
        TlogError,
    ),
    Parser(
        "signature line",
        lambda data: Signature.parse(text(data)),
        tuple(line.encode() for line in NOTE.splitlines()[-2:]),
        TlogError,
    ),
    Parser(
        "note",
        lambda data: Note.parse(data).verified([LOG.signing.verifier, WITNESS.verifier]),
        (NOTE.encode(),),
        TlogError,
    ),
    Parser(
        "checkpoint text", lambda data: Checkpoint.parse(text(data)), (CHECKPOINT.text.encode(),), TlogError
    ),
    Parser(
        "checkpoint", lambda data: open_checkpoint(data, LOG.signing.verifier), (NOTE.encode(),), TlogError
    ),
    Parser("signed checkpoint text", _read_signed_checkpoint, (CHECKPOINT.text[:-1].encode(),), TlogError),
    Parser(
        "cosignature",
        _read_cosignature,
        (Signature.parse(NOTE.splitlines()[-1]).blob,),
        TlogError,
    ),
    Parser(
        "policy", lambda data: Policy.parse(data).verify(NOTE), (LOG.policy(), GROUPED.encode()), TlogError
    ),
    Parser(
        "split view",
        lambda data: SplitView.parse(data).verify(LOG.signing.verifier),
        (SPLIT.render().encode(),),
        TlogError,
    ),
    Parser("checkpoint by policy", POLICY.verify, (NOTE.encode(),), TlogError),
    Parser(
        "proof",
        lambda data: verify(TlogProof.parse(data), LOG.entries[1], POLICY),
        (LOG.receipt(1).encode(),),
        TlogError,
    ),
    Parser("bundle", lambda data: decode_bundle(data, len(LOG.entries)), (FILES[BUNDLE],), TlogError),
    Parser(
        "entries",
        lambda data: list(read_entries(_serving(FILES, BUNDLE, data), CHECKPOINT)),
        (FILES[BUNDLE],),
        TlogError,
    ),
    Parser(
        "full tile",
        lambda data: _read_tile("tile/0/000", data),
        (TILES["tile/0/000"],),
        TlogError,
    ),
    Parser(
        "partial tile",
        lambda data: _read_tile("tile/0/001.p/44", data),
        (TILES["tile/0/001.p/44"],),
        TlogError,
    ),
)
