"""The page /verify with 100,000 entries: the page stays alive meanwhile; and with more, it asks first."""

from hashlib import sha256

import pytest
from playwright.sync_api import Page

from tests.browser.a_check import HOLDS, read
from tests.browser.a_liar import Liar
from tests.verdict.log_builder import DAY, READ
from tests.verdict.stories import told
from vestibule.ledger import leaf
from vestibule.ledger.replay import Replay
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.layout import bundle_files, tile_files
from vestibule.tlog.merkle import leaf_hash

pytestmark = pytest.mark.slow

SIZE = 100_000
EPOCH = 5_000
PATIENCE = 180_000
LONGEST_GAP = 1_000
"""Milliseconds that the page's own thread may be busy at one time, also on a busy machine."""

WATCH = """() => {
    let last = performance.now();
    window.longestGap = 0;
    setInterval(() => {
        const now = performance.now();
        window.longestGap = Math.max(window.longestGap, now - last);
        last = now;
    }, 20);
}"""


def large_log() -> dict[str, bytes]:
    """Continue the story with reads that have no openings, and an epoch every 5,000 of them."""
    log, replay = told(), Replay()
    for entry in log.entries:
        replay.add(entry)
    covered = 0
    while len(log.entries) < SIZE:
        number = len(log.entries)
        if number % EPOCH:
            tag = sha256(b"%d" % number).digest()
            one: leaf.Leaf = leaf.Event("access", READ, "jukebox", 3, "grant", DAY, tag, bytes(32))
        else:
            replay.commitments.take_in(number)
            one, covered = replay.commitments.leaf(covered, DAY), number
        log.add(one)
        replay.add(log.entries[-1])
    tree = GrowingTree(2 * SIZE)
    for entry in log.entries:
        tree.append(leaf_hash(entry))
    note = sign_checkpoint(Checkpoint(log.origin, tree.size, tree.root()), log.signing)
    files = {"checkpoint": note.encode(), "policy": log.policy()} | dict(bundle_files(0, log.entries))
    return files | dict(tile_files(0, tree.size, tree.node))


def test_a_hundred_thousand_entries_are_read_while_the_page_stays_alive(page: Page, liar: Liar) -> None:
    liar.files = large_log()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{liar.origin}/verify")
    page.evaluate(WATCH)
    page.get_by_role("button", name="Check the log").click()
    page.locator("#bar:not([hidden])").wait_for()
    page.locator("#verdict:not([hidden])").wait_for()
    outcome = read(page)
    gap = page.evaluate("window.longestGap")
    assert outcome.verdict.startswith(HOLDS)
    assert f"All {SIZE} entries were read" in outcome.text
    assert gap < LONGEST_GAP


def test_a_very_large_log_is_read_only_when_the_visitor_says_so(page: Page, liar: Liar) -> None:
    # The page asks before it fetches any entry, so that a log of this size needs no entries here.
    log = told()
    width = 160_001
    tree = GrowingTree(2 * width)
    for number in range(width):
        tree.append(sha256(b"%d" % number).digest())
    note = sign_checkpoint(Checkpoint(log.origin, width, tree.root()), log.signing)
    liar.files = {"checkpoint": note.encode(), "policy": log.policy()} | dict(tile_files(0, width, tree.node))
    page.goto(f"{liar.origin}/verify")
    page.get_by_role("button", name="Check the log").click()
    page.get_by_text("This log has 160,001 entries").wait_for()
    assert page.locator("#steps .state").all_inner_texts() == ["Holds", "Holds", "Not checked", "Not checked"]
