"""The words of every verdict, in one place: never more than the proof gives (docs/log.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from vestibule.ledger.agreement import AGREED, BY_PASSWORD
from vestibule.ledger.counting import DIALOG
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.report import AGREES, DIFFERS
from vestibule.ledger.statements import ASYNCHRONOUS, SYNCHRONOUS
from vestibule.tlog.policy import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.ledger.event import Event
    from vestibule.ledger.report import ReportLeaf
    from vestibule.verdict.company import Company
    from vestibule.verdict.period import Period, Span

OPERATOR = "the operator"
"""Where a policy comes from unless somebody else is named."""

DOING = {
    "messages.read": "read private messages",
    "friends.list": "list people's friends",
    "recommendations.receive": "see what is recommended to people",
}
DATA = {
    "messages.read": "private messages",
    "friends.list": "friend lists",
    "recommendations.receive": "recommendations",
}

ALWAYS = (
    "what {name} did afterwards is not provable",
    "a read of the database beside the gate is recorded by no log",
)
TIME_NOT_ATTESTED = "time not attested (quorum none: no witness counted)"
NO_AUDITOR = "no auditor counted"
NOT_SAID = "not said"
RUN_BY_PLATFORM = "run by the platform"
NAMED_AFTER_LOG = "named after the log's own host"
BEGINS_LATER = "the log begins on {day}, after the period does"
NOT_CLOSED = "the period is not closed: no epoch of a later day than {day} is in the log"
DATED_BACK = "leaf {index} is dated back to a day before that of the leaf before it"
NO_TIME = "no witness time at or after the period's end"
TOO_EARLY = "no witness time at or after the period's end, the latest is {time}"
DAYS = "that leaves carry the day on which they were written is the operator's word"
DAYS_AUDITED = "an auditor holds new leaves against its clock, to a day, from when it began"
DAYS_UNAUDITED = "no auditor counted, who would hold new leaves against a clock"
MODES = {
    NONE: "none: the policy names no witness, so that no answer waits for one",
    SYNCHRONOUS: "synchronous, says the operator: no answer leaves before its witnesses have cosigned",
    ASYNCHRONOUS: "asynchronous, says the operator: answers do not wait for witnesses",
}
MODE_NOT_SAID = "not said: the policy does not state whether answers wait for witnesses"
PLATFORM_ALONE = "recorded: the platform wrote these leaves; no signature of the partner was checked"
SIGNED_ELSEWHERE = (
    'recorded: the platform wrote these leaves; whether the partner signed is answered under "was it served"'
)
DELIVERED = "counts are of leaves; answers that were in fact delivered may be fewer"
GATE_ALONE = "an honest gate alone"
OLD_EPOCH = (
    "its epoch is {days} days older than the auditors' cosignature: take a newer proof, or add the log"
)
MAP_UNAUDITED = (
    "no auditor counted: the operator could leave an event out of the map, and this proof alone would not "
    "show it"
)
SHORT_COUNTERS = "counters: one that the log skips, to hide an event, is found by a full replay alone"
EVENTS = {
    "access": "read {messages} through {whose}'s connection",
    "exposure": "got {messages} of {whose}'s through somebody else's connection",
    DIALOG: "a recommendation was sent to {whose} in the platform's dialog",
    "send": "sent {messages} as {whose}",
    "delete": "deleted {messages}",
    "refusal": "asked for {op} and was refused",
    "notify": "was told about {op}",
    "grant": "{whose} agreed to {op}",
    "end": "{whose}'s agreement to {op} ended",
}
"""What an event is in plain words."""
STAFF = "opened a conversation of {whose} in the staff tool, as {op}: {messages}"
WITH_PASSKEY = "by her passkey, whose signature stands in her consent receipt"
WITH_PASSWORD = "with her password, which rests on the platform's word"  # noqa: S105  (words of a verdict)
EPOCH = date(1970, 1, 1)
REGISTER = (
    "what counts as allowed is what the register says; a permission given beside it is recorded by no log"
)


def trusts(policy_source: str) -> str:
    """Say in the first line whose choice of keys everything below trusts."""
    return f"trusts keys chosen by {policy_source}"


def mode(known: str | None) -> str:
    """Say whether answers wait for witnesses; that it is so, nobody but the operator vouches for."""
    return MODE_NOT_SAID if known is None else MODES[known]


def cosigner(name: str, run_by: str, at: int) -> str:
    """Name a counted witness or auditor."""
    return f"{name}, run by: {run_by}, at {time(at)}"


def old(attested_at: int, now: int) -> str | None:
    """Point out a checkpoint that witnesses saw more than a day ago; both in seconds since 1970."""
    if now - attested_at <= SECONDS_A_DAY:
        return None
    ago = count((now - attested_at) // SECONDS_A_DAY, "day")
    return f"this may be an old state of the log: its witnesses saw it {ago} ago, at {time(attested_at)}"


def zero(name: str, why: str) -> str:
    """Name a key that counts as zero."""
    return f"{name} ({why})"


def could(company: Company, scope: str, period: Period | None) -> str:
    """Ask the first question."""
    ever = "ever " if period is None else ""
    return f"Was {company.name} {ever}allowed to {DOING.get(scope, f'use {scope}')}{_when(period)}?"


def was_served(company: Company, scope: str, period: Period | None) -> str:
    """Ask the second question, about everybody."""
    return f"Was {company.name} served {DATA.get(scope, f'data under {scope}')}{_when(period)}?"


def about_me(company: Company, called: str, period: Period | None) -> str:
    """Ask the second question, about one person."""
    return f"Is any release to {company.name} recorded about {called}{_when(period)}?"


def afterwards(company: Company) -> str:
    """Ask the third question."""
    return f"What did {company.name} do with them afterwards?"


def _when(period: Period | None) -> str:
    return "" if period is None else f" {period}"


def leaves(span: Span) -> str:
    """Say which leaves an answer is about."""
    which = f"leaves {span.first} to {span.end - 1}" if span.first < span.end else "no leaves"
    closed = "not closed" if span.closed_by is None else f"closed by the epoch of leaf {span.closed_by}"
    return f"{span.period}, {which}, {closed}"


def count(number: int, one: str, many: str = "") -> str:
    """Count things: `1 read`, `4 messages`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def connections(most: int) -> str:
    """Count people, who can be counted no better than by live connections."""
    return f"at most {count(most, 'connected person', 'connected persons')}"


