"""Making the short proof of a person's history out of a replayed log and her own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.verdict import history_proof, pruned_map, shared_paths
from vestibule.verdict.errors import BadLog, BadPersonFile
from vestibule.verdict.history_proof import EventProof, HistoryProof, LaneProof
from vestibule.verdict.lane import check_lane
from vestibule.verdict.person_file import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vestibule.ledger.history import Epoch
    from vestibule.ledger.map_proof import MapProof
    from vestibule.tlog.merkle import ReadNode
    from vestibule.verdict.lane import CheckedLane
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import LaneFile, PersonFile


def prove(view: LogView, read: ReadNode, person: PersonFile, partners: tuple[str, ...]) -> bytes:
    """Make the file that shows everything recorded about a person with these partners.

    Args:
        view: the verified log.
        read: the nodes of its tree.
        person: her own file.
        partners: ids that are in it.

    Raises:
        BadLog: if the log has no epoch, or its newest epoch is not what the leaves say.
        BadPersonFile: if the file contradicts the log, or is older than it.
    """
    epoch = _newest_epoch(view)
    lanes = {(partner, lane): _check(view, person, partner, lane) for partner in partners for lane in LANES}
    opened = [one.index for checked in lanes.values() for one in checked.opened]
    proof = HistoryProof(
        note=view.verified.note,
        subject=person.subject,
        genesis=view.entries[0],
        epoch_index=epoch.index,
        epoch=view.entries[epoch.index],
        tree=shared_paths.collect((0, epoch.index, *opened), view.size, read),
        map=pruned_map.prune(
            proven for checked in lanes.values() for proven in _ways(view, checked, epoch.leaf.size)
        ),
        partners={partner: _lanes(view, person, partner, lanes) for partner in partners},
    )
    return history_proof.render(proof)


def _newest_epoch(view: LogView) -> Epoch:
    if not view.history.epochs:
        raise BadLog("expected an epoch leaf in the log, got none")
    epoch = view.history.epochs[-1]
    if view.history.map.root() != epoch.leaf.root:
        raise BadLog(f"expected the newest epoch leaf to be right, got a wrong one behind leaf {epoch.index}")
    return epoch


def _check(view: LogView, person: PersonFile, partner: str, lane: str) -> CheckedLane:
    checked = check_lane(view, person, partner, lane)
    if checked.unopened:
        raise BadPersonFile(
            f"person file, partner {partner}, lane {lane}: expected an opening of leaf "
            f"{checked.unopened[0][0]}, got none; download a newer one"
        )
    return checked


def _ways(view: LogView, lane: CheckedLane, size: int) -> Iterator[tuple[bytes, MapProof]]:
    """Prove the lane's tags below an epoch's size, and that the next one is not in its map."""
    held = sum(one.index < size for one in lane.opened)
    for counter in range(held + 1):
        tag = tags.tag(lane.key, counter)
        yield tag, view.history.map.prove(tag)


def _lanes(
    view: LogView, person: PersonFile, partner: str, lanes: Mapping[tuple[str, str], CheckedLane]
) -> Mapping[str, LaneProof]:
    held = person.partners[partner]
    return {name: _lane(view, held[name], lanes[partner, name]) for name in LANES}


def _lane(view: LogView, held: LaneFile, lane: CheckedLane) -> LaneProof:
    openings = {opening.index: opening for opening in held.openings}
    return LaneProof(
        held.proof,
        tuple(EventProof(view.entries[one.index], openings[one.index]) for one in lane.opened),
    )
