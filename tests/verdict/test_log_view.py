import re

import pytest

from tests.verdict.log_builder import ALICE, ORIGIN, LogBuilder, seed, witnessed
from tests.verdict.stories import told
from vestibule.ledger.leaf import SUITE, Genesis, encode
from vestibule.tlog.keys import SigningKey
from vestibule.verdict.errors import BadLog, BadPolicy
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust


def refused(files: dict[str, bytes], policy: bytes, reason: str) -> None:
    def fetch(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    with pytest.raises(BadLog, match=reason):
        read_log(fetch, trust(policy))


def test_a_log_of_many_bundles_is_read_whole() -> None:
    log = told()
    for _ in range(600):
        log.read("jukebox", ALICE, 1)
    view = read_log(log.files().__getitem__, trust(log.policy()))
    assert view.size == len(view.entries) == 612
    assert view.history.breaches == ()


def test_a_tampered_bundle_is_named_with_the_entry() -> None:
    log = told()
    files = log.files()
    path = "tile/entries/000.p/12"
    files[path] = files[path].replace(b'"n":4', b'"n":3')
    refused(files, log.policy(), rf"{path}, entry 9: expected leaf hash [0-9a-f]{{64}}, got [0-9a-f]{{64}}")


def test_a_tampered_bundle_far_into_the_log_is_named_with_the_entry() -> None:
    log = told()
    for _ in range(300):
        log.read("jukebox", ALICE, 1)
    files = log.files()
    path = "tile/entries/001.p/56"
    files[path] = files[path][:2] + b"}" + files[path][3:]
    refused(files, log.policy(), rf"{path}, entry 0: expected leaf hash")


def test_a_tampered_tile_is_named() -> None:
    log = told()
    for _ in range(300):
        log.read("jukebox", ALICE, 1)
    files = log.files()
    files["tile/0/000"] = bytes(32) + files["tile/0/000"][32:]
    refused(files, log.policy(), "tile/0/000: tile/0/000 has root [0-9a-f]{64}, expected")


def test_a_tampered_tile_on_the_edge_is_noticed() -> None:
    log = told()
    files = log.files()
    files["tile/0/000.p/12"] = bytes(32) + files["tile/0/000.p/12"][32:]
    refused(files, log.policy(), "tile/0/000.p/12: right edge has root")


def test_a_bundle_and_its_tile_tampered_alike_do_not_make_the_root() -> None:
    log, other = told(), told()
    other.entries[9] = other.entries[9].replace(b'"n":4', b'"n":3')
    files = other.files() | {"checkpoint": log.files()["checkpoint"]}
    refused(files, log.policy(), "the 12 entries have root [0-9a-f]{64}, expected")


def test_a_truncated_bundle_is_named() -> None:
    log = told()
    files = log.files()
    path = "tile/entries/000.p/12"
    files[path] = files[path][:-5]
    refused(files, log.policy(), f"{path}: bundle ends within entry 11 of 12")


def test_a_missing_bundle_is_named() -> None:
    log = told()
    files = log.files()
    del files["tile/entries/000.p/12"]
    refused(files, log.policy(), "tile/entries/000.p/12: cannot fetch")


def test_a_missing_checkpoint_is_named() -> None:
    refused({}, told().policy(), "no checkpoint there: is this the address of a log?")


def test_a_checkpoint_that_is_none_is_refused() -> None:
    refused({"checkpoint": b"\xff"}, told().policy(), "^checkpoint: ")


def test_another_key_of_the_same_name_is_not_the_log() -> None:
    log = told()
    other = LogBuilder(signing=SigningKey.from_seed(ORIGIN, seed("another")))
    refused(
        log.files(),
        other.policy(),
        f"checkpoint: expected a signature by the log {re.escape(ORIGIN)}, got none",
    )


def test_a_forged_checkpoint_is_refused() -> None:
    log = told()
    files = log.files()
    files["checkpoint"] = files["checkpoint"].replace(b"\n12\n", b"\n11\n")
    refused(files, log.policy(), "checkpoint: signature by vestibule.example/log does not verify")


def test_too_few_witnesses_are_too_few() -> None:
    log = witnessed()
    policy = log.policy()
    log.witness = None
    refused(log.files(), policy, "checkpoint: expected quorum w1, got cosignatures by nobody")


def test_where_the_newest_checkpoint_lacks_its_quorum_the_newest_that_has_it_counts() -> None:
    log = witnessed()
    log.partner("marquee")
    files = log.files()
    files["checkpoint.witnessed"] = log.note().encode()
    log.partner("jukebox")
    policy, log.witness = log.policy(), None
    view = read_log((log.files() | files | {"checkpoint": log.note().encode()}).__getitem__, trust(policy))
    assert (view.size, list(view.history.partners)) == (3, ["marquee"])


def test_a_forged_checkpoint_is_not_passed_over_for_an_older_one() -> None:
    log = witnessed()
    files = log.files()
    files["checkpoint.witnessed"] = files["checkpoint"]
    files["checkpoint"] = files["checkpoint"].replace(b"\n1\n", b"\n2\n")
    refused(files, log.policy(), "^checkpoint: signature by vestibule.example/log does not verify")


def test_a_witnessed_checkpoint_without_quorum_is_named() -> None:
    log = witnessed()
    policy, log.witness = log.policy(), None
    files = log.files()
    files["checkpoint.witnessed"] = files["checkpoint"]
    refused(files, policy, "checkpoint.witnessed: expected quorum w1, got cosignatures by nobody")


def test_a_leaf_nobody_can_read_spoils_every_answer() -> None:
    log = told()
    log.entries.append(b'{"k":"something"}')
    refused(log.files(), log.policy(), "leaf 12: expected")


def test_a_log_without_genesis_is_refused() -> None:
    log = told()
    del log.entries[0]
    refused(log.files(), log.policy(), "leaf 0: expected a genesis leaf, got PartnerLeaf")


def test_an_empty_log_is_refused() -> None:
    log = told()
    log.entries.clear()
    refused(log.files(), log.policy(), "leaf 0: expected a genesis leaf")


def test_a_second_genesis_is_refused() -> None:
    log = told()
    log.entries.append(log.entries[0])
    refused(log.files(), log.policy(), "leaf 12: expected genesis at index 0 only")


@pytest.mark.parametrize("origin", [ORIGIN, "other.example/log"])
def test_a_genesis_of_another_log_is_refused(origin: str) -> None:
    log = told()
    key = SigningKey.from_seed(origin, seed("another")).verifier
    log.entries[0] = encode(Genesis(origin, log.vrf.public, str(key), SUITE, 20_780))
    refused(log.files(), log.policy(), "leaf 0: expected the log vestibule.example/log")


def test_a_malformed_policy_is_named_by_line() -> None:
    with pytest.raises(BadPolicy, match="policy: line 1: expected log, witness, group or quorum"):
        trust(b"loggia\n")
