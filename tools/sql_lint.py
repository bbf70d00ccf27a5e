"""Checks every SQL statement of the source and the migrations against the rules of docs/adr/0005.

The rules keep one text working on SQLite, PostgreSQL and sharded engines. Shard key of a table = first column
of its primary key. Statements are module-level string constants, or f-strings of such constants; a constant
whose name begins with ADMIN_ or RECOVER_ is a named statement across shards. Writes nothing.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import Expr, exp
from sqlglot.errors import SqlglotError

NOT_CONSTANT = "a statement must be a module-level string constant"
ACROSS = ("ADMIN_", "RECOVER_")
STATEMENT = re.compile(
    r"\s*(?:select\s.*\bfrom\b|insert\s+into\b|update\s+\w+\s+set\b|delete\s+from\b|with\s+\w+[^;]*\bas\s*\("
    r"|create\s+(?:table|unique|index|trigger|view|sequence|function|procedure|type)\b|truncate\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)
TYPES = (exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TEXT, exp.DType.VARBINARY)
SAME_EVERYWHERE = (
    exp.Abs, exp.And, exp.Case, exp.Cast, exp.Coalesce, exp.Count, exp.Exists, exp.If, exp.Length,
    exp.Max, exp.Min, exp.Nullif, exp.Or, exp.RowNumber,
)  # fmt: skip
BANNED = (
    (3, r"create\s+(or\s+replace\s+)?(constraint\s+)?(trigger|function|procedure)", "logic in the database"),
    (3, r"deferrable|initially\s+deferred", "deferrable constraint"),
    (3, r"on\s+(delete|update)\s+set\s+null", "set null would empty the shard key"),
    (4, r"(small|big)?serial|identity|autoincrement|sequence|nextval", "take a counter row"),
    (5, r"true|false", "boolean: write 1 and 0"),
    (11, r"for\s+(no\s+key\s+)?(update|share)|skip\s+locked", "row lock: use a lease row with a fence"),
    (11, r"lock\s+table|pg_(try_)?advisory\w+", "lock that is not everywhere: use a lease row with a fence"),
    (12, r"offset|fetch\s+(first|next)", "page by key, with limit"),
    (13, r"i?like|glob|similar\s+to", "patterns over text differ"),
    (13, r"any(?=\s*\()", "no arrays: run it once for each value"),
    (13, r"insert\s+or\s+\w+|replace\s+into", "use on conflict"),
    (13, r"truncate", "truncate is not everywhere"),
    (13, r"(from|join)\s*\(\s*values", "values (..) as t (..): use a with"),
    (13, r"as\s*\(\s*(insert|update|delete)", "a with that writes"),
)
"""What no statement may hold, whatever its grammar: rule, words, message."""


@dataclass(frozen=True, slots=True)
class Source:
    """One statement: where it stands, the constant's name (empty in a migration) and its text."""

    place: str
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Table:
    """What the rules need to know of a table."""

    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    nullable: frozenset[str]

    @property
    def shard_key(self) -> str:
        """Return the first column of the primary key."""
        return self.key[0]


Schema = Mapping[str, Table]
Finding = tuple[int, str]
"""A broken rule's number, and how it is broken."""


# Finding the statements


def constants(texts: Mapping[Path, str]) -> Iterator[Source | str]:
    """Yield the statements of Python files, and a complaint for each that is not a module-level constant."""
    trees = {path: ast.parse(text) for path, text in texts.items()}
    strings: dict[tuple[str, str], str] = {}
    for path, tree in trees.items():
        for name, value in _assigned(tree):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                strings[_module(path), name] = value.value
    for path, tree in trees.items():
        yield from _statements(path, tree, strings)


def _statements(
    path: Path, tree: ast.Module, strings: Mapping[tuple[str, str], str]
) -> Iterator[Source | str]:
    named = {id(value): name for name, value in _assigned(tree)}
    homes = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    skipped |= {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant | ast.JoinedStr) or id(node) in skipped:
            continue
        parts = [_text(part, _module(path), homes, strings) for part in getattr(node, "values", [node])]
        text = "".join("unknown" if part is None else part for part in parts)
        if STATEMENT.match(text):
            place = f"{path}:{node.lineno}"
            known = id(node) in named and None not in parts
            yield Source(place, named[id(node)], text) if known else f"{place}: {NOT_CONSTANT}"


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and isinstance(target, ast.Name):
            yield target.id, node.value


