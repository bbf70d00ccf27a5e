"""The migration runner: numbered files, forward only, one statement per transaction, each with a checksum."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import apsw

from vestibule.store import dialect
from vestibule.store.connection import translated
from vestibule.store.errors import MigrationError

CREATE_MIGRATION = """
create table if not exists migration (
    file text not null,
    step bigint not null,
    checksum text not null,
    primary key (file, step)
)
"""
ADMIN_APPLIED = (
    "select file, count(*), min(checksum), max(checksum) from migration group by file order by file"
)
INSERT_STEP = "insert into migration (file, step, checksum) values (:file, :step, :checksum)"

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name, its statements and the checksum over them."""

    name: str
    statements: tuple[str, ...]
    checksum: str


def parse(name: str, text: str) -> Migration:
    """Read one migration file; comments and layout do not count."""
    found = dialect.statements(text)
    return Migration(name, found, hashlib.sha256("\0".join(found).encode()).hexdigest())


def numbered(texts: Mapping[str, str]) -> tuple[Migration, ...]:
    """Order migration files by their number.

    Raises:
        MigrationError: A name is not `0001_name.sql`, or a number is missing or given twice.
    """
    for expected, name in enumerate(sorted(texts), start=1):
        match = _NAME.fullmatch(name)
        if match is None or int(match[1]) != expected:
            raise MigrationError(f"expected migration {expected:04d}_<name>.sql, got {name}")
    return tuple(parse(name, texts[name]) for name in sorted(texts))


def packaged() -> tuple[Migration, ...]:
    """Return the migrations that come with this version."""
    folder = files("vestibule.store") / "migrations"
    return numbered({file.name: file.read_text() for file in folder.iterdir() if file.name.endswith(".sql")})


def migrate(connection: apsw.Connection, migrations: tuple[Migration, ...]) -> None:
    """Apply what is missing.

    One statement and its row in `migration` share a transaction, so a migration that was cut off goes on
    where it stopped.

    Raises:
        MigrationError: An applied file was changed or is not known to this version, or a statement failed.
    """
    try:
        connection.execute(dialect.for_sqlite(dialect.statements(CREATE_MIGRATION)[0]))
        done = _applied(connection, migrations)
    except apsw.Error as error:
        raise MigrationError(f"cannot read which migrations were applied: {error}") from error
    for migration in migrations:
        for step in range(done.get(migration.name, 0), len(migration.statements)):
            _apply(connection, migration, step)


def _applied(connection: apsw.Connection, migrations: tuple[Migration, ...]) -> dict[str, int]:
    known = {migration.name: migration.checksum for migration in migrations}
    done: dict[str, int] = {}
    rows: list[Any] = connection.execute(ADMIN_APPLIED).fetchall()
    for name, steps, lowest, highest in rows:
        if name not in known:
            raise MigrationError(f"{name} was applied to this database, but this version does not know it")
        if not lowest == highest == known[name]:
            raise MigrationError(
                f"{name} was changed after it was applied: expected checksum {highest}, got {known[name]}"
            )
        done[name] = steps
    return done


def _apply(connection: apsw.Connection, migration: Migration, step: int) -> None:
    try:
        with connection:
            connection.execute(dialect.for_sqlite(migration.statements[step]))
            connection.execute(
                INSERT_STEP, {"file": migration.name, "step": step, "checksum": migration.checksum}
            )
    except apsw.Error as error:
        raise MigrationError(f"{migration.name}, statement {step + 1}: {translated(error)}") from error
