import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.witness.a_witness import LOG, ORIGIN, WITNESS, GrownLog
from vestibule.tlog.note import Note
from vestibule.witness.decision import Appends, Refusal, Seen, decide, known_logs
from vestibule.witness.errors import RequestError
from vestibule.witness.request import AddCheckpoint

HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
# The example of C2SP tlog-witness.
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501 -- lines of the published example
NOTE = EXAMPLE.partition("\n\n")[2]


def test_the_published_example_is_read_and_written() -> None:
    request = AddCheckpoint.parse(EXAMPLE.encode())
    assert request.old_size == 20852014
    assert [len(digest) for digest in request.proof] == [32] * 4
    assert request.origin == "example.com/behind-the-sofa"
    assert len(request.note.signatures) == 2
    assert request.render() == EXAMPLE


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"old 1\n{HASH}", "expected an empty line between the proof and the checkpoint, got none"),
        (f"\n\n{NOTE}", "line 1: expected old <size>, got ''"),
        (f"new 1\n\n{NOTE}", "line 1: expected old <size>, got 'new 1'"),
        (f"old 01\n\n{NOTE}", "line 1: expected a decimal number"),
        (f"old -1\n\n{NOTE}", "line 1: expected a decimal number"),
        (f"old  1\n\n{NOTE}", "line 1: expected a decimal number"),
        (f"old 9223372036854775808\n\n{NOTE}", "line 1: expected a decimal number"),
        (f"old 1\n{HASH}\n{HASH[:-1]}\n\n{NOTE}", "line 3: expected base64"),
        (f"old 1\nAAAA\n\n{NOTE}", "line 2: expected a hash of 32 bytes, got 3"),
        ("old 1\n" + f"{HASH}\n" * 64 + f"\n{NOTE}", "up to 63 consistency hashes, got 64"),
        ("old 1\n\nno note", "expected"),
        ("old 1\r\n\r\n", "empty line"),
    ],
)
def test_a_malformed_request_is_refused(body: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        AddCheckpoint.parse(body.encode())


GROWN = GrownLog().grow(5)
pieces = st.sampled_from(
    [
        "old ",
        "0",
        "5",
        "\n",
        "\n\n",
        HASH,
        "— ",
        " ",
        "A" * 43 + "=",
        GROWN.note(),
        GROWN.request(0),
        NOTE,
        EXAMPLE,
    ]
)


@given(
    st.binary() | st.text().map(str.encode) | st.lists(pieces, max_size=12).map(lambda p: "".join(p).encode())
)
def test_whatever_arrives_is_a_request_or_a_request_error(body: bytes) -> None:
    try:
        request = AddCheckpoint.parse(body)
    except RequestError:
        return
    assert AddCheckpoint.parse(request.render().encode()) == request


@given(st.data())
def test_whatever_is_changed_in_a_request_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    body = bytearray(GROWN.request(0).encode())
    position = data.draw(st.integers(0, len(body) - 1))
    body[position] ^= data.draw(st.integers(1, 255))
    try:
        request = AddCheckpoint.parse(bytes(body))
    except RequestError:
        return
    decision = decide(request, Seen(), known_logs([LOG.verifier]))
    assert isinstance(decision, Refusal)
    assert "\n" not in decision.reason


def test_what_is_kept_of_a_note_is_the_known_log_s_signature() -> None:
    request = AddCheckpoint.parse(GROWN.request(0).encode())
    line = WITNESS.line(bytes(72))
    crowded = AddCheckpoint(0, (), request.note.with_lines(line))
    decision = decide(crowded, Seen(), known_logs([LOG.verifier]))
    assert isinstance(decision, Appends)
    assert decision.note == Note.parse(GROWN.note())
    assert decision.checkpoint.origin == ORIGIN
