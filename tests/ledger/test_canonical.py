import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import canonical
from vestibule.ledger.errors import CanonicalError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(max_codepoint=127), max_size=8)
scalars = texts | st.integers(-(2**53) + 1, 2**53 - 1)
objects = st.dictionaries(
    keys, st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=5)
)


@given(objects)
def test_what_is_encoded_decodes_to_the_same(value: dict[str, object]) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(objects)
def test_the_order_of_insertion_does_not_show(value: dict[str, object]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical.encode(turned) == canonical.encode(value)


def test_strings_are_escaped_as_rfc_8785_section_3_2_2_2_says() -> None:
    # The string of its example, without the numbers and literals this log does not use.
    value = {"string": "€$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f"}
    assert canonical.encode(value).decode() == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


def test_every_control_character_has_one_spelling() -> None:
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
    for code in range(32):
        written = short.get(code, f"\\u{code:04x}")
        assert canonical.encode({"a": chr(code)}).decode() == f'{{"a":"{written}"}}'


@pytest.mark.parametrize(
    "value",
    [{"a": 1.0}, {"a": True}, {"a": None}, {"a": 2**53}, {"a": -(2**53)}, {"a": [{"b": 0.5}]}, {"a": b"x"}],
)
def test_values_outside_the_subset_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(CanonicalError):
        canonical.encode(value)


@pytest.mark.parametrize("key", ["é", "\U0001f600"])
def test_keys_outside_ascii_are_refused(key: str) -> None:
    # RFC 8785 sorts by UTF-16 unit, Python by code point: they differ beyond ASCII.
    with pytest.raises(CanonicalError, match="ascii"):
        canonical.encode({key: 1})


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b' {"a":1}',
        b'{"a":01}',
        b'{"a":-0}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":9007199254740992}',
        b'{"a":true}',
        b'{"a":null}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u000F"}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        b"[1]",
        b'"a"',
        b"1",
        b"",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"1" * 5000 + b"}",
    ],
)
def test_any_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        canonical.decode(data)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_raise_nothing_but_canonical_errors(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except CanonicalError:
        return
    assert canonical.encode(value) == data


@given(objects)
def test_a_second_json_spelling_of_the_same_value_is_refused(value: dict[str, object]) -> None:
    loose = json.dumps(value, indent=1).encode()
    if loose == canonical.encode(value):
        return
    with pytest.raises(CanonicalError):
        canonical.decode(loose)
