import pytest

from vestibule.verdict.entries import Entries


def held(number: int) -> tuple[Entries, list[bytes]]:
    entries, plain = Entries(), [str(at).encode() * (at % 7) for at in range(number)]
    for entry in plain:
        entries.append(entry)
    return entries, plain


@pytest.mark.parametrize("number", [0, 1, 255, 256, 257, 700])
def test_entries_are_a_sequence_of_what_was_added(number: int) -> None:
    entries, plain = held(number)
    assert (len(entries), list(entries), entries[:]) == (number, plain, tuple(plain))
    assert entries[100:300] == tuple(plain[100:300])


def test_an_entry_is_found_from_either_end() -> None:
    entries, plain = held(600)
    assert [entries[at] for at in (599, 3, 255, 256, -1, -600)] == [
        plain[at] for at in (599, 3, 255, 256, -1, -600)
    ]
    for beyond in (600, -601):
        with pytest.raises(IndexError):
            entries[beyond]
