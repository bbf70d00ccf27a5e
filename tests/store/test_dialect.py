"""Portable DDL in SQLite's words."""

import pytest

from vestibule.store import dialect


def test_a_file_is_split_into_statements_without_comments() -> None:
    text = "-- a; b\ncreate table a (\n    b bigint -- ; nor this\n);\n\ncreate index c on a (b);\n"
    assert dialect.statements(text) == ("create table a ( b bigint )", "create index c on a (b)")


def test_quoted_text_is_kept_as_it_is() -> None:
    text = "create table a (b text not null check (b in ('x;  --y', 'it''s text')))"
    assert dialect.statements(text) == (text,)
    assert "('x;  --y', 'it''s text')" in dialect.for_sqlite(text)


def test_types_are_mapped() -> None:
    ddl = "create table a (b bigint not null, c smallint, d text, e bytea, primary key (b, c))"
    assert dialect.for_sqlite(ddl) == (
        "create table a (b INTEGER not null, c INTEGER, d TEXT, e BLOB, primary key (b, c))"
        " strict, without rowid"
    )


@pytest.mark.parametrize(
    ("ddl", "ending"),
    [
        ("create table a (b bigint not null, primary key (b))", " strict"),
        ("create table a (c text, b bigint not null, primary key (b))", " strict"),
        ("create table a (b text not null, primary key (b))", " strict, without rowid"),
        ("create table a (bb bigint, b text not null, primary key (b))", " strict, without rowid"),
        (
            "create table a (b bigint not null, c bigint not null, primary key (b, c))",
            " strict, without rowid",
        ),
    ],
)
def test_only_a_single_bigint_key_is_the_row_number(ddl: str, ending: str) -> None:
    assert dialect.for_sqlite(ddl).endswith(")" + ending)


def test_an_index_is_left_alone() -> None:
    assert dialect.for_sqlite("create index c on a (b)") == "create index c on a (b)"
