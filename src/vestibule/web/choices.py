"""Whom a person can recommend to, and whom she has chosen so far: what the dialog's picker shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from vestibule.gate.operations.sending import MOST_RECIPIENTS
from vestibule.inbox import conversations
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.sharing.errors import DialogOver
from vestibule.store import Store
from vestibule.store.ids import encode
from vestibule.web.person.forms import Fields

MOST_SHOWN = 100
"""Rows of each list; the search finds the others."""
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the picker: a friend by handle, or a group by its spelled id.

    Attributes:
        recipients: how many get it; of a group everybody else in it.
        chosen: whether it is ticked.
    """

    value: str
    name: str
    about: str
    recipients: int
    chosen: bool

    @property
    def possible(self) -> bool:
        """Whether it can be chosen at all."""
        return 1 <= self.recipients <= MOST_RECIPIENTS

    def answers(self, words: str) -> bool:
        """Whether a search finds it; what is chosen stays."""
        return self.chosen or words.casefold() in f"{self.name} {self.about}".casefold()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the picker shows: those a search finds, the chosen first.

    Attributes:
        searched: the words looked for.
        left_out: how many more there are.
    """

    friends: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    searched: str
    left_out: int
    any_friend: bool

    @classmethod
    def of(cls, friends: Iterable[Choice], groups: Iterable[Choice], searched: str) -> "Choices":
        """Search and sort the rows."""
        known = tuple(friends)
        shown = [_shown(known, searched), _shown(groups, searched)]
        left_out = sum(len(rows) - MOST_SHOWN for rows in shown if len(rows) > MOST_SHOWN)
        return cls(shown[0][:MOST_SHOWN], shown[1][:MOST_SHOWN], searched, left_out, bool(known))


def _shown(rows: Iterable[Choice], searched: str) -> tuple[Choice, ...]:
    found = (row for row in rows if row.answers(searched))
    return tuple(sorted(found, key=lambda row: (not row.chosen, row.name.casefold(), row.value)))


async def choices(store: Store, person: Account, form: Fields) -> Choices:
    """Return what a person can choose from, with what her form has chosen and searches for."""
    to, groups = form.all("to"), form.all("group")
    people = await _friends(store, person)
    return Choices.of(
        (Choice(one.handle, one.name, one.handle, 1, one.handle in to) for one in people),
        await _groups(store, person, groups),
        form.word("search")[:80],
    )


async def friends_among(store: Store, person: Account, handles: Iterable[str]) -> list[int]:
    """Return the friends of a person with these handles.

    Raises:
        DialogOver: if somebody is none, whether there is such a person or not.
    """
    mine = {one.handle: one.user_id for one in await _friends(store, person)}
    chosen = [mine.get(handle) for handle in handles]
    if None in chosen:
        raise DialogOver("choose among your friends")
    return [user_id for user_id in chosen if user_id is not None]


async def groups_among(store: Store, person: Account, spelled: Iterable[str]) -> list[int]:
    """Return the groups that a person is in with these ids, as spelled on the page.

    Raises:
        DialogOver: if she is not in one, whether there is such a group or not.
    """
    wanted = set(spelled)
    if not wanted:
        return []
    mine = {encode(line.conversation_id): line.conversation_id for line in await _lines(store, person)}
    if not wanted <= mine.keys():
        raise DialogOver("choose among your groups")
    return [mine[one] for one in wanted]


async def _friends(store: Store, person: Account) -> list[Account]:
    ties = await friends.friends_of(store, person.user_id)
    people = await accounts.by_ids(store, [tie.friend_id for tie in ties if tie.state == "friends"])
    return [one for one in people.values() if one.deleted_at is None]


async def _groups(store: Store, person: Account, chosen: tuple[str, ...]) -> list[Choice]:
    rows = []
    for line in await _lines(store, person):
        people = await accounts.by_ids(store, line.members)
        others = [
            one.name for one in people.values() if one.user_id != person.user_id and one.deleted_at is None
        ]
        value = encode(line.conversation_id)
        rows.append(Choice(value, line.title, ", ".join(others), len(others), value in chosen))
    return rows


async def _lines(store: Store, person: Account) -> list[conversations.InboxLine]:
    lines = await conversations.inbox_of(store, person.user_id, limit=MOST_LINES)
    return [line for line in lines if line.kind == "group"]
