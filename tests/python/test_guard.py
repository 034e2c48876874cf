"""Each driver reaches the disposable database and no other one."""

import os
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

RUNNER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "src", "runner", "python")
PROLOGUE = """
import sys
sys.path.insert(0, %r)
import rollproof_guard as guard, rollproof_drivers
guard.install(%r, %r)
rollproof_drivers.install()
U, W, H, P, N = %r
def refused(function):
    try:
        function()
    except guard.Refused as error:
        print("refused", error)
        assert W == "" or W not in str(error), error
        return
    raise AssertionError("reached another database")
"""
POSTGRES = {
    "psycopg2": """
import psycopg2, psycopg2.pool, psycopg2.extensions
assert psycopg2.connect(host=H, port=P, user=U, password=W, dbname=N).info.dbname == N
psycopg2.connect("host=%s port=%s user=%s password=%s dbname=%s" % (H, P, U, W, N))
psycopg2.connect("postgresql://%s:%s@%s:%s/%s" % (U, W, H, P, N))
refused(lambda: psycopg2.connect(host=H, port=P, user=U, password=W, dbname="template1"))
refused(lambda: psycopg2.connect("postgresql://%s:%s@%s:%s/template1" % (U, W, H, P)))
refused(lambda: psycopg2.connect(host=H, port=1, user=U, password=W, dbname=N))
refused(lambda: psycopg2.connect(dbname=N))
refused(lambda: psycopg2.connect("service=live"))
refused(lambda: psycopg2.pool.SimpleConnectionPool(1, 2, host=H, port=P, user=U, password=W, dbname="template1"))
""",
    "psycopg": """
import psycopg, asyncio
assert psycopg.connect(host=H, port=P, user=U, password=W, dbname=N).info.dbname == N
psycopg.Connection.connect("postgresql://%s:%s@%s:%s/%s" % (U, W, H, P, N)).close()
refused(lambda: psycopg.connect(host=H, port=P, user=U, password=W, dbname="template1"))
refused(lambda: psycopg.Connection.connect("postgresql://%s:%s@%s:%s/template1" % (U, W, H, P)))
refused(lambda: asyncio.run(psycopg.AsyncConnection.connect("postgresql://%s:%s@%s:%s/template1" % (U, W, H, P))))
async def reach():
    await (await psycopg.AsyncConnection.connect("postgresql://%s:%s@%s:%s/%s" % (U, W, H, P, N))).close()
asyncio.run(reach())
""",
    "asyncpg": """
import asyncpg, asyncio
async def reach(name, how=asyncpg.connect):
    return await how(host=H, port=P, user=U, password=W, database=name)
async def main():
    await (await reach(N)).close()
    await (await asyncpg.create_pool(host=H, port=P, user=U, password=W, database=N, min_size=1, max_size=1)).close()
asyncio.run(main())
refused(lambda: asyncio.run(reach("template1")))
refused(lambda: asyncpg.create_pool(host=H, port=P, user=U, password=W, database="template1"))
""",
    "sqlalchemy": """
import os, sqlalchemy as sa
sa.create_engine("postgresql://%s:%s@%s:%s/%s" % (U, W, H, P, N)).connect().close()
sa.create_engine("postgresql+psycopg://%s:%s@%s:%s/%s" % (U, W, H, P, N)).connect().close()
refused(lambda: sa.create_engine("postgresql://%s:%s@%s:%s/template1" % (U, W, H, P)).connect())
refused(lambda: sa.create_engine("postgresql+psycopg://%s:%s@%s:%s/template1" % (U, W, H, P)).connect())
os.environ.update(PGHOST=H, PGPORT=str(P), PGDATABASE="template1", PGUSER=U)
refused(lambda: sa.create_engine("postgresql://").connect())
""",
}
MYSQL = {
    "pymysql": """
import pymysql
pymysql.connect(host=H, port=P, user=U, password=W, database=N).close()
refused(lambda: pymysql.connect(host=H, port=P, user=U, password=W, database="mysql"))
refused(lambda: pymysql.connect(host=H, port=P, user=U, password=W))
refused(lambda: pymysql.connect(host=H, port=1, user=U, password=W, database=N))
refused(lambda: pymysql.connect(read_default_file="/etc/mysql/my.cnf"))
refused(lambda: pymysql.connections.Connection(host=H, port=P, user=U, password=W, db="mysql"))
""",
    "mysql.connector": """
import mysql.connector
mysql.connector.connect(host=H, port=P, user=U, password=W, database=N).close()
refused(lambda: mysql.connector.connect(host=H, port=P, user=U, password=W, database="mysql"))
refused(lambda: mysql.connector.connect(host=H, port=P, user=U, password=W, database="mysql", use_pure=True))
""",
    "aiomysql": """
import aiomysql, asyncio
async def reach(name):
    connection = await aiomysql.connect(host=H, port=P, user=U, password=W, db=name)
    connection.close()
asyncio.run(reach(N))
refused(lambda: asyncio.run(reach("mysql")))
async def pool():
    await aiomysql.create_pool(host=H, port=P, user=U, password=W, db="mysql", minsize=1)
refused(lambda: asyncio.run(pool()))
""",
    "sqlalchemy": """
import sqlalchemy as sa
sa.create_engine("mysql+pymysql://%s:%s@%s:%s/%s" % (U, W, H, P, N)).connect().close()
refused(lambda: sa.create_engine("mysql+pymysql://%s:%s@%s:%s/mysql" % (U, W, H, P)).connect())
refused(lambda: sa.create_engine("mysql+mysqlconnector://%s:%s@%s:%s/mysql" % (U, W, H, P)).connect())
""",
}
SQLITE = """
import os, pathlib, sqlite3, sqlalchemy as sa
sqlite3.connect(FILE).close()
sqlite3.connect("file:%s?mode=rwc" % FILE, uri=True).close()
sqlite3.connect(":memory:").close()
sa.create_engine("sqlite:///" + FILE).connect().close()
refused(lambda: sqlite3.connect("other.db"))
refused(lambda: sqlite3.connect(pathlib.Path("other.db")))
refused(lambda: sqlite3.connect("file:other.db?mode=rwc", uri=True))
refused(lambda: sa.create_engine("sqlite:///other.db").connect())
assert not os.path.exists("other.db")
assert len(guard.take_refused()) == 4 and guard.take_refused() == []
"""
UNWATCHED = """
import types, sys
refused(lambda: __import__("pg8000").connect(host="h"))
try:
    import mysql.connector.aio
except ImportError:
    pass
else:
    refused(lambda: mysql.connector.aio.connect(host="h"))
"""