def honest(company: Company, *, reconciled: bool) -> str:
    """Say whose honesty a complete record needs."""
    return f"an honest gate or an honest {company.name}" if reconciled else GATE_ALONE


def keys(company: Company) -> str:
    """Say what "signed by" means: the register names the key, and the company can confirm it."""
    return f"signatures: by keys the register names as {company.name}'s; that they are is for it to confirm"


def subject(called: str) -> str:
    """Say what ties the file to a person."""
    return f"file: that it is {called}'s rests on the platform; compare the id with the one the partner knows"


def day(number: int) -> str:
    """Write a UTC day number as a date."""
    try:
        return (EPOCH + timedelta(days=number)).isoformat()
    except OverflowError:
        return f"day {number}"


def time(seconds: int) -> str:
    """Write seconds since 1970 as a UTC time."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return f"{seconds} s after 1970"


def moment(microseconds: int) -> str:
    """Write microseconds since 1970 as a UTC time, without its name."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).strftime(
            "%Y-%m-%d %H:%M:%S"
        )
    except OverflowError:
        return f"{microseconds} microseconds after 1970"


def how_agreed(extra: Mapping[str, str]) -> str:
    """Say how she agreed, as far as the opening of a grant does; empty where it does not."""
    said = extra.get(AGREED)
    if said is None:
        return ""
    return WITH_PASSWORD if said == BY_PASSWORD else WITH_PASSKEY


def reason(event: Event, extra: Mapping[str, str]) -> str:
    """Give the staff's reason for opening a conversation; empty for everything else."""
    return extra.get("why", "") if event.basis == "operator" else ""


def report(found: ReportLeaf) -> str:
    """Say what came of an engagement report; that the table is as the platform counted is its word."""
    label = found.fortnight.label
    if found.theirs is None:
        return f"no report of the fortnight {label} came in time"
    which = f"edition {found.edition} of its report of the fortnight {label}"
    late = ", and is late" if found.edition == 1 and found.is_late else ""
    verb = {AGREES: "agrees with", DIFFERS: "differs from"}[found.verdict]
    return f"{which} {verb} what the platform counted{late}"


def event(found: Event, items: int | None, whose: str = "this person") -> str:
    """Say in plain words what a partner did, or what was done with it; `items` is None where unknown."""
    known = DIALOG if found.op == DIALOG else found.kind
    said = STAFF if found.basis == "operator" else EVENTS.get(known, "{kind} {op}")
    messages = "something" if items is None else count(items, "message")
    return said.format(kind=found.kind, op=found.op, messages=messages, whose=whose)