def _text(
    part: ast.expr, module: str, homes: Mapping[str, tuple[str, str]], strings: Mapping[tuple[str, str], str]
) -> str | None:
    """Return a string's text, or the constant an f-string names, or None where it holds anything else."""
    if isinstance(part, ast.Constant):
        return part.value if isinstance(part.value, str) else ""
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        return strings.get(homes.get(part.value.id, (module, part.value.id)))
    return None


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts[1:])


def migrations(path: Path, text: str) -> Iterator[Source]:
    """Yield the statements of a migration file."""
    bare = re.sub(r"--[^\n]*", lambda comment: " " * len(comment[0]), text)
    start = 0
    for part in bare.split(";"):
        if part.strip():
            line = bare.count("\n", 0, start + len(part) - len(part.lstrip())) + 1
            yield Source(f"{path}:{line}", "", part)
        start += len(part) + 1


# The schema, and the rules for it


def table_of(create: exp.Create) -> Table:
    """Read what the rules need from a `create table`."""
    columns = list(create.this.find_all(exp.ColumnDef))
    key: tuple[str, ...] = ()
    uniques: list[tuple[str, ...]] = []
    for part in create.this.expressions:
        if isinstance(part, exp.PrimaryKey):
            key = _names(part.expressions)
        elif isinstance(part, exp.UniqueColumnConstraint):
            uniques.append(_names(part.this.expressions))
    nullable: set[str] = set()
    for column in columns:
        if column.find(exp.PrimaryKeyColumnConstraint):
            key = (column.name,)
        if column.find(exp.UniqueColumnConstraint):
            uniques.append((column.name,))
        if not column.find(exp.NotNullColumnConstraint):
            nullable.add(column.name)
    return Table(key, tuple(uniques), frozenset(nullable - set(key)))


def _names(expressions: Iterable[Expr]) -> tuple[str, ...]:
    found = [name for expression in expressions if (name := expression.find(exp.Identifier)) is not None]
    return tuple(name.name for name in found)


def definition(create: exp.Create, schema: Schema) -> Iterator[Finding]:
    """Yield what is wrong with a `create table` or `create index`."""
    if create.kind == "INDEX":
        yield from _index(create, schema)
    elif create.kind == "TABLE":
        yield from _table(create, schema)
    else:
        yield 16, f"expected create table or index, got create {create.kind}"


def _index(create: exp.Create, schema: Schema) -> Iterator[Finding]:
    name = create.this.args["table"].name
    if name not in schema:
        yield 1, f"index on the unknown table {name}"
    elif create.args.get("unique"):
        columns = _names(create.this.args["params"].args["columns"])
        if schema[name].shard_key not in columns:
            yield 1, f"expected {schema[name].shard_key} in the unique index on {name}"


def _table(create: exp.Create, schema: Schema) -> Iterator[Finding]:
    name, table = create.this.this.name, table_of(create)
    if not table.key:
        yield 1, f"{name} has no primary key, so no shard key"
        return
    for unique in table.uniques:
        if table.shard_key not in unique:
            yield 1, f"expected {table.shard_key} in unique ({', '.join(unique)}) of {name}"
    for column in create.this.find_all(exp.ColumnDef):
        yield from _column(column)
    for foreign in create.find_all(exp.ForeignKey):
        yield from _foreign(name, table, foreign, schema)
    for reference in create.find_all(exp.Reference):
        if isinstance(reference.parent, exp.ColumnConstraint):
            yield 3, f"{name}: write foreign keys as foreign key (..) references, with the shard key"


def _column(column: exp.ColumnDef) -> Iterator[Finding]:
    kind = column.kind
    if kind is None or kind.this not in TYPES or kind.expressions:
        got = "nothing" if kind is None else kind.sql("postgres").lower()
        yield 5, f"expected bigint, smallint, text or bytea for {column.name}, got {got}"
    default = column.find(exp.DefaultColumnConstraint)
    if default is not None and not isinstance(default.this, exp.Literal | exp.Neg):
        yield 16, f"expected a constant default for {column.name}, got {default.this.sql('postgres')}"


def _foreign(name: str, table: Table, foreign: exp.ForeignKey, schema: Schema) -> Iterator[Finding]:
    reference = foreign.args["reference"]
    target = reference.this.this.name
    columns, there = _names(foreign.expressions), _names(reference.this.expressions)
    if target not in schema:
        yield 3, f"{name} refers to the unknown table {target}"
    elif (table.shard_key, schema[target].shard_key) not in zip(columns, there, strict=False):
        yield 3, f"the foreign key of {name} to {target} does not stay under one shard key"


# The rules for statements


