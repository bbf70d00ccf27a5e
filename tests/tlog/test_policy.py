import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tlog.conftest import PublishedLog
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.errors import CheckpointError, NoteError, PolicyError, TlogError
from vestibule.tlog.note import COSIGNATURE, Note, Signature, SigningKey
from vestibule.tlog.policy import Policy

LOG = SigningKey.from_seed("log.example/2026", bytes(32))
KEYS = {
    name: SigningKey.from_seed(f"{name}.example", bytes([number]) * 32, COSIGNATURE)
    for number, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"), start=1)
}
HEAD = "".join([f"log {LOG.verifier}\n", *(f"witness {name} {key.verifier}\n" for name, key in KEYS.items())])
# The example of C2SP tlog-policy.
EXAMPLE = f"""# two organizations
{HEAD}
group X-witnesses 2 X1 X2 X3
\tgroup  Y-witnesses any Y1 Y2 Y3 \t
  # both
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
CHECKPOINT = Checkpoint("log.example/2026", 5, b"\x05" * 32)


def note_by(*names: str) -> str:
    lines = [cosign(CHECKPOINT.text, KEYS[name], 1000 + number) for number, name in enumerate(names)]
    return sign_checkpoint(CHECKPOINT, LOG) + "".join(lines)


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        ((), False),
        (("X1", "X2"), False),
        (("X1", "Y1"), False),
        (("Y1", "Y2", "Y3"), False),
        (("X1", "X3", "Y2"), True),
        (("X1", "X2", "X3", "Y1", "Y2", "Y3"), True),
    ],
)
def test_the_published_example_counts_as_it_says(names: tuple[str, ...], enough: bool) -> None:  # noqa: FBT001
    policy = Policy.parse(EXAMPLE)
    assert policy.satisfied_by(names) is enough
    if enough:
        verified = policy.verify(note_by(*names))
        assert verified.checkpoint == CHECKPOINT
        assert verified.origin == "log.example/2026"
        assert verified.cosignatures == tuple((name, 1000 + number) for number, name in enumerate(names))
        assert verified.quorum == "X-and-Y"
    else:
        with pytest.raises(PolicyError, match="expected quorum X-and-Y, got cosignatures by"):
            policy.verify(note_by(*names))


def test_a_policy_may_arrive_as_bytes_and_name_urls() -> None:
    witness = f"witness Ä {KEYS['X1'].verifier} https://w.example"
    text = f"log {LOG.verifier} https://log.example\n{witness}\nquorum Ä\n"
    policy = Policy.parse(text.encode())
    assert policy.log.url == "https://log.example"
    assert [(witness.name, witness.url) for witness in policy.witnesses] == [("Ä", "https://w.example")]
    assert policy.verify(note_by("X1")).cosignatures == (("Ä", 1000),)


def test_a_key_that_cosigned_twice_counts_once() -> None:
    policy = Policy.parse(HEAD + "group g 2 X1 X2\nquorum g\n")
    twice = sign_checkpoint(CHECKPOINT, LOG) + "".join(
        cosign(CHECKPOINT.text, KEYS["X1"], time) for time in (1000, 2000)
    )
    with pytest.raises(PolicyError, match=r"expected quorum g, got cosignatures by X1$"):
        policy.verify(twice)
    assert Policy.parse(HEAD + "quorum X1\n").verify(twice).cosignatures == (("X1", 2000),)


def test_one_key_cannot_stand_in_the_policy_under_two_names() -> None:
    renamed = SigningKey.from_seed("another.example", bytes([1]) * 32, COSIGNATURE)
    with pytest.raises(
        PolicyError, match=r"line 8: the public key of another.example is in the policy already"
    ):
        Policy.parse(HEAD + f"witness Z {renamed.verifier}\ngroup g 2 X1 Z\nquorum g\n")


def test_a_log_cannot_be_its_own_witness() -> None:
    same = SigningKey.from_seed("witness.example", bytes(32), COSIGNATURE)
    with pytest.raises(PolicyError, match=r"the public key of witness.example is in the policy already"):
        Policy.parse(HEAD + f"witness Z {same.verifier}\nquorum Z\n")


def test_only_witnesses_the_quorum_rests_on_are_named() -> None:
    policy = Policy.parse(HEAD + "group x any X1 X2\ngroup y any Y1\nquorum x\n")
    assert policy.verify(note_by("Y1", "X2", "X3")).cosignatures == (("X2", 1001),)


def test_quorum_none_asks_for_no_witness_and_names_none() -> None:
    policy = Policy.parse(HEAD + "quorum none\n")
    verified = policy.verify(note_by("X1"))
    assert verified.quorum == "none"
    assert verified.cosignatures == ()
    assert policy.verify(note_by()).checkpoint == CHECKPOINT


def test_without_the_log_signature_no_quorum_helps() -> None:
    unsigned = Note.parse(note_by("X1", "X2", "Y1"))
    only_witnesses = Note(unsigned.text, unsigned.signatures[1:]).render()
    with pytest.raises(PolicyError, match=r"expected a signature by the log log.example/2026, got none"):
        Policy.parse(EXAMPLE).verify(only_witnesses)


def test_a_bad_cosignature_by_a_known_witness_spoils_the_note() -> None:
    forged = Signature("Y3.example", KEYS["Y3"].verifier.key_id, bytes(72)).render()
    with pytest.raises(NoteError, match=r"signature by Y3\.example does not verify"):
        Policy.parse(EXAMPLE).verify(note_by("X1", "X2", "Y1") + forged)


def test_a_cosignature_on_another_checkpoint_does_not_count() -> None:
    other = Checkpoint("log.example/2026", 5, b"\x06" * 32)
    moved = cosign(other.text, KEYS["X1"], 1000)
    with pytest.raises(NoteError, match="does not verify"):
        Policy.parse(HEAD + "quorum X1\n").verify(sign_checkpoint(CHECKPOINT, LOG) + moved)


def test_unknown_witnesses_are_ignored() -> None:
    stranger = SigningKey.from_seed("stranger.example", b"s" * 32, COSIGNATURE)
    note = note_by("X1") + cosign(CHECKPOINT.text, stranger, 5)
    assert Policy.parse(HEAD + "quorum X1\n").verify(note).cosignatures == (("X1", 1000),)


def test_the_log_key_does_not_speak_for_another_origin() -> None:
    text = Checkpoint("log.example/2027", 5, bytes(32)).text
    with pytest.raises(PolicyError, match=r"expected origin log.example/2026, got log.example/2027"):
        Policy.parse(HEAD + "quorum none\n").verify(f"{text}\n{LOG.sign(text)}")


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    text = f"{CHECKPOINT.text}extension\n"
    with pytest.raises(CheckpointError, match="three lines"):
        Policy.parse(HEAD + "quorum none\n").verify(f"{text}\n{LOG.sign(text)}")


def test_groups_nest_as_deep_as_they_like() -> None:
    nested = "".join(f"group g{n} all {f'g{n - 1}' if n else 'X1'}\n" for n in range(3000))
    policy = Policy.parse(HEAD + nested + "quorum g2999\n")
    assert policy.verify(note_by("X1")).cosignatures == (("X1", 1000),)
    assert not policy.satisfied_by(["X2"])


def test_a_policy_counts_witnesses_and_not_names_of_groups() -> None:
    policy = Policy.parse(HEAD + "group g all X1 X2\nquorum g\n")
    assert not policy.satisfied_by(["g"])


OTHER_LOG = SigningKey.from_seed("other.example", b"o" * 32).verifier


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected one log line, got 0"),
        (f"{HEAD}log {OTHER_LOG}\nquorum none\n", "expected one log line, got 2"),
        (HEAD, "expected one quorum line, got none"),
        (HEAD + "quorum none\nquorum none\n", "line 9: expected one quorum line, got a second"),
        (HEAD + "quorum\n", "quorum <name>"),
        (HEAD + "quorum X1 X2\n", "quorum <name>"),
        (HEAD + "quorum later\ngroup later any X1\n", "expected a name defined before, got 'later'"),
        (HEAD + "group g any later\n", "expected a member defined before"),
        (HEAD + "group g any g\n", "expected a member defined before"),
        (HEAD + "group g any none\n", "expected a member defined before"),
        (HEAD + "group g any X1 X1\n", "'X1' is a member of a group already"),
        (HEAD + "group g any X1\ngroup h any X1\n", "'X1' is a member of a group already"),
        (HEAD + "group X1 any X2\n", "expected a new name, got 'X1'"),
        (HEAD + "group none any X2\n", "expected a new name, got 'none'"),
        (HEAD + "group g any\n", r"group <name> all\|any\|<k>"),
        (HEAD + "group g\n", r"group <name> all\|any\|<k>"),
        (HEAD + "group g 0 X1\n", "expected a threshold from 1 to 1, got 0"),
        (HEAD + "group g 2 X1\n", "expected a threshold from 1 to 1, got 2"),
        (HEAD + "group g -1 X1\n", "expected a decimal number"),
        (HEAD + "group g 01 X1\n", "expected a decimal number"),
        (HEAD + "group g most X1\n", "expected a decimal number"),
        (HEAD + "witness X1\n", "witness <name> <vkey>"),
        (HEAD + "witness Z a b c\n", "witness <name> <vkey>"),
        (HEAD + "witness Z nonsense\n", r"line 8: expected name\+id\+key"),
        (HEAD + f"witness Z {OTHER_LOG}\n", "expected a key of signature type 0x04 or 0x06, got 0x01"),
        (HEAD + f"log {LOG.verifier}\n", "is in the policy already"),
        ("log\n", "log <vkey>"),
        ("log a b c\n", "log <vkey>"),
        (f"log {KEYS['X1'].verifier}\n", "expected a key of signature type 0x01, got 0x04"),
        ("Log x\n", "line 1: expected log, witness, group or quorum, got 'Log'"),
        (HEAD + "quorum none\r\n", "no control characters"),
        (HEAD + "quorum none\x0b\n", "no control characters"),
        (HEAD + "quorum X1\u00a0\n", "expected a name defined before"),
        (b"log \xff\n", "valid utf-8"),
    ],
)
def test_a_malformed_policy_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.parse(text)


words = st.sampled_from(
    [
        "log",
        "witness",
        "group",
        "quorum",
        "none",
        "all",
        "any",
        "2",
        "X1",
        "X2",
        "g",
        "#",
        "\n",
        "\t",
        str(LOG.verifier),
    ]
    + [str(key.verifier) for key in KEYS.values()]
)


@given(st.text() | st.binary() | st.lists(words, max_size=40).map(" ".join))
def test_whatever_arrives_is_a_policy_or_a_policy_error(text: str | bytes) -> None:
    try:
        Policy.parse(text)
    except PolicyError:
        return


@given(st.text() | st.binary())
def test_whatever_checkpoint_arrives_ends_in_a_tlog_error(text: str | bytes) -> None:
    with pytest.raises(TlogError):
        Policy.parse(EXAMPLE).verify(text)


def test_a_real_checkpoint_verifies(policy: Policy, signed: str, small_log: PublishedLog) -> None:
    verified = policy.verify(signed)
    assert verified.checkpoint == small_log.checkpoint
    assert verified.cosignatures == (("W1", 1_800_000_000), ("W2", 1_800_000_001))
    assert policy.verify(signed.encode()) == verified
