"""What the gate works with."""

from dataclasses import dataclass

from vestibule.gate.rate import Rates
from vestibule.recorder.recorder import Recorder
from vestibule.sharing.limits import Limits
from vestibule.store import Store
from vestibule.store.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Gate:
    """The store, the log, the partners' rates, the 32-byte key that seals ids, the limits of recommending."""

    store: Store
    outbox: Outbox
    recorder: Recorder
    rates: Rates
    secret: bytes
    limits: Limits
