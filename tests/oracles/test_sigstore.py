"""@sigstore/verify, in another language, checks our checkpoints' signatures and our inclusion proofs."""

import json
from pathlib import Path

from tests import npm
from tests.oracles.a_log import KEY, SIZES, PublishedLog

DRIVER = Path(__file__).with_name("sigstore.mjs")
PLACES = [(index, size) for size in SIZES for index in sorted({0, 1, 254, 255, 256, size // 2, size - 1})]
PROVEN = [(index, size) for index, size in PLACES if index < size]


def judged(sigstore: Path, log: PublishedLog, proofs: dict[str, str], folder: Path) -> dict[str, str | None]:
    """Write the proofs, and return what is said of each: None if it holds."""
    for name, proof in proofs.items():
        (folder / name).write_text(proof)
    command = [str(npm.NODE), str(DRIVER), str(sigstore), str(log.folder), str(KEY.verifier), str(folder)]
    said: dict[str, str | None] = json.loads(npm.run(command, cwd=folder, timeout=60))
    return said


def test_it_accepts_proofs_and_checkpoints_of_every_size(
    sigstore: Path, big: PublishedLog, tmp_path: Path
) -> None:
    proofs = {f"{index}-of-{size}": big.proof(index, size) for index, size in PROVEN}

    assert judged(sigstore, big, proofs, tmp_path) == dict.fromkeys(proofs)


def test_it_refuses_what_was_changed(sigstore: Path, big: PublishedLog, tmp_path: Path) -> None:
    good = big.proof(300, 65_536)
    proofs = {
        "another-entry": good.replace("index 300\n", "index 301\n"),
        "no-hashes": big.proof(0, 1).replace(big.notes[1], big.notes[256]),
        "another-size": good.replace("\n65536\n", "\n65535\n"),
        "another-log": good.replace(KEY.verifier.name, "vestibule.example/2027"),
    }

    said = judged(sigstore, big, proofs, tmp_path)

    assert said == {
        "another-entry": "calculated root hash does not match inclusion proof",
        "no-hashes": "invalid hash count",
        "another-size": "invalid checkpoint signature",
        "another-log": "invalid checkpoint signature",
    }
