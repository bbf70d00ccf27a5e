"""Ready-made logs and the way to read one."""

from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from vestibule.ledger.tags import NOBODY, OWN
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.trust import trust

COUNTS = {"access/messages.read": (1, 4), "refusal/messages.read": (1, 0)}
"""What Jukebox counts in the story."""


def view_of(log: LogBuilder) -> LogView:
    return read_log(log.files().__getitem__, trust(log.policy()))


def told() -> LogBuilder:
    """Tell the demo's story: Marquee sends by the dialog, Jukebox reads one conversation of Alice's."""
    log = LogBuilder()
    log.partner("marquee")
    log.partner("jukebox")
    log.privilege("jukebox")
    for person in (ALICE, BOB):
        log.event("send", "marquee", person, op="dialog", n=1, lane=OWN)
    grant = log.event("grant", "jukebox", ALICE)
    log.read("jukebox", ALICE, 4, grant=grant)
    log.event("refusal", "jukebox", ALICE, request=log.signed("jukebox"))
    log.event("refusal", "marquee", NOBODY, request=log.signed("marquee"))
    return log
