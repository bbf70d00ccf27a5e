"""The migration runner on a real database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from vestibule.store import migrate
from vestibule.store.connection import open_writer
from vestibule.store.errors import MigrationError

FIRST = """
create table a (b bigint not null, primary key (b));
create table c (d text not null, primary key (d));
"""
SECOND = "alter table a add column e text not null default '';\n"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    opened = open_writer(tmp_path / "test.db")
    yield opened
    opened.close()


def apply(connection: apsw.Connection, **texts: str) -> None:
    migrate.migrate(connection, migrate.numbered({f"{name[1:]}.sql": text for name, text in texts.items()}))


def tables(connection: apsw.Connection) -> list[str]:
    rows = connection.execute("select name from sqlite_schema where type = 'table' order by name").fetchall()
    return [str(name) for (name,) in rows]


def test_files_are_applied_once_in_their_order(connection: apsw.Connection) -> None:
    apply(connection, _0001_a=FIRST)
    apply(connection, _0001_a=FIRST, _0002_b=SECOND)
    apply(connection, _0001_a=FIRST, _0002_b=SECOND)
    assert tables(connection) == ["a", "c", "migration"]
    connection.execute("insert into a (b, e) values (1, 'x')")


def test_a_file_changed_after_it_was_applied_is_named(connection: apsw.Connection) -> None:
    apply(connection, _0001_a=FIRST, _0002_b=SECOND)
    with pytest.raises(MigrationError, match=r"0001_a\.sql was changed after it was applied"):
        apply(connection, _0001_a=FIRST + "create index i on a (b);", _0002_b=SECOND)
    with pytest.raises(MigrationError, match=r"0002_b\.sql was changed after it was applied"):
        apply(connection, _0001_a=FIRST, _0002_b=SECOND.replace("text", "bytea"))


def test_comments_and_layout_may_change(connection: apsw.Connection) -> None:
    apply(connection, _0001_a=FIRST)
    apply(connection, _0001_a="-- what it is for\n" + FIRST.replace(", primary", ",\n    primary"))


def test_a_database_of_a_newer_version_is_refused(connection: apsw.Connection) -> None:
    apply(connection, _0001_a=FIRST, _0002_b=SECOND)
    with pytest.raises(MigrationError, match=r"0002_b\.sql was applied .* does not know it"):
        apply(connection, _0001_a=FIRST)


def test_a_migration_that_stopped_in_the_middle_goes_on_from_there(connection: apsw.Connection) -> None:
    connection.execute("create table c (wrong integer)")
    with pytest.raises(MigrationError, match=r"0001_a\.sql, statement 2: table c already exists"):
        apply(connection, _0001_a=FIRST)
    assert tables(connection) == ["a", "c", "migration"]
    connection.execute("drop table c")
    apply(connection, _0001_a=FIRST)
    connection.execute("insert into c (d) values ('x')")


def test_a_failed_statement_leaves_nothing(connection: apsw.Connection) -> None:
    with pytest.raises(MigrationError, match=r"0001_a\.sql, statement 1"):
        apply(connection, _0001_a="create table a (b bigint, primary key (missing))")
    assert tables(connection) == ["migration"]


@pytest.mark.parametrize(
    "names",
    [("0002_a.sql",), ("0001_a.sql", "0003_b.sql"), ("0001_a.sql", "0001_b.sql"), ("a.sql",), ("1_a.sql",)],
)
def test_a_number_that_is_missing_or_given_twice_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(MigrationError, match=r"expected migration 000\d_<name>\.sql, got"):
        migrate.numbered(dict.fromkeys(names, ""))


def test_the_packaged_migrations_make_strict_tables(connection: apsw.Connection) -> None:
    migrate.migrate(connection, migrate.packaged())
    rows: list[Any] = connection.execute("select name, strict, wr from pragma_table_list").fetchall()
    made = {name: (strict, wr) for name, strict, wr in rows if not name.startswith("sqlite_")}
    assert {strict for strict, _ in made.values()} == {1}
    assert made["account"] == (1, 0)
    assert made["message"] == (1, 1)