def statement(tree: Expr, source: Source, schema: Schema) -> Iterator[Finding]:
    """Yield what is wrong with a select, insert, update or delete."""
    known = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in schema and table.name not in known:
            yield 8, f"unknown table {table.name}"
            return
    # A migration has no name: it runs once, over every row.
    if source.name and not source.name.lstrip("_").startswith(ACROSS):
        yield from _one_shard(tree, schema)
    yield from _limits(tree, schema)
    yield from _sorts(tree, source, schema)
    yield from _functions(tree)
    yield from _conflict(tree)


def _one_shard(tree: Expr, schema: Schema) -> Iterator[Finding]:
    owners: set[str] = set()
    for scope in tree.find_all(exp.Select, exp.Update, exp.Delete):
        tables = _tables(scope, schema)
        for alias, table in tables.items():
            values = [
                v for v in _equals(scope, alias, table.shard_key, alone=len(tables) == 1) if _binds(v, table)
            ]
            owners.update(value.name for value in values if isinstance(value, exp.Placeholder))
            if not values:
                yield 8, f"expected {table.shard_key} = :{table.shard_key} for {alias}"
    if isinstance(tree, exp.Insert):
        yield from _insert(tree, schema, owners)
    if len(owners) > 1:
        yield 8, f"expected one shard key in a statement, got :{', :'.join(sorted(owners))}"


def _insert(tree: exp.Insert, schema: Schema, owners: set[str]) -> Iterator[Finding]:
    if not isinstance(tree.this, exp.Schema):
        yield 8, "an insert must name its columns"
        return
    table, columns = schema[tree.this.this.name], [column.name for column in tree.this.expressions]
    if table.shard_key not in columns:
        yield 8, f"an insert into {tree.this.this.name} must give {table.shard_key}"
        return
    place = columns.index(table.shard_key)
    rows = tree.expression.expressions if isinstance(tree.expression, exp.Values) else [tree.expression]
    for row in rows:
        value = row.expressions[place] if place < len(row.expressions) else row
        value = value.this if isinstance(value, exp.Cast | exp.Alias) else value
        if isinstance(value, exp.Placeholder):
            owners.add(value.name)


def _tables(scope: Expr, schema: Schema) -> dict[str, Table]:
    """Return the stored tables a select, update or delete names itself, by alias."""
    direct: list[Expr | None] = [scope.this] if isinstance(scope, exp.Update | exp.Delete) else []
    source = scope.args.get("from_")
    direct += [source.this if source is not None else None]
    direct += [join.this for join in scope.args.get("joins") or []]
    return {
        table.alias_or_name: schema[table.name]
        for table in direct
        if isinstance(table, exp.Table) and table.name in schema
    }


def _equals(scope: Expr, alias: str, column: str, *, alone: bool) -> Iterator[Any]:
    """Yield what a column must equal, from the conditions that all must hold."""
    for part in _conditions(scope):
        if not isinstance(part, exp.EQ):
            continue
        for one, other in ((part.left, part.right), (part.right, part.left)):
            here = isinstance(one, exp.Column) and (one.table == alias or (alone and not one.table))
            if here and one.name == column:
                yield other.this if isinstance(other, exp.Cast) else other


def _conditions(scope: Expr) -> Iterator[Any]:
    where = scope.args.get("where")
    found = [join.args.get("on") for join in scope.args.get("joins") or []]
    found.append(where.this if where is not None else None)
    for condition in found:
        if isinstance(condition, exp.And):
            yield from (part.unnest() for part in condition.flatten())
        elif condition is not None:
            yield condition.unnest()


def _binds(value: Expr, table: Table) -> bool:
    """A parameter names the shard; so does the shard key of another table, which is checked in its turn."""
    return isinstance(value, exp.Placeholder) or (
        isinstance(value, exp.Column) and value.name == table.shard_key
    )


def _limits(tree: Expr, schema: Schema) -> Iterator[Finding]:
    for select in tree.find_all(exp.Select):
        if select.args.get("limit") is None:
            continue
        order = select.args.get("order")
        if order is None:
            yield 12, "limit without order by"
        elif not _total(select, _names(order.expressions), schema):
            yield 12, "limit needs a total order: name the rest of the primary key in order by"


def _total(select: exp.Select, ordered: tuple[str, ...], schema: Schema) -> bool:
    """Whether an order leaves no ties: it names a key of each table, or all that distinct or group leave."""
    group = select.args.get("group")
    if select.args.get("distinct") is not None or group is not None:
        left = _names(select.expressions if group is None else group.expressions)
        return set(left) <= set(ordered)
    tables = _tables(select, schema)
    if not tables:
        return True
    for alias, table in tables.items():
        keys = (table.key, *table.uniques)
        fixed = {c for c in chain(*keys) if any(_equals(select, alias, c, alone=len(tables) == 1))}
        if not any(set(key) <= fixed | set(ordered) for key in keys):
            return False
    return True


