"""What an operator sets."""

from dataclasses import dataclass, field
from pathlib import Path

from vestibule.recorder.witnessing import Mode, Pace
from vestibule.reports.events import Events
from vestibule.reports.suppressing import THRESHOLD


@dataclass(frozen=True, slots=True)
class Settings:
    """How a platform is reached, and where it keeps what.

    Attributes:
        data: folder of the store, the log's files, the keys and the attachments.
        origin: scheme, host and port under which people and partners reach it, without a trailing slash.
            Every
            address that is signed or redirected to is made from it, never from a request's Host header.
        log_origin: the log's name for ever, scheme-less (C2SP tlog-checkpoint).
        partner_rate: requests a second that each partner may make in the long run.
        partner_burst: requests that it may make at once.
        dialogs_an_hour: recommendations that a person may send through one partner; recipients a day: ten
            times as many.
        epoch_seconds: how long after one epoch of the log the next is due, if anything was written.
        witnesses: file of witnesses, groups and quorum (C2SP tlog-policy without its log line).
        witnessing: how releases wait for them.
        pace: how often they are asked, and how long they may take.
        proxies: addresses or networks (as 192.0.2.0/24) of proxies on other machines, which are believed
            as to who asked them.
        events: where engagement events are kept; the folder `events` in the data folder if None.
        report_threshold: below which a count of a report is shown to nobody but the operator.
        second_head: file on another volume that remembers how far the log is committed.
        sandbox: partners may be on this machine: their webhook endpoints may be on loopback.
    """

    data: Path
    origin: str
    log_origin: str
    partner_rate: float = 50.0
    partner_burst: int = 200
    dialogs_an_hour: int = 20
    epoch_seconds: float = 60.0
    witnesses: Path | None = None
    witnessing: Mode = "none"
    pace: Pace = field(default_factory=Pace)
    events: Events | None = None
    report_threshold: int = THRESHOLD
    second_head: Path | None = None
    sandbox: bool = False
    proxies: tuple[str, ...] = ()

    @property
    def log_url(self) -> str:
        """Where the log's files are read."""
        return f"{self.origin}/log"

    @property
    def secure(self) -> bool:
        """Whether people reach it over TLS."""
        return self.origin.startswith("https://")
