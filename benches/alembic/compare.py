#!/usr/bin/env python3
"""Rollproof beside pytest-alembic and `flask db upgrade +1`, on one PostgreSQL server, in one run.

    python3 -m venv env && env/bin/pip install -r benches/alembic/requirements.txt
    env/bin/python benches/alembic/compare.py target/release/rollproof [PostgreSQL's bin folder]

It makes a project of 100 revisions without data, starts a throw-away server (no fsync, as Rollproof starts its own), and then
in turn has pytest-alembic run its tests `upgrade` and `up_down_consistency`, and Rollproof its whole check on the same
server: up, down, up again of each revision with a snapshot after each step, and the descent. Then a step by the command
`flask db upgrade +1` of a small Flask project beside a step of Rollproof. Medians; the exit code is 1 below 3 times and 10 times.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REVISIONS = 100
RUNS = 5
PORT = 54991

ENV = """
from alembic import context
from sqlalchemy import create_engine, pool

engine = context.config.attributes.get("connection") or create_engine(
    context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
FLASK_ENV = """
from alembic import context
from flask import current_app

with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
APP = """
import os

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["SQLALCHEMY_DATABASE_URI"]
    db.init_app(app)
    Migrate(app, db)
    return app
"""


def body(number):
    """What a revision does, and what undoes it: four kinds in turn."""
    table, kind = "t%02d" % (number // 4), number % 4
    if kind == 0:
        columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40), nullable=False)'
        return 'op.create_table("%s", %s)' % (table, columns), 'op.drop_table("%s")' % table
    if kind == 1:
        return 'op.add_column("%s", sa.Column("extra", sa.Integer))' % table, 'op.drop_column("%s", "extra")' % table
    if kind == 2:
        return 'op.create_index("ix_%s", "%s", ["extra"])' % (table, table), 'op.drop_index("ix_%s", "%s")' % (table, table)
    return ('op.create_foreign_key("fk_%s", "%s", "t00", ["extra"], ["id"])' % (table, table),
            'op.drop_constraint("fk_%s", "%s", type_="foreignkey")' % (table, table))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def revisions(folder, count):
    for number in range(count):
        up, down = body(number)
        parent = repr("r%03d" % (number - 1)) if number else "None"
        write(os.path.join(folder, "versions", "r%03d.py" % number),
              '"""%s"""\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "r%03d"\ndown_revision = %s\n\n\n'
              "def upgrade():\n    %s\n\n\ndef downgrade():\n    %s\n" % (up.split("(")[0], number, parent, up, down))


def timed(command, folder, environment, good=(0,)):
    began = time.perf_counter()
    ended = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, check=False)
    if ended.returncode not in good:
        sys.exit("%s ended with %d:\n%s" % (command[0], ended.returncode, ended.stdout))
    return time.perf_counter() - began


class Server:
    """A throw-away PostgreSQL."""

    def __init__(self, binaries, folder):
        self.binaries, self.folder = binaries, folder
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)

    def run(self, program, *arguments):
        return subprocess.run([os.path.join(self.binaries, program), *arguments], user=self.user, cwd=self.folder, check=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              extra_groups=[] if self.user else None)

    def __enter__(self):
        data = os.path.join(self.folder, "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync")
        options = "-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" % (
            PORT, self.folder)
        self.run("pg_ctl", "-D", data, "-w", "-o", options, "-l", os.path.join(self.folder, "log"), "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", os.path.join(self.folder, "data"), "-w", "-m", "immediate", "stop")

    def fresh(self, name):
        for statement in ('DROP DATABASE IF EXISTS "%s" WITH (FORCE)' % name, 'CREATE DATABASE "%s"' % name):
            self.run("psql", "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres", "-c", statement)
        return "postgresql+psycopg://postgres@127.0.0.1:%d/%s" % (PORT, name)


def configuration(kind, python, environment=""):
    return "databases:\n  - name: main\n    engine: postgres\n    migrations: {format: %s, path: migrations}\n    python: %s\n%s" % (
        kind, python, environment)


def main():
    rollproof = os.path.abspath(sys.argv[1])
    binaries = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.realpath(shutil.which("postgres") or ""))
    python = sys.executable
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        os.chmod(folder, 0o755)
        server_folder = os.path.join(folder, "server")
        os.mkdir(server_folder)
        with Server(binaries, server_folder) as server:
            plain, flask = os.path.join(folder, "plain"), os.path.join(folder, "flask")
            revisions(os.path.join(plain, "migrations"), REVISIONS)
            write(os.path.join(plain, "migrations", "env.py"), ENV)
            write(os.path.join(plain, "alembic.ini"), "[alembic]\nscript_location = migrations\n")
            write(os.path.join(plain, "rollproof.yml"), configuration("alembic", python))
            write(os.path.join(plain, "conftest.py"), (
                "import os\nimport pytest\nfrom sqlalchemy import create_engine\n\n\n"
                "@pytest.fixture\ndef alembic_engine():\n    return create_engine(os.environ['BENCH_URL'])\n"))
            write(os.path.join(plain, "test_migrations.py"),
                  "from pytest_alembic.tests import test_upgrade, test_up_down_consistency\n")
            revisions(os.path.join(flask, "migrations"), 20)
            write(os.path.join(flask, "migrations", "env.py"), FLASK_ENV)
            write(os.path.join(flask, "migrations", "alembic.ini"), "[alembic]\n")
            write(os.path.join(flask, "app.py"), APP)
            write(os.path.join(flask, "rollproof.yml"), configuration("flask-migrate", python))
            admin = "postgresql://postgres@127.0.0.1:%d/postgres" % PORT
            tested, checked = [], []
            for _ in range(RUNS):
                environment = dict(os.environ, BENCH_URL=server.fresh("bench"))
                tested.append(timed([python, "-m", "pytest", "-q", "-p", "no:cacheprovider"], plain, environment))
                checked.append(timed([rollproof, "check", "--url", admin], plain, os.environ))
            stepped = []
            environment = dict(os.environ, SQLALCHEMY_DATABASE_URI=server.fresh("bench"))
            command = [os.path.join(os.path.dirname(python), "flask"), "db", "upgrade", "+1"]
            for _ in range(2 * RUNS):
                stepped.append(timed(command, flask, environment))
            report = os.path.join(folder, "report.json")
            whole = timed([rollproof, "check", "--url", admin, "--json", report], flask, os.environ)
            with open(report, encoding="utf-8") as file:
                steps = json.load(file)["databases"][0]["steps"]
        count = sum(step["outcome"] != "skipped" for step in steps)
        step = whole / count
    tested, checked, stepped = map(statistics.median, (tested, checked, stepped))
    print("%d revisions, up and down: pytest-alembic %.2f s, rollproof check (up, down, up, descent) %.2f s: %.1f times" % (
        REVISIONS, tested, checked, tested / checked))
    print("a step: flask db upgrade +1 %.2f s, rollproof %.3f s (%d steps in %.2f s, with its start and the imports): %.0f times" % (
        stepped, step, count, whole, stepped / step))
    sys.exit(0 if tested / checked >= 3 and stepped / step >= 10 else 1)


if __name__ == "__main__":
    main()
