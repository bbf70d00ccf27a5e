"""A log on a web site, and an auditor that follows it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.verdict.log_builder import NOW, LogBuilder
from tests.verdict.stories import told
from tests.watch.a_site import Site, site
from tests.witness.a_witness import LOG, Running, running
from vestibule.cli.audit import _as_os_error
from vestibule.cli.fetching import fetcher
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.merkle import consistency_proof
from vestibule.tlog.note import Note
from vestibule.witness.auditing import Auditor
from vestibule.witness.errors import CheckFailed
from vestibule.witness.sightings import Sightings


def story() -> LogBuilder:
    """Tell the story in a log whose key the witness of the tests knows."""
    log = LogBuilder(LOG.verifier.name, LOG)
    log.entries += told().entries[1:]
    other = told()
    log.openings, log.nonces = other.openings, other.nonces
    log.epoch()
    return log


@dataclass
class Audited:
    """A log that a test extends and breaks, and what audits it."""

    folder: Path
    web: Site
    http: httpx2.Client
    log: LogBuilder = field(default_factory=story)
    now: int = NOW

    def publish(self) -> Checkpoint:
        self.web.files = self.web.files | self.log.files()
        tree = self.log.tree()
        return Checkpoint(self.log.origin, tree.size, tree.root())

    @contextmanager
    def auditor(self) -> Iterator[Auditor]:
        """Start an auditor anew, with what an earlier one left in the folder."""
        fetch = _as_os_error(fetcher(self.web.url, self.http))
        with closing(Sightings.open(self.folder)) as sightings:
            yield Auditor(LOG.verifier, fetch, sightings, lambda: self.now)

    @contextmanager
    def witness(self) -> Iterator[Running]:
        """Start the auditor as a witness on a port."""
        with self.auditor() as auditor, running(self.folder, check=auditor, now=self.now) as witness:
            yield witness

    def request(self, old: int) -> str:
        tree = self.log.tree()
        proof = consistency_proof(old, tree.size, tree.node)
        return AddCheckpoint(old, proof, Note.parse(self.log.note())).render()


@contextmanager
def audited(folder: Path) -> Iterator[Audited]:
    """Serve a log for as long as the block runs."""
    with site() as web, httpx2.Client() as http:
        yield Audited(folder, web, http)


def refusal(auditor: Auditor, checkpoint: Checkpoint) -> tuple[int, str]:
    """Ask an auditor and return how it refuses; (200, "") if it does not."""
    try:
        auditor(checkpoint)
    except CheckFailed as failed:
        return failed.status, str(failed)
    return 200, ""
