"""The SQL lint: what each rule refuses, what it lets through, and that the source keeps the rules."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tools.sql_lint import Source, collect, constants, lint, main, migrations
from vestibule.store import Tx, open_store
from vestibule.store.errors import StoreError

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = """
create table room (room_id bigint not null, title text not null, closed_at bigint, primary key (room_id));
create table note (
    room_id bigint not null, seq bigint not null, writer bigint not null, body text not null, card text,
    primary key (room_id, seq), unique (room_id, writer, body),
    foreign key (room_id) references room (room_id)
);
create table person (user_id bigint not null, name text not null, primary key (user_id));
"""


def complaints(sql: str, name: str = "STATEMENT") -> list[str]:
    return lint([*migrations(Path("0001_a.sql"), SCHEMA), Source("a.py:1", name, sql)])


def rules(sql: str, name: str = "STATEMENT") -> set[str]:
    return {complaint.split(": ")[1] for complaint in complaints(sql, name)}


@pytest.mark.parametrize(
    "sql",
    [
        "select title from room where room_id = :room_id",
        "select title from room r where r.room_id = cast(:room_id as bigint) and closed_at is null",
        "select seq, body from note where room_id = :room_id and seq < :before order by seq desc limit 50",
        "select n.seq from note n join room r on r.room_id = :r where n.room_id = :r",
        "select n.body from note n join room r on r.room_id = n.room_id where n.room_id = :r",
        "select count(*), coalesce(max(seq), 0), cast(sum(seq) as bigint) from note where room_id = :room_id",
        "select distinct writer from note where room_id = :room_id order by writer limit 10",
        "insert into room (room_id, title) values (:r, :title) on conflict do nothing",
        "update room set title = 'a / b like c' where room_id = :room_id returning title",
        "delete from note where room_id = :room_id and seq = :seq",
        "select body from note where room_id = :r and writer = :w and body = :b order by seq limit 1",
        "select title from room where room_id = :room_id order by closed_at nulls last",
        "create unique index by_title on note (room_id, body)",
        "create index by_writer on note (writer)",
        "alter table room add column colour text not null default ''",
        """insert into note (room_id, seq, writer, body)
           select :r, coalesce(max(seq), 0) + 1, :w, :b from note where room_id = :r
           on conflict do nothing""",
    ],
)
def test_a_portable_statement_passes(sql: str) -> None:
    assert complaints(sql) == []


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        (1, "create table a (b bigint not null)"),
        (1, "create table a (b bigint not null, c text not null, primary key (b), unique (c))"),
        (1, "create table a (b bigint not null, c text not null unique, primary key (b))"),
        (1, "create unique index by_body on note (body)"),
        (3, "create table a (b bigint not null references room, primary key (b))"),
        (3, "create trigger t after insert on room begin delete from note; end"),
        (3, "create function f() returns bigint as $$ select 1 $$ language sql"),
        (
            3,
            """create table a (b bigint not null, room_id bigint not null, primary key (b, room_id),
               foreign key (room_id) references room (room_id))""",
        ),
        (
            3,
            """create table a (room_id bigint not null, seq bigint, primary key (room_id),
               foreign key (room_id, seq) references note (room_id, seq) on delete set null)""",
        ),
        (
            3,
            """create table a (room_id bigint not null, primary key (room_id),
               foreign key (room_id) references room (room_id) deferrable initially deferred)""",
        ),
        (4, "create table a (b bigserial, primary key (b))"),
        (4, "create table a (b bigint generated always as identity, primary key (b))"),
        (4, "create sequence s"),
        (5, "create table a (b integer not null, primary key (b))"),
        (5, "create table a (b bigint not null, c timestamp not null, primary key (b))"),
        (5, "create table a (b bigint not null, c bigint[] not null, primary key (b))"),
        (5, "create table a (b bigint not null, c varchar(20) not null, primary key (b))"),
        (5, "select title from room where room_id = :room_id and closed_at = true"),
        (5, "select cast(:x as integer) from room where room_id = :room_id"),
        (8, "select title from room"),
        (8, "select title from room where room_id > :room_id"),
        (8, "select title from room where room_id = 5"),
        (8, "select title from room where room_id = :room_id or title = :title"),
        (8, "update note set body = :body where seq = :seq"),
        (8, "delete from note where seq = :seq"),
        (8, "select name from person where user_id in (select writer from note where room_id = :r)"),
        (8, "select n.body from note n join person p on p.user_id = n.writer where n.room_id = :r"),
        (
            8,
            "select p.name from note n join person p on p.user_id = :u where n.room_id = :r",
        ),
        (
            8,
            "insert into note (room_id, seq, body) select :a, 1, title from room where room_id = :b",
        ),
        (8, "insert into note (seq, writer, body) values (1, 1, '')"),
        (8, "insert into room values (:room_id, '', null)"),
        (8, "select a from missing where room_id = :room_id"),
        (11, "select title from room where room_id = :room_id for update"),
        (11, "select title from room where room_id = :room_id for update skip locked"),
        (11, "select pg_advisory_xact_lock(room_id) from room where room_id = :room_id"),
        (12, "select body from note where room_id = :room_id limit 5"),
        (12, "select body from note where room_id = :room_id order by body limit 5"),
        (12, "select body from note where room_id = :room_id order by seq limit 5 offset 5"),
        (13, "select title from room where room_id = :room_id order by closed_at"),
        (13, "select seq / 2 from note where room_id = :room_id"),
        (13, "select sum(seq) from note where room_id = :room_id"),
        (13, "select avg(seq) from note where room_id = :room_id"),
        (13, "select now() from room where room_id = :room_id"),
        (13, "select random() from room where room_id = :room_id"),
        (13, "select greatest(seq, 1) from note where room_id = :room_id"),
        (13, "select max(seq, 1) from note where room_id = :room_id"),
        (13, "select title from room where room_id = :room_id and title ilike :x"),
        (13, "select title from room where room_id = :room_id and title like :x"),
        (13, "select title from room where room_id = :room_id and title = any(:x)"),
        (13, "truncate note"),
        (13, "with gone as (delete from note where room_id = :r returning seq) select seq from gone"),
        (13, "select a from (values (1), (2)) as t (a)"),
        (
            14,
            """insert into note (room_id, seq, writer, body)
               select cast(:r as bigint), 1, 1, '' on conflict do nothing""",
        ),
    ],
)
def test_a_broken_rule_is_named(rule: int, sql: str) -> None:
    assert f"rule {rule}" in rules(sql)


def test_a_statement_that_does_not_parse_is_refused() -> None:
    assert complaints("select from where and") != []
    assert complaints("insert or ignore into room (room_id) values (:room_id)") != []


@pytest.mark.parametrize("name", ["ADMIN_ROOMS", "RECOVER_ROOMS", "_ADMIN_ROOMS"])
def test_a_named_statement_may_cross_shards_but_keeps_the_other_rules(name: str) -> None:
    assert complaints("select room_id from room order by room_id limit 9", name) == []
    assert rules("select room_id from room limit 9", name) == {"rule 12"}


def test_a_complaint_says_where() -> None:
    found = lint(migrations(Path("0001_a.sql"), "-- first;\n\ncreate table a (b bigint);\n"))
    assert found == ["0001_a.sql:3: rule 1: a has no primary key, so no shard key"]


def test_statements_are_found_in_constants_and_in_strings_made_of_constants() -> None:
    found = constants(
        {
            Path("src/room/a.py"): 'COLUMNS = "x, y"\nONE = f"select {COLUMNS} from room"\n',
            Path(
                "src/room/b.py"
            ): 'from room.a import COLUMNS\n\nTWO: str = f"""\n select {COLUMNS} from room"""\n',
        }
    )
    assert list(found) == [
        Source("src/room/a.py:2", "ONE", "select x, y from room"),
        Source("src/room/b.py:3", "TWO", "\n select x, y from room"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'def f(tx):\n    return tx.all("select a from room")\n',
        'def f(tx, a):\n    return tx.all(f"select {a} from room")\n',
        'A = f"select {unknown()} from room"\n',
        'class A:\n    SQL = "delete from room"\n',
        'A = "select a " + "from room"\nB = ["update room set a = 1"]\n',
    ],
)
def test_a_statement_that_is_not_a_constant_is_refused(text: str) -> None:
    assert any(isinstance(found, str) for found in constants({Path("src/a.py"): text}))


def test_prose_is_not_a_statement() -> None:
    text = (
        '"""Select rows from a table."""\nTITLE = "Create an account"\n\ndef f():\n    """Delete from it."""'
    )
    assert list(constants({Path("src/a.py"): text})) == []


def test_a_repository_that_breaks_a_rule_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room = tmp_path / "src" / "vestibule"
    room.mkdir(parents=True)
    (room / "0001_a.sql").write_text(SCHEMA)
    (room / "a.py").write_text('A = "select title from room where room_id = :r"\n')
    assert main(tmp_path) == 0
    (room / "b.py").write_text('\nB = "select title from room"\n')
    assert main(tmp_path) == 1
    assert "src/vestibule/b.py:2: rule 8: expected room_id = :room_id for room" in capsys.readouterr().out


def test_the_source_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ROOT) == 0, capsys.readouterr().out


WITNESS = "src/vestibule/witness/"
"""The room with tables of its own: a witness has no part of the platform's database."""


