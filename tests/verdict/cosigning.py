"""Witnesses and auditors of a small log, and the policies that name them."""

from tests.verdict.log_builder import LogBuilder, seed
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.layout import CHECKPOINT
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.trust import trust

GROUPS = (
    "group witnesses 2 w1 w2 w3",
    "group auditors any a1 a2",
    "group both all witnesses auditors",
    "quorum both",
)
"""Two of three witnesses and one of two auditors."""


def key(name: str, host: str = "") -> SigningKey:
    return SigningKey.from_seed(f"{host or name + '.example'}/{name}", seed(name), COSIGNATURE)


def policy(log: LogBuilder, *lines: str, names: str = "w1 w2 w3 a1 a2") -> bytes:
    """Write a policy with these cosigners; a name may bring its host: `w1@host.example`."""
    parts = (name.partition("@") for name in names.split())
    witnesses = (f"witness {name} {key(name, host).verifier}" for name, _, host in parts)
    return "\n".join([f"log {log.signing.verifier}", *witnesses, *lines, ""]).encode()


def note(log: LogBuilder, size: int | None = None, **times: int) -> bytes:
    """Sign the log's checkpoint at a size, cosigned by these names at these times."""
    tree = log.tree(size)
    checkpoint = Checkpoint(log.origin, tree.size, tree.root())
    lines = [cosign(checkpoint.text, key(name), at) for name, at in times.items()]
    return (sign_checkpoint(checkpoint, log.signing) + "".join(lines)).encode()


def view(log: LogBuilder, policy_file: bytes, **times: int) -> LogView:
    files = log.files() | {CHECKPOINT: note(log, **times)}
    return read_log(files.__getitem__, trust(policy_file))