def run(text, allowed, values=("", "", "", 0, "")):
    with tempfile.TemporaryDirectory() as folder:
        program = PROLOGUE % (RUNNER, allowed, os.path.realpath(folder), values) + text
        path = os.path.join(folder, "program.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(program)
        with open(os.path.join(folder, "pg8000.py"), "w", encoding="utf-8") as file:
            file.write("def connect(**values):\n    raise AssertionError('reached')\n")
        ended = subprocess.run([sys.executable, path], cwd=folder, capture_output=True, text=True, timeout=120)
        return ended.returncode, ended.stdout + ended.stderr


class Guard(unittest.TestCase):
    def of_server(self, variable, engine, programs):
        url = os.environ.get(variable)
        if not url:
            self.skipTest("%s names no server" % variable)
        parts = urlsplit(url)
        values = (parts.username, parts.password or "", parts.hostname, parts.port, parts.path.lstrip("/"))
        allowed = [{"engine": engine, "host": parts.hostname, "port": parts.port, "socket": None, "name": values[4], "file": None}]
        for name, text in programs.items():
            with self.subTest(driver=name):
                code, said = run(text, allowed, values)
                self.assertEqual(code, 0, said)

    def test_postgres(self):
        self.of_server("ROLLPROOF_TEST_PYTHON_PG_URL", "postgres", POSTGRES)

    def test_mysql(self):
        self.of_server("ROLLPROOF_TEST_PYTHON_MYSQL_URL", "mariadb", MYSQL)

    def test_sqlite(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "mine.db")
            code, said = run("FILE = %r\n" % file + SQLITE, [{"engine": "sqlite", "file": file}])
            self.assertEqual(code, 0, said)

    def test_drivers_that_cannot_be_watched_are_refused(self):
        code, said = run(UNWATCHED, [])
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
