"""Reading a dispute bundle of somebody else's. Nothing in it is believed: what it says is computed again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.tlog.layout import CHECKPOINT, WITNESSED
from vestibule.verdict import bundle, bundle_receipts, person_file
from vestibule.verdict.errors import BadBundle

if TYPE_CHECKING:
    from collections.abc import Collection

    from vestibule.tlog.tiles import Fetch
    from vestibule.verdict.bundle import Evidence
    from vestibule.verdict.log_view import LogView

MAKER = "whoever made this bundle"
"""Who chose the policy that came with a bundle."""
_HAVE_TO_BE = (bundle.ASKED, bundle.POLICY, bundle.LOG + CHECKPOINT, *bundle.DERIVED, bundle.SUMS)
_TILE = re.compile(r"log/tile/(?:entries|[0-9]{1,2})/[x0-9/]+(?:\.p/[0-9]{1,3})?")
_RECEIPT = re.compile(r"receipts/leaf-[0-9]{1,16}(?:-[0-9]{1,6})?\.tlog-proof")
_CONSENT = re.compile(r"consents/leaf-[0-9]{1,16}(?:-[0-9]{1,6})?\.jwt")
_OF_CLAIM_PAGE = "proof/verdict.json"
_SUM = re.compile(r"([0-9a-f]{64})  ([!-~]+)\n")


@dataclass(frozen=True, slots=True)
class Content:
    """The files of a bundle, whatever holds them.

    Attributes:
        names: their paths.
        read: path to content; OSError where there is none.
    """

    names: Collection[str]
    read: Fetch

    def log(self, path: str) -> bytes:
        """Fetch a file of the log by its path under it."""
        return self.read(bundle.LOG + path)

    def has(self, name: str) -> bool:
        """Say whether there is such a file."""
        return name in self.names


def evidence(content: Content) -> Evidence:
    """Read what a bundle is made of; every file has to be the one its SHA256SUMS names.

    Raises:
        BadBundle: naming the file, what was expected and what was got.
        BadPersonFile: the person's file is malformed.
        BadReceipt: the receipts are too large.
    """
    _check_names(content)
    _check_sums(content)
    witnessed, person = bundle.LOG + WITNESSED, bundle.PERSON
    return bundle.Evidence(
        asked=bundle.Asked.parse(content.read(bundle.ASKED)),
        policy=content.read(bundle.POLICY),
        checkpoint=content.log(CHECKPOINT),
        witnessed=content.read(witnessed) if content.has(witnessed) else None,
        person=person_file.parse(content.read(person)) if content.has(person) else None,
        receipts=bundle_receipts.bounded(
            (name, content.read(name)) for name in sorted(content.names) if _RECEIPT.fullmatch(name)
        ),
        consents=bundle_receipts.bounded(
            (name, content.read(name)) for name in sorted(content.names) if _CONSENT.fullmatch(name)
        ),
    )


def differing(view: LogView, held: Evidence, content: Content) -> tuple[str, ...]:
    """Make the bundle again of its own evidence, and name the derived files that say something else.

    Args:
        view: the bundle's log under the bundle's own policy.
        held: its evidence.
        content: its files.

    Raises:
        BadBundle: a file that is evidence is not exactly what it is made again as.
        VerdictError: something in it does not hold.
    """
    made = bundle.files(view, held)
    for name in sorted(made.keys() | set(content.names)):
        if name not in made:
            raise BadBundle(f"{name}: expected no file that the checkpoint does not cover, got one")
        if not content.has(name):
            raise BadBundle(f"{name}: expected this file, got none")
    others = [name for name, data in made.items() if content.read(name) != data]
    for name in others:
        if name not in (*bundle.DERIVED, bundle.SUMS):
            raise BadBundle(f"{name}: expected exactly what the checkpoint and the person's file make of it")
    return tuple(name for name in others if name in bundle.DERIVED)


def _check_names(content: Content) -> None:
    if content.has(_OF_CLAIM_PAGE) and not content.has(bundle.ASKED):
        raise BadBundle(
            "this is a claim page's proof, not a dispute bundle; its README.txt says how to check it"
        )
    for name in _HAVE_TO_BE:
        if not content.has(name):
            raise BadBundle(f"expected a file {name} in the bundle, got none")
    known = {*_HAVE_TO_BE, bundle.PERSON, bundle.LOG + WITNESSED}
    for name in sorted(content.names):
        if name not in known and not any(kind.fullmatch(name) for kind in (_TILE, _RECEIPT, _CONSENT)):
            raise BadBundle(f"{name}: expected only files of a {bundle.FORMAT}, got another")


def _check_sums(content: Content) -> None:
    said = _sums(content.read(bundle.SUMS))
    for name in sorted(content.names):
        if name == bundle.SUMS:
            continue
        digest = bundle.digest(content.read(name))
        if digest != said.get(name):
            raise BadBundle(f"{name}: expected SHA-256 {said.get(name, 'in ' + bundle.SUMS)}, got {digest}")
    if missing := sorted(said.keys() - set(content.names)):
        raise BadBundle(f"{bundle.SUMS}: expected the file {missing[0]} in the bundle, got none")


def _sums(data: bytes) -> dict[str, str]:
    said: dict[str, str] = {}
    for number, line in enumerate(data.decode("ascii", "replace").splitlines(keepends=True), start=1):
        match = _SUM.fullmatch(line)
        if match is None or match[2] in said:
            raise BadBundle(
                f"{bundle.SUMS}, line {number}: expected a digest and a new name, got {line[:80]!r}"
            )
        said[match[2]] = match[1]
    return said
