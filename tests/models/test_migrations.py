"""The short way to a new site's tables makes the same tables as the steps that older sites took one by one."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.site import ROOT

BY_STEPS = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
executor.loader.replace_migrations = False
executor.loader.build_graph()
assert ("conversations", "0008_history") in executor.loader.graph.nodes
executor.migrate([node for node in executor.loader.graph.leaf_nodes() if "squashed" not in node[1]])
"""
AT_ONCE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
PENDING = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
executor.migrate(executor.loader.graph.leaf_nodes(), plan=[])
print(len(executor.migration_plan(executor.loader.graph.leaf_nodes())))
"""
READ_SQLITE = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    print(json.dumps(cursor.fetchall()))
"""
READ_POSTGRESQL = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''
        SELECT table_name, column_name, data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
            || ' ' || coalesce(character_maximum_length, 0) || ' ' || coalesce(is_identity, '')
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ''')
    print(json.dumps(cursor.fetchall()))
"""

Rows = list[list[str]]


class Database:
    """A database of its own, used by processes that have read nothing yet."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.environment = {**os.environ, "CHATSITE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
        self.environment["CHATSITE_DATABASE_URL"] = url

    def run(self, code: str) -> Any:
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None


@contextmanager
def new_database(folder: Path) -> Iterator[Database]:
    folder.mkdir()
    url = os.environ.get("CHATSITE_DATABASE_URL", "")
    if not url:
        yield Database(folder)
        return
    name = f"chatsite_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield Database(folder, f"{url.rpartition('/')[0]}/{name}")
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def parts(statement: str) -> list[str]:
    """What stands between the outermost commas of a statement, sorted: columns and constraints in any order."""
    depth, found = 0, [""]
    for sign in re.sub(r"\s+", " ", statement):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 1:
            found.append("")
        else:
            found[-1] += sign
    head, _, first = found[0].partition("(")
    last = found.pop() if len(found) > 1 else ""
    return [head.strip(), *sorted(each.strip() for each in [first, *found[1:], last.removesuffix(")")])]


def shape(rows: Rows, *, is_sqlite: bool) -> dict[str, Any]:
    if not is_sqlite:
        return {"rows": sorted(rows)}
    tables = {name: parts(sql) for table, name, sql in rows if sql.startswith("CREATE TABLE")}
    indexes = {name: sql for table, name, sql in rows if not sql.startswith("CREATE TABLE")}
    # of several that serve equally well SQLite takes the youngest
    order = [name for table, name, sql in rows if name in {"conversation_all", "conversation_recent"}]
    return {"tables": tables, "indexes": indexes, "order": order}


def test_both_ways_make_the_same_tables(tmp_path: Path) -> None:
    is_sqlite = not os.environ.get("CHATSITE_DATABASE_URL")
    read = READ_SQLITE if is_sqlite else READ_POSTGRESQL
    with new_database(tmp_path / "steps") as old, new_database(tmp_path / "once") as new:
        old.run(BY_STEPS)
        new.run(AT_ONCE)
        made_by_steps, made_at_once = (shape(each.run(read), is_sqlite=is_sqlite) for each in (old, new))
        assert len(str(made_at_once)) > 10_000
        assert made_at_once == made_by_steps
        assert old.run(PENDING) == 0
        assert new.run(PENDING) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ('CREATE TABLE "a" ("x" int, "y" int)', 'CREATE TABLE "a" ("y" int, "x" int)', True),
        ('CREATE TABLE "a" ("x" int, CHECK (x IN (1, 2)))', 'CREATE TABLE "a" (CHECK (x IN (1, 2)), "x" int)', True),
        ('CREATE TABLE "a" ("x" int, CHECK (x IN (1, 2)))', 'CREATE TABLE "a" ("x" int, CHECK (x IN (1, 3)))', False),
        ('CREATE TABLE "a" ("x" int, "y" int)', 'CREATE TABLE "a" ("x" int, "y" int NULL)', False),
    ],
)
def test_the_comparison_sees_what_differs(one: str, other: str, is_same: bool) -> None:
    assert (parts(one) == parts(other)) == is_same