def _sorts(tree: Expr, source: Source, schema: Schema) -> Iterator[Finding]:
    if re.search(r"\bnulls\s+(first|last)\b", source.sql, re.IGNORECASE):
        return
    for select in tree.find_all(exp.Select):
        order = select.args.get("order")
        tables = _tables(select, schema).values()
        for name in () if order is None else _names(order.expressions):
            if any(name in table.nullable for table in tables):
                yield 13, f"{name} may be null: say nulls last"


def _functions(tree: Expr) -> Iterator[Finding]:
    for call in tree.find_all(exp.Func):
        name = call.sql("postgres").split("(")[0].lower()
        if isinstance(call, exp.Sum):
            if not isinstance(call.parent, exp.Cast):
                yield 13, "sum is a Decimal on PostgreSQL: cast it"
        elif not isinstance(call, SAME_EVERYWHERE):
            yield 13, f"{name} is not the same everywhere"
        elif isinstance(call, exp.Max | exp.Min) and call.expressions:
            yield 13, f"{name} of several values is not the same everywhere"
    if tree.find(exp.Div):
        yield 13, "division differs: compute it in Python"
    for cast in tree.find_all(exp.Cast):
        if cast.to.this not in TYPES:
            yield 5, f"cast to {cast.to.sql('postgres').lower()}"


def _conflict(tree: Expr) -> Iterator[Finding]:
    if isinstance(tree, exp.Insert) and tree.args.get("conflict") and isinstance(tree.expression, exp.Select):
        where = tree.expression.args.get("where")
        if where is None:
            yield 14, "insert .. select with on conflict needs a where"


# Running it


def banned(source: Source) -> Iterator[Finding]:
    """Yield what the text may not hold outside quotes."""
    bare = re.sub(r"'[^']*'", "''", source.sql)
    for rule, words, message in BANNED:
        if re.search(rf"\b(?:{words})\b", bare, re.IGNORECASE):
            yield rule, message


def check(source: Source, tree: Expr, schema: Schema) -> Iterator[Finding]:
    """Yield what is wrong with one parsed statement."""
    if isinstance(tree, exp.Create):
        yield from definition(tree, schema)
    elif isinstance(tree, exp.Alter):
        yield from chain.from_iterable(_column(column) for column in tree.find_all(exp.ColumnDef))
    elif isinstance(tree, exp.Query | exp.Insert | exp.Update | exp.Delete):
        yield from statement(tree, source, schema)
    elif not isinstance(tree, exp.Drop):
        yield 13, f"{source.sql.split()[0]} is not portable"


def lint(sources: Iterable[Source]) -> list[str]:
    """Return a complaint with place and rule for everything wrong with these statements."""
    complaints: list[str] = []
    trees: list[tuple[Source, Expr]] = []
    schema: dict[str, Table] = {}
    for source in sources:
        found = list(banned(source))
        complaints += [f"{source.place}: rule {rule}: {how}" for rule, how in found]
        try:
            tree: Any = sqlglot.parse_one(source.sql, read="postgres")
        except SqlglotError as error:
            if not found:
                complaints.append(f"{source.place}: does not parse: {str(error).splitlines()[0]}")
            continue
        if isinstance(tree, exp.Create) and tree.kind == "TABLE" and (table := table_of(tree)).key:
            schema[tree.this.this.name] = table
        if not (found and isinstance(tree, exp.Command)):
            trees.append((source, tree))
    for source, tree in trees:
        complaints += [f"{source.place}: rule {rule}: {how}" for rule, how in check(source, tree, schema)]
    return complaints


def collect(root: Path) -> Iterator[Source | str]:
    """Yield every statement of a repository, and complaints about those that are not constants."""
    for path in sorted((root / "src" / "vestibule").rglob("*.sql")):
        yield from migrations(path.relative_to(root), path.read_text(encoding="utf-8"))
    paths = sorted((root / "src" / "vestibule").rglob("*.py"))
    yield from constants({path.relative_to(root): path.read_text(encoding="utf-8") for path in paths})


def main(root: Path) -> int:
    """Check the repository at `root` and return the exit status: 1 with complaints, else 0."""
    found = list(collect(root))
    sources = [source for source in found if isinstance(source, Source)]
    complaints = [complaint for complaint in found if isinstance(complaint, str)] + lint(sources)
    print("\n".join([*complaints, f"{len(sources)} statements, {len(complaints)} complaints"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
