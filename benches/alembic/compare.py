#!/usr/bin/env python3
"""Rollproof beside pytest-alembic, `alembic upgrade +1` and `flask db upgrade +1`, on one server, in one run.

    python3 -m venv env && env/bin/pip install -r benches/alembic/requirements.txt
    env/bin/python benches/alembic/compare.py target/release/rollproof
    env/bin/python benches/alembic/compare.py target/release/rollproof --engine mariadb --server-bin FOLDER
    env/bin/python benches/alembic/compare.py target/release/rollproof --url postgresql://user:password@host:port/postgres

It makes a project of 100 revisions without data and starts a throw-away server with its files in memory and nothing
synced, unless a URL names one that runs; every side works on that same server. Then in turn, `--runs` times:

- pytest-alembic runs its tests `upgrade` and `up_down_consistency`, each on an empty database of its own, made before the
  clock starts. On one database for both, the second test would find everything applied and its first way up would do nothing.
- Rollproof runs its whole check: up, down, up again of each revision with a snapshot after each, and the descent.
- Alembic runs the very steps of that check in one process and nothing else: with an engine for each step as env.py makes it,
  with one engine handed over as pytest-alembic does, and with env.py run only once, which leaves no moment between two steps
  at which another connection sees what was committed. These tell what is left when all of Rollproof's own work is taken away.

How many revisions each side really moved is counted and printed. Then a step by the commands beside a step of Rollproof,
its start and its imports included. Medians; the exit code is 1 below 3 times pytest-alembic or 10 times a command.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

REVISIONS = 100
SMALL = 10
DRIVERS = {"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}

ENV = """
import os

from alembic import context
from sqlalchemy import MetaData, create_engine, pool


def count(**_):
    if "BENCH_COUNT" in os.environ:
        with open(os.environ["BENCH_COUNT"], "a") as file:
            file.write("x")