def test_every_statement_of_the_source_compiles_on_the_migrated_database(tmp_path: Path) -> None:
    sources = [s for s in collect(ROOT) if isinstance(s, Source) and s.name and WITNESS not in s.place]

    async def compiled(tx: Tx) -> list[str]:
        failed = []
        for source in sources:
            try:
                await tx.all(f"explain {source.sql}", **dict.fromkeys(parameters(source.sql)))
            except StoreError as error:
                failed.append(f"{source.place}: {error}")
        return failed

    async def run() -> list[str]:
        store = await open_store(tmp_path)
        try:
            return await store.write(compiled)
        finally:
            await store.close()

    assert sources
    assert asyncio.run(run()) == []


def test_every_statement_of_a_witness_compiles_on_its_own_tables() -> None:
    sources = [s.sql for s in collect(ROOT) if isinstance(s, Source) and s.name and WITNESS in s.place]
    tables = [sql for sql in sources if "create table" in sql]
    assert len(tables) == 3
    with closing(sqlite3.connect(":memory:")) as connection:
        for table in tables:
            connection.execute(table)
        for sql in sources:
            if sql not in tables:
                connection.execute(f"explain {sql}", dict.fromkeys(parameters(sql)))


def parameters(sql: str) -> list[str]:
    return re.findall(r":([a-z]\w*)", sql)
