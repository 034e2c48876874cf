"""Starts the worker as the program does, and speaks with it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src", "runner", "python", "rollproof_worker.py")


class Project:
    """A project of a few files in a folder of its own, with the worker in it."""

    def __init__(self, files, kind="alembic", migrations="migrations", environment=None, url=None):
        self.folder = tempfile.TemporaryDirectory()
        self.root = os.path.realpath(self.folder.name)
        for name, text in files.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(text))
        self.database = os.path.join(self.root, "disposable.db")
        self.kind = kind
        self.migrations = os.path.join(self.root, migrations)
        self.environment = environment or {}
        self.url = url or "sqlite:///" + self.database
        self.process = None
        self.asked = 0

    def __enter__(self):
        path = os.path.join(self.root, "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        environment = dict(os.environ, PYTHONUNBUFFERED="1", **self.environment)
        environment.setdefault("SQLALCHEMY_DATABASE_URI", self.url)
        environment.setdefault("DATABASE_URL", self.url)
        self.process = subprocess.Popen(
            [sys.executable, WORKER, path], cwd=self.root, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        listener.settimeout(30)
        self.channel, _ = listener.accept()
        listener.close()
        self.stream = self.channel.makefile("rwb")
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.channel.close()
        self.process.kill()
        self.output = self.process.communicate()[0].decode()
        self.folder.cleanup()

    def ask(self, command, **request):
        self.asked += 1
        request.update(id=self.asked, command=command)
        self.stream.write(json.dumps(request).encode() + b"\n")
        self.stream.flush()
        line = self.stream.readline()
        if not line:
            return None
        answer = json.loads(line)
        assert answer["id"] == self.asked
        return answer

    def start(self, **more):
        target = {"engine": "sqlite", "file": self.database}
        request = dict(kind=self.kind, root=self.root, migrations=self.migrations, engine="sqlite", allowed=[target],
                       url=self.url, sqlalchemy_url=self.url, hook=None, database=None)
        request.update(more)
        return self.ask("start", **request)

    def up(self, revision):
        return self.ask("step", direction="up", revision=revision)

    def down(self, revision):
        return self.ask("step", direction="down", revision=revision)


ENV = """
    from alembic import context
    from sqlalchemy import create_engine
    engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def revision(name, parent, up, down="pass", head=""):
    """The text of a revision."""
    body = lambda text: textwrap.indent(textwrap.dedent(text).strip(), "    ")
    return "\n".join([
        '"""%s"""' % name, "from alembic import op", "import sqlalchemy as sa", head, "revision = %r" % name,
        "down_revision = %r" % (parent,), "", "", "def upgrade():", body(up), "", "", "def downgrade():", body(down), "",
    ])