naming = {"ix": "ix_%(column_0_label)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
engine = context.config.attributes.get("connection") or create_engine(
    context.config.get_main_option("sqlalchemy.url") or os.environ["BENCH_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=MetaData(naming_convention=naming), on_version_apply=count)
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
CONFTEST = """
import os

import pytest
from sqlalchemy import create_engine

empty = os.environ["BENCH_URLS"].split()


@pytest.fixture
def alembic_config():
    return {"file": "alembic.ini"}


@pytest.fixture
def alembic_engine():
    engine = create_engine(empty.pop(0))
    yield engine
    engine.dispose()
"""
# `--test-alembic`, and whatever else makes pytest-alembic 0.13.1 look at tests/conftest.py, fails under pytest 9. To import
# its tests, from the project's root, runs the same functions.
TESTS = "from pytest_alembic.tests import test_up_down_consistency, test_upgrade\n"
FLOOR = """
import sys

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

url, how = sys.argv[1:]
config = Config("alembic.ini")
config.set_main_option("sqlalchemy.url", url)
if how != "engines":
    config.attributes["connection"] = create_engine(url)
script = ScriptDirectory.from_config(config)


def run(steps):
    with EnvironmentContext(config, script, fn=lambda heads, context: steps, destination_rev="head"):
        script.run_env()


up, down = MigrationStep.upgrade_from_script, MigrationStep.downgrade_from_script
revisions = list(script.walk_revisions())
steps = [make(script.revision_map, revision) for revision in reversed(revisions) for make in (up, down, up)]
steps += [down(script.revision_map, revision) for revision in revisions]
for some in [steps] if how == "once" else [[step] for step in steps]:
    run(some)
"""


def body(number):
    """What a revision does, and what undoes it: five kinds in turn."""
    table, kind = "t%02d" % (number // 5), number % 5
    if kind == 0:
        columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40), nullable=False)'
        return 'op.create_table("%s", %s)' % (table, columns), 'op.drop_table("%s")' % table
    if kind == 1:
        return 'op.add_column("%s", sa.Column("extra", sa.Integer))' % table, 'op.drop_column("%s", "extra")' % table
    if kind == 2:
        return ('op.create_index("ix_%s_extra", "%s", ["extra"])' % (table, table),
                'op.drop_index("ix_%s_extra", "%s")' % (table, table))
    if kind == 3:
        return ('op.create_foreign_key("fk_%s_extra", "%s", "t00", ["extra"], ["id"])' % (table, table),
                'op.drop_constraint("fk_%s_extra", "%s", type_="foreignkey")' % (table, table))
    alter = 'op.alter_column("%s", "name", type_=sa.String(%d), existing_type=sa.String(%d), existing_nullable=False)'
    return alter % (table, 80, 40), alter % (table, 40, 80)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def revisions(folder, count):
    for number in range(count):
        up, down = body(number)
        parent = repr("r%03d" % (number - 1)) if number else "None"
        write(os.path.join(folder, "versions", "r%03d.py" % number),
              '"""%s"""\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "r%03d"\ndown_revision = %s\n\n\n'
              "def upgrade():\n    %s\n\n\ndef downgrade():\n    %s\n" % (up.split("(")[0], number, parent, up, down))


def timed(command, folder, **variables):
    began = time.perf_counter()
    ended = subprocess.run(command, cwd=folder, env=dict(os.environ, **variables), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ended.returncode:
        sys.exit("%s ended with %d:\n%s" % (command[0], ended.returncode, ended.stdout))
    return time.perf_counter() - began


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def program(name, binaries):
    found = shutil.which(name, path=binaries) if binaries else shutil.which(name)
    # initdb and its like look for the server beside themselves, so links are followed.
    return os.path.realpath(found) if found else sys.exit("%s is not to be found; pass --server-bin" % name)


@contextmanager
def postgres(binaries, folder):
    """A throw-away PostgreSQL."""
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, port = os.path.join(folder, "data"), free_port()

    def run(name, *arguments):
        subprocess.run([program(name, binaries), *arguments], user=user, extra_groups=[] if user else None, cwd=folder,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync")
    options = "-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" % (
        port, folder)
    run("pg_ctl", "-D", data, "-w", "-o", options, "-l", os.path.join(folder, "log"), "start")
    try:
        yield "postgresql://postgres@127.0.0.1:%d/postgres" % port
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@contextmanager
def mariadb(binaries, folder):
    """A throw-away MariaDB."""
    data, port = os.path.join(folder, "data"), free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    who = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run([program("mariadb-install-db", binaries), "--no-defaults", "--datadir=" + data, "--skip-test-db", *who,
                    "--auth-root-authentication-method=normal"], check=True, **quiet)
    running = subprocess.Popen(
        [program("mariadbd", binaries), "--no-defaults", "--datadir=" + data, "--socket=" + os.path.join(folder, "s"), *who,
         "--bind-address=127.0.0.1", "--port=%d" % port, "--innodb-flush-log-at-trx-commit=0",
         "--innodb-flush-method=nosync", "--skip-name-resolve"], **quiet)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if running.poll() is not None:
                    sys.exit("mariadbd did not start")
                time.sleep(0.05)
        yield "mysql://root@127.0.0.1:%d/" % port
    finally:
        running.terminate()
        running.wait()


class Databases:
    """Empty databases on the server."""

    def __init__(self, engine, url):
        self.url = make_url(url).set(drivername=DRIVERS[engine])
        self.force = " WITH (FORCE)" if engine == "postgres" else ""
        self.admin = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.made = set()

    def drop(self, name):
        with self.admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS %s%s" % (name, self.force)))

    def fresh(self, name):
        self.drop(name)
        self.made.add(name)
        with self.admin.connect() as connection:
            connection.execute(text("CREATE DATABASE %s" % name))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in self.made:
            self.drop(name)
        self.admin.dispose()


def configuration(engine, kind, python):
    return "databases:\n  - name: main\n    engine: %s\n    migrations: {format: %s, path: migrations}\n    python: %s\n" % (
        engine, kind, python)


def steps_of(report):
    with open(report, encoding="utf-8") as file:
        steps = json.load(file)["databases"][0]["steps"]
    return [step for step in steps if step["outcome"] != "skipped"]


def compare(given, folder, url, databases):
    python = sys.executable
    rollproof = os.path.abspath(given.rollproof)
    plain, flask = os.path.join(folder, "plain"), os.path.join(folder, "flask")
    revisions(os.path.join(plain, "migrations"), REVISIONS)
    write(os.path.join(plain, "migrations", "env.py"), ENV)
    write(os.path.join(plain, "alembic.ini"), "[alembic]\nscript_location = migrations\n")
    write(os.path.join(plain, "rollproof.yml"), configuration(given.engine, "alembic", python))
    write(os.path.join(plain, "test_migrations.py"), TESTS)
    write(os.path.join(plain, "conftest.py"), CONFTEST)
    write(os.path.join(plain, "floor.py"), FLOOR)
    revisions(os.path.join(flask, "migrations"), SMALL)
    write(os.path.join(flask, "migrations", "env.py"), FLASK_ENV)
    write(os.path.join(flask, "migrations", "alembic.ini"), "[alembic]\n")
    write(os.path.join(flask, "app.py"), APP)
    write(os.path.join(flask, "rollproof.yml"), configuration(given.engine, "flask-migrate", python))
    report, counted = os.path.join(folder, "report.json"), os.path.join(folder, "count")

    def tested(**variables):
        empty = " ".join(databases.fresh(name) for name in ("bench_a", "bench_b"))
        return timed([python, "-m", "pytest", "-q", "-p", "no:cacheprovider"], plain, BENCH_URLS=empty, **variables)

    def checked(project, *more):
        return timed([rollproof, "check", "--url", url, "--json", report, *more], project)

    def floor(how):
        return timed([python, "floor.py", databases.fresh("bench_a"), how], plain)

    def stepped(command, project, variable):
        empty = databases.fresh("bench_a")
        path = os.path.join(os.path.dirname(python), command[0])
        return statistics.median(timed([path, *command[1:]], project, **{variable: empty}) for _ in range(SMALL))

    # Once without the clock: what each side moves.
    tested(BENCH_COUNT=counted)
    moved = os.path.getsize(counted)
    os.remove(counted)
    taken = {"pytest-alembic": [], "rollproof": [], "engines": [], "engine": [], "once": []}
    in_steps = []
    for _ in range(given.runs):
        taken["pytest-alembic"].append(tested())
        taken["rollproof"].append(checked(plain))
        in_steps.append(sum(step["millis"] for step in steps_of(report)) / 1000)
        for how in ("engines", "engine", "once"):
            taken[how].append(floor(how))
    ran = len(steps_of(report))
    if ran != 4 * REVISIONS:
        sys.exit("Rollproof ran %d steps, not %d" % (ran, 4 * REVISIONS))
    seconds = {name: statistics.median(times) for name, times in taken.items()}
    inside = statistics.median(in_steps)
    spread = {name: "%.2f to %.2f" % (min(times), max(times)) for name, times in taken.items()}
    ratio = seconds["pytest-alembic"] / seconds["rollproof"]

    def line(title, name, count):
        print("%-55s %4d steps %6.2f s (%s) %6.2f ms a step" % (title, count, seconds[name], spread[name],
                                                                 1000 * seconds[name] / count))

    print("%s, %d revisions, medians of %d (least to most)" % (given.engine, REVISIONS, given.runs))
    line("pytest-alembic: upgrade, up_down_consistency", "pytest-alembic", moved)
    line("rollproof check: up, down, up, descent", "rollproof", ran)
    print("    of which in the project's tool %.2f s, the rest %.2f s" % (inside, seconds["rollproof"] - inside))
    line("Alembic alone, these steps, an engine for each", "engines", ran)
    line("Alembic alone, these steps, one engine", "engine", ran)
    line("Alembic alone, these steps, env.py once", "once", ran)
    print("rollproof is %.2f times as fast as pytest-alembic; Alembic alone would be %.2f, %.2f and %.2f times" % (
        ratio, *(seconds["pytest-alembic"] / seconds[how] for how in ("engines", "engine", "once"))))
    by_alembic = stepped(["alembic", "upgrade", "+1"], plain, "BENCH_URL")
    by_flask = stepped(["flask", "db", "upgrade", "+1"], flask, "SQLALCHEMY_DATABASE_URI")
    small = [(checked(flask), len(steps_of(report))) for _ in range(given.runs)]
    ours = {"alembic": seconds["rollproof"] / ran, "flask db": statistics.median(whole / count for whole, count in small)}
    by = {"alembic": by_alembic, "flask db": by_flask}
    for name, command in by.items():
        print("a step: %s upgrade +1 %.3f s, rollproof %.4f s: %.1f times" % (name, command, ours[name], command / ours[name]))
    return ratio >= 3 and all(by[name] / ours[name] >= 10 for name in by)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rollproof")
    parser.add_argument("--engine", choices=sorted(DRIVERS), default="postgres")
    parser.add_argument("--server-bin", help="the folder of the server binaries; PATH when left out")
    parser.add_argument("--url", help="a server that runs, instead of a throw-away one; databases bench_a and bench_b are made there")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        os.chmod(folder, 0o755)
        server_folder = os.path.join(folder, "server")
        os.mkdir(server_folder)

        def run(url):
            with Databases(given.engine, url) as databases:
                return compare(given, folder, url, databases)

        if given.url:
            met = run(given.url)
        else:
            with (postgres if given.engine == "postgres" else mariadb)(given.server_bin, server_folder) as url:
                met = run(url)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
