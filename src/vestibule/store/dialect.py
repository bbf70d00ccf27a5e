"""Portable DDL as SQLite wants it: STRICT tables and four type words. Pure text."""

import re

_TYPES = {"bigint": "INTEGER", "smallint": "INTEGER", "text": "TEXT", "bytea": "BLOB"}
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|;|[A-Za-z_]\w*|\s+|.", re.DOTALL)
_END = ";"
_CREATE_TABLE = re.compile(r"create\s+table\b", re.IGNORECASE)
_PRIMARY_KEY = re.compile(r"primary key\s*\(\s*(\w+)\s*(,?)")


def statements(text: str) -> tuple[str, ...]:
    """Split a migration file into statements, without comments and with single blanks between words."""
    found = [""]
    for token in _TOKEN.findall(text):
        if token == _END:
            found.append("")
        elif token.startswith("--") or token.isspace():
            found[-1] += " "
        else:
            found[-1] += token
    return tuple(clean for statement in found if (clean := _squeeze(statement)))


def for_sqlite(statement: str) -> str:
    """Translate one portable statement.

    A table is STRICT, so that a value of a wrong type fails here as it would in PostgreSQL, and WITHOUT ROWID
    unless its key is a single bigint, which SQLite keeps as the row number itself.
    """
    tokens: list[str] = _TOKEN.findall(statement)
    translated = "".join(_TYPES.get(token.lower(), token) for token in tokens)
    if not _CREATE_TABLE.match(statement):
        return translated
    return translated + (" strict" if _is_row_number(statement) else " strict, without rowid")


def _is_row_number(statement: str) -> bool:
    key = _PRIMARY_KEY.search(statement.lower())
    if key is None or key[2]:
        return False
    return re.search(rf"[(,]\s*{key[1]} bigint\b", statement.lower()) is not None


def _squeeze(statement: str) -> str:
    """Join runs of blanks outside quoted text, so that layout and comments are not part of a checksum."""
    return "".join(" " if token.isspace() else token for token in _TOKEN.findall(statement)).strip()
