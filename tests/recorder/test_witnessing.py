"""The operator's file of witnesses: what is served of it, and what is refused, by file and line."""

from pathlib import Path

import pytest

from vestibule.recorder.errors import LogRefusesToStart
from vestibule.recorder.witnessing import Witnessing, read_witnessing, unwitnessed
from vestibule.tlog.note import COSIGNATURE, SigningKey
from vestibule.tlog.policy import Policy

LOG = SigningKey.from_seed("chat.example/log", bytes(32)).verifier
URL = "https://chat.example/log"


def witness(name: str, key_name: str = "", url: str = "http://127.0.0.1:1") -> str:
    key = SigningKey.from_seed(key_name or f"{name}.example", name.encode().ljust(32), COSIGNATURE)
    return f"witness {name} {key.verifier} {url}".strip()


FILE = f"""# whom we asked
{witness("a")}
{witness("b")}
# run-by a The University of Somewhere
group both all a b
quorum both
"""


def read(folder: Path, text: str | bytes) -> Witnessing:
    path = folder / "witnesses.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_witnessing(path, "synchronous", LOG, URL)


def test_the_policy_served_is_our_key_the_operators_lines_and_the_mode(tmp_path: Path) -> None:
    witnessing = read(tmp_path, FILE)

    assert witnessing.text == f"log {LOG} {URL}\n{FILE}# mode synchronous\n"
    assert Policy.parse(witnessing.text) == witnessing.policy
    assert (witnessing.mode, witnessing.quorum) == ("synchronous", "both")
    assert [one.name for one in witnessing.witnesses] == ["a", "b"]
    assert witnessing.statements.run_by == {"a": "The University of Somewhere"}


def test_a_log_without_a_file_says_quorum_none() -> None:
    witnessing = unwitnessed(LOG)

    assert (witnessing.text, witnessing.mode) == (f"log {LOG}\nquorum none\n", "none")


@pytest.mark.parametrize(
    "own", [witness("b", "chat.example/witness"), witness("b") + "\n# run-by b platform"]
)
def test_a_witness_that_the_platform_runs_counts_as_none(tmp_path: Path, own: str) -> None:
    witnessing = read(tmp_path, f"{witness('a')}\n{own}\ngroup any any a b\nquorum any\n")

    assert not witnessing.satisfied_by({"b"})
    assert witnessing.satisfied_by({"a"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"log {LOG}\n{FILE}", "line 1: expected witness, group or quorum, got 'log'"),
        (f"{FILE}# mode asynchronous\n", "line 7: expected no mode, which --witnessing says"),
        (FILE.replace("group", "gruop"), "line 5: expected log, witness, group or quorum, got 'gruop'"),
        (f"{witness('a')}\nquorum b\n", "line 2: expected a name defined before, got 'b'"),
        (f"{witness('a')}\n", "expected one quorum line, got none"),
        (f"{witness('a')}\nquorum none\n", "line 2: expected a quorum of witnesses, got 'none'"),
        (f"\n{witness('a', url='')}\nquorum a\n", "line 2: expected a url for a, got 'none'"),
        (f"{witness('a', url='ftp://a')}\nquorum a\n", "line 1: expected a url for a, got 'ftp://a'"),
        (f"{FILE}# run-by c Nobody\n", "line 7: expected run-by of a witness, got 'c'"),
        (f"{FILE}# run-by a Again\n", "line 7: expected one run-by of a, got a second"),
        (
            f"{witness('a', 'chat.example/w')}\nquorum a\n",
            "line 2: expected a quorum that others than the platform can make",
        ),
        (b"witness \xff", "expected valid utf-8"),
    ],
)
def test_a_malformed_file_is_refused_by_name_and_line(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    with pytest.raises(LogRefusesToStart) as refused:
        read(tmp_path, text)

    assert str(refused.value).startswith(f"{tmp_path / 'witnesses.txt'}: {complaint}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogRefusesToStart, match=r"absent\.txt: No such file or directory"):
        read_witnessing(tmp_path / "absent.txt", "synchronous", LOG, URL)
