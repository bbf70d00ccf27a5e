"""Evidence of what a log should not have signed: kept in files, so that nobody has to be believed."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from vestibule.files import replace
from vestibule.tlog.split_view import SplitView
from vestibule.watch.notice import Kind
from vestibule.watch.showing import Head

FIRST = "first.checkpoint"
SECOND = "second.checkpoint"
PROOF = "split-view.json"
ABOUT = """\
{origin} signed both checkpoints in this folder.

{first}: the one that was read first, with everything under it.
{second}: the one that it showed afterwards, on {day}.

{says}
"""
SAYS = {
    Kind.SPLIT_VIEW: f"""\
No one tree has both. The proof is in {PROOF} and needs nothing but the log's key:

    vestibule watch --evidence {PROOF} --policy POLICY""",
    Kind.SMALLER: """\
The second is of fewer leaves. It does not contradict the first, so that it may be an old copy in a cache.
A log that goes on from it takes back what it published.""",
    Kind.UNFIT: """\
The files that the log serves do not bear out the second, so that nothing shows that it appends to the first.
Whoever gets hold of the leaves under the second can tell.""",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two checkpoints of one log that should not both be.

    Attributes:
        kind: SPLIT_VIEW, SMALLER or UNFIT.
        kept: what was read and checked before.
        shown: what the log showed afterwards.
        proof: that no tree has both, for SPLIT_VIEW.
        reason: what is wrong with the files, for UNFIT.
    """

    kind: Kind
    kept: Head
    shown: Head
    proof: SplitView | None = None
    reason: str = ""

    def keep(self, folder: Path, day: str) -> Path:
        """Write both notes, verbatim, and the proof; return the folder they are in."""
        first, second = self.kept[1].encode(), self.shown[1].encode()
        place = folder / f"{day}-{self.kind}-{sha256(first + second).hexdigest()[:16]}"
        replace(place / FIRST, first)
        replace(place / SECOND, second)
        if self.proof is not None:
            replace(place / PROOF, self.proof.render().encode())
        origin, says = self.kept[0].origin, SAYS[self.kind]
        about = ABOUT.format(origin=origin, day=day, first=FIRST, second=SECOND, says=says)
        replace(place / "README", about.encode())
        return place

    def line(self, place: Path) -> str:
        """Say in one line what the log did, and where the evidence is."""
        first, second = (
            f"size {head.size} and root {head.root.hex()}" for head, _ in (self.kept, self.shown)
        )
        both = f"first {first}, now {second}"
        match self.kind:
            case Kind.SPLIT_VIEW:
                says = f"the log signed two trees that contradict each other: {both}"
            case Kind.SMALLER:
                says = f"the log shows fewer leaves than before: {both}"
            case _:
                says = f"the log's files do not bear out its checkpoint: {self.reason}: {both}"
        return f"{says}; both notes are in {place}"
