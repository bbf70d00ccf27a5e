"""Suspending a partner as a whole, by the operator or by itself. Touches the table `partner_suspension`.

A suspension takes effect by its own commit, as the end of a connection does: no privilege of the partner's
is in force then (`partners.register`). Its leaf follows as soon as the log can write. Lifting is the
opposite: it counts once its leaf is published, and not if its suspender has suspended again meanwhile.
"""

import asyncio
import hashlib
import logging
from typing import Any
from weakref import WeakKeyDictionary

from vestibule.ledger.leaf import SuspensionLeaf
from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.recorder.drafts import Append, Effect, Recorded, Registration
from vestibule.recorder.effects import Handler
from vestibule.recorder.errors import RecorderError
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, StoreError

OPERATOR, PARTNER = "operator", "partner"

SUSPEND = """
    insert into partner_suspension (partner_id, suspender, state, version, recorded)
    values (:partner_id, :suspender, 'suspended', 1, 0)
    on conflict (partner_id, suspender) do update set
        state = 'suspended', version = partner_suspension.version + 1
    where partner_suspension.state = 'lifted' or partner_suspension.lifting = partner_suspension.version
"""
LIFTING = """
    update partner_suspension set lifting = :version
    where partner_id = :partner_id and suspender = :suspender and version = :version
"""
ONE = """
    select state, version, recorded from partner_suspension
    where partner_id = :partner_id and suspender = :suspender
"""
RECOVER_WAITING = """
    select partner_id, suspender, version, recorded from partner_suspension
    where state = 'suspended' and recorded < version order by partner_id, suspender limit 1000
"""
RECORDED = """
    update partner_suspension set recorded = :version
    where partner_id = :partner_id and suspender = :suspender and recorded < :version
"""
LIFTED = """
    update partner_suspension set state = 'lifted'
    where partner_id = :partner_id and suspender = :suspender and version = :version
"""
AGAIN_SECONDS = 1.0

logger = logging.getLogger(__name__)

_wakes: WeakKeyDictionary[Store, asyncio.Event] = WeakKeyDictionary()


async def suspend(store: Store, partner_id: str, by: str) -> None:
    """Suspend a partner as a whole, at once; neither log nor witness is waited for. Twice is fine.

    Raises:
        RegisterError: if there is no such partner.
    """
    await register.registered(store, partner_id)
    await store.write(lambda tx: tx.run(SUSPEND, partner_id=partner_id, suspender=by))
    _wake_of(store).set()


async def lift(store: Store, recorder: Recorder, partner_id: str, by: str) -> None:
    """Undo one's own suspension of a partner; it counts once its leaf is published.

    Raises:
        RegisterError: if `by` has not suspended it.
        LogUnavailable: if the log cannot write; the partner then stays suspended.
    """
    found = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id, suspender=by))
    if found is None or found[0] != "suspended":
        raise RegisterError(f"partner: expected one that the {by} has suspended, got {partner_id[:80]!r}")
    version, stands = found[1:]
    # From here on, suspending again is a suspension of its own.
    await store.write(lambda tx: tx.run(LIFTING, partner_id=partner_id, suspender=by, version=version))
    await record(recorder, partner_id, by, version, stands)
    await recorder.append(_leaf(partner_id, by, version, lifted=True))


async def run(store: Store, recorder: Recorder) -> None:
    """Record suspensions until cancelled, those of an earlier process first; what fails is tried again."""
    wake = _wake_of(store)
    while True:
        wake.clear()
        try:
            for row in await store.read(lambda tx: tx.all(RECOVER_WAITING)):
                await record(recorder, *row)
        except (RecorderError, StoreError) as error:
            logger.warning("suspensions of partners wait for the log: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await wake.wait()


async def record(
    recorder: Recorder, partner_id: str, by: str, version: int, stands: int
) -> tuple[Recorded, ...]:
    """Write the leaf of a suspension, behind those of the ones before, once however often it is tried.

    Args:
        recorder: the log.
        partner_id: who is suspended.
        by: who suspended it.
        version: which of these suspensions.
        stands: the last of them whose leaf is known to stand, 0 if none is.

    Raises:
        LogUnavailable: if the log cannot write.
    """
    for earlier in range(max(stands, 1), version):
        await recorder.append(_leaf(partner_id, by, earlier, lifted=False))
        await recorder.append(_leaf(partner_id, by, earlier, lifted=True))
    return await recorder.append(_leaf(partner_id, by, version, lifted=False))


def _leaf(partner_id: str, by: str, version: int, *, lifted: bool) -> Append:
    state = "lifted" if lifted else "suspended"
    key = f"vestibule/suspension/v1\n{state}\n{partner_id}\n{by}\n{version}"
    body = {"partner_id": partner_id, "suspender": by, "version": version}
    leaf = Registration(
        lambda day: SuspensionLeaf(partner_id, by, lifted, day), Effect(f"partner.{state}", body)
    )
    return Append((leaf,), event_id=hashlib.sha256(key.encode()).digest()[:16])


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what these leaves set in motion, by topic."""

    async def suspended(_: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(RECORDED, **body))

    async def lifted(_: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(LIFTED, **body))

    return {"partner.suspended": suspended, "partner.lifted": lifted}


def _wake_of(store: Store) -> asyncio.Event:
    return _wakes.setdefault(store, asyncio.Event())
