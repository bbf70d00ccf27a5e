"""The log's page says who vouches for the log, how answers wait, and which days are closed."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gate.a_platform import DAY, LOG_ORIGIN, TODAY, World, opened
from tests.recorder.a_witness import AWitness
from tests.web.conftest import text_of
from vestibule.recorder.keys import load_keys
from vestibule.tlog.proof import TlogProof
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust
from vestibule.web.pages import day as day_words
from vestibule.web.pages import moment
from vestibule.web.public.vouching import vouching

GROUPS = "group some 2 ada bea platform\ngroup auditors any cleo\ngroup both all some auditors\n"
SAID = "# run-by ada The Example Foundation\n# run-by platform platform\n"


@contextmanager
def served(*witnesses: AWitness) -> Iterator[None]:
    """Let witnesses answer in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def done(work: Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(work(), loop).result()  # type: ignore[arg-type]  # a coroutine each

    for witness in witnesses:
        done(witness.start)
    yield
    for witness in witnesses:
        done(witness.stop)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@contextmanager
def witnessed(data: Path, mode: str) -> Iterator[tuple[World, dict[str, AWitness]]]:
    log = load_keys(data / "keys", LOG_ORIGIN).signing.verifier
    witnesses = {
        name: AWitness(name, log, time=TODAY * 86_400) for name in ("ada", "bea", "cleo", "platform")
    }
    with served(*witnesses.values()):
        file = data / "witnesses.txt"
        lines = "".join(witness.line for witness in witnesses.values())
        file.write_text(f"{SAID}{lines}{GROUPS}quorum both\n")
        with opened(data, witnesses=file, witnessing=mode) as world:
            yield world, witnesses


@pytest.fixture(scope="module")
def synchronous(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[World, dict[str, AWitness]]]:
    with witnessed(tmp_path_factory.mktemp("platform"), "synchronous") as found:
        yield found


def test_a_log_without_witnesses_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        page = text_of(world.get(None, "/log").text)
        assert "None: time not attested." in page
        assert "Who vouches for it" not in page
        assert "Newest epoch none yet" in page


def test_the_page_names_mode_quorum_keys_and_who_runs_them(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, witnesses = synchronous
    page = world.get(None, "/log").text
    said = text_of(page)
    assert "Synchronous. No answer leaves before a quorum of witnesses has signed" in said
    assert "both (all of some (2 of ada, bea, platform), auditors (cleo))" in said
    for name in ("ada", "bea", "cleo"):
        assert f"{name}.example/w" in said
        assert str(witnesses[name].key.verifier) in page
    assert "The Example Foundation yes" in said
    assert "platform zero: run by the platform" in said
    assert "auditor" in said


def test_the_newest_witnessed_checkpoint_has_its_size_and_times(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, witnesses = synchronous
    page = world.get(None, "/log").text
    [size] = {witness.size for witness in witnesses.values()}
    assert f"Newest witnessed {size} lines" in text_of(page)
    earliest = min(witnesses[name].time for name in ("ada", "bea", "cleo"))
    assert f"{moment(earliest * 1_000_000)} or later" in page


def test_a_public_receipt_leads_to_the_witnessed_checkpoint(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, _ = synchronous
    trusted = trust(world.get(None, "/log/policy").content)
    receipt = open_receipt(world.get(None, "/log/receipt/1").content, trusted)
    assert receipt.verified.attested_at is not None
    proof = TlogProof.parse(world.get(None, "/log/receipt/1").text)
    assert proof.checkpoint_note == world.get(None, "/log/checkpoint.witnessed").text


def test_while_witnesses_are_silent_receipts_and_claims_lead_to_what_they_saw(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, witnesses = synchronous
    seen = world.get(None, "/log/checkpoint.witnessed").text
    for witness in witnesses.values():
        witness.refuses = True
    assert world.register("unseen").status_code == 503
    assert world.get(None, "/log/checkpoint").text != seen
    assert TlogProof.parse(world.get(None, "/log/receipt/1").text).checkpoint_note == seen
    world.platform.replays._fresh_until = 0
    page = world.get(None, "/claims?partner=marquee&question=could").text
    assert seen.split("\n")[2] in page
    assert f"Newest witnessed {seen.split()[1]} lines" in text_of(world.get(None, "/log").text)
    for witness in witnesses.values():
        witness.refuses = False


def test_a_claim_is_answered_from_what_witnesses_saw(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, _ = synchronous
    page = text_of(world.get(None, "/claims?partner=marquee&question=could").text)
    assert "This answer trusts keys chosen by the operator. To choose" in page
    assert "witness: ada, run by: The Example Foundation" in page
    assert "counts as zero: platform (run by the platform)" in page


def test_an_epoch_of_a_later_day_closes_the_days_before(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, _ = synchronous
    world.now += DAY
    world.run(world.platform.recorder._epochs.write_if_due())
    page = world.get(None, "/log").text
    index = world.size() - 1
    assert f"Newest epoch {day_words(TODAY + 1)}, line {index} : commits to the first" in text_of(page)
    assert f"all before {day_words(TODAY + 1)}" in page
    receipt = world.get(None, f"/log/receipt/{index}").text
    assert '"k":"epoch"' in open_receipt(receipt, trust(world.get(None, "/log/policy").content)).text


def test_what_the_public_can_learn_is_said(synchronous: tuple[World, dict[str, AWitness]]) -> None:
    world, _ = synchronous
    said = text_of(world.get(None, "/log").text)
    for words in (
        "Which partner did what kind of thing, how many messages it concerned, in which order",
        "the second in which a line was published",
        "which lines belong to one request",
        "has a public timeline of those few",
        "To how many people somebody sent a card",
        "cannot be linked by their bytes, except by that person, by the operator, and by the partner",
        "may guess one line of noon",
    ):
        assert words in said


def test_a_checkpoint_by_an_earlier_policy_vouches_for_nothing(
    synchronous: tuple[World, dict[str, AWitness]],
) -> None:
    world, witnesses = synchronous
    note = world.get(None, "/log/checkpoint.witnessed").text
    log = world.get(None, "/log/policy").text.partition("\n")[0]
    other = AWitness("dora", witnesses["ada"].log)
    assert vouching(f"{log}\n{other.line}quorum dora\n", note).newest is None
    assert vouching(f"{log}\n{witnesses['ada'].line}quorum ada\n", note).newest is not None
