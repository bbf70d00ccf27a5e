"""Changes to valid input that a hostile or a broken sender would make, chosen by numbers from elsewhere."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Choose: TypeAlias = Callable[[int], int]
"""Gives a number from 0 below its argument: drawn by hypothesis, or by a fuzzer's random generator."""

TOKENS = (
    b"",
    b"\x00",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\x1b[31m",
    b" ",
    b"+",
    b"=",
    b'"',
    b"\\",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"00",
    b"1.5",
    b"1e999",
    b"NaN",
    b"9007199254740992",
    b"18446744073709551616",
    b"9" * 5000,
    b"x" * 5000,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"\\ud800",
    b"\xed\xa0\x80",
    b"\xff",
    b"\xef\xbb\xbf",
    "\N{EM DASH} ".encode(),
    "\N{LINE SEPARATOR}".encode(),
    "\N{NEXT LINE}".encode(),
    "\N{ARABIC-INDIC DIGIT ONE}".encode(),
    b"AAAA",
    b"A" * 43 + b"=",
)
"""What parsers stumble over: controls, other spellings, huge and deep values, halves of characters."""

_NUMBER = re.compile(rb"[0-9]+")
_MEMBER = re.compile(rb'"[^"\\]{1,40}":(?:"(?:[^"\\]|\\.)*"|-?[0-9]+)')
_LINE = re.compile(rb"[^\n]*\n")


def mutate(data: bytes, others: Sequence[bytes], choose: Choose) -> bytes:
    """Make one change, of a kind and at a place that `choose` picks; `others` are spliced in."""
    change = CHANGES[choose(len(CHANGES))]
    return change(data, choose) if change is not _splice else _splice(data, choose, others)


def _flip(data: bytes, choose: Choose) -> bytes:
    if not data:
        return b"\x80"
    at = choose(len(data))
    return data[:at] + bytes([data[at] ^ (1 << choose(8))]) + data[at + 1 :]


def _truncate(data: bytes, choose: Choose) -> bytes:
    return data[: choose(len(data) + 1)]


def _cut(data: bytes, choose: Choose) -> bytes:
    start = choose(len(data) + 1)
    return data[:start] + data[start + choose(len(data) - start + 1) :]


def _repeat(data: bytes, choose: Choose) -> bytes:
    start = choose(len(data) + 1)
    end = start + choose(min(len(data) - start, 200) + 1)
    return data[:end] + data[start:end] * (1 + choose(3)) + data[end:]


def _insert(data: bytes, choose: Choose) -> bytes:
    at = choose(len(data) + 1)
    return data[:at] + TOKENS[choose(len(TOKENS))] + data[at:]


def _overwrite(data: bytes, choose: Choose) -> bytes:
    token = TOKENS[choose(len(TOKENS))]
    at = choose(len(data) + 1)
    return data[:at] + token + data[at + len(token) :]


def _renumber(data: bytes, choose: Choose) -> bytes:
    return _replace(data, _NUMBER, TOKENS[choose(len(TOKENS))], choose)


def _double_member(data: bytes, choose: Choose) -> bytes:
    """Say a JSON object's member twice, the second time perhaps with another value."""
    members = list(_MEMBER.finditer(data))
    if not members:
        return _repeat(data, choose)
    member, other = members[choose(len(members))], members[choose(len(members))]
    name = member[0].partition(b":")[0]
    value = other[0].partition(b":")[2]
    return data[: member.end()] + b"," + name + b":" + value + data[member.end() :]


def _revalue(data: bytes, choose: Choose) -> bytes:
    """Give a JSON object's member another value: a token, or the value of another member."""
    members = list(_MEMBER.finditer(data))
    if not members:
        return _overwrite(data, choose)
    member = members[choose(len(members))]
    name, _, value = member[0].partition(b":")
    token = TOKENS[choose(len(TOKENS))]
    values = (token, b'"' + token + b'"', b"[" + value + b"]", members[choose(len(members))][0])
    return data[: member.start()] + name + b":" + values[choose(len(values))] + data[member.end() :]


def _line(data: bytes, choose: Choose) -> bytes:
    """Drop a line, say it twice, or end it as another system would."""
    lines = list(_LINE.finditer(data))
    if not lines:
        return _cut(data, choose)
    line = lines[choose(len(lines))]
    new = (b"", line[0] * 2, line[0][:-1] + b"\r\n", b"\n" + line[0])[choose(4)]
    return data[: line.start()] + new + data[line.end() :]


def _splice(data: bytes, choose: Choose, others: Sequence[bytes] = ()) -> bytes:
    """Go on as another valid input does."""
    other = others[choose(len(others))] if others else data
    return data[: choose(len(data) + 1)] + other[choose(len(other) + 1) :]


def _replace(data: bytes, pattern: re.Pattern[bytes], token: bytes, choose: Choose) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return _insert(data, choose)
    one = found[choose(len(found))]
    return data[: one.start()] + token + data[one.end() :]


CHANGES = (
    _flip,
    _truncate,
    _cut,
    _repeat,
    _insert,
    _overwrite,
    _renumber,
    _double_member,
    _revalue,
    _line,
    _splice,
)
