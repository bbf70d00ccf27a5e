"""Requests to a witness: the published example, and whatever else may arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.witness.a_witness import GrownLog
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.errors import RequestError

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
