"""The worker: loads the project once, then runs one revision at a time as it is told.

It is told by lines of JSON on a Unix socket, whose path is the first argument, and answers each with one line. What the
project prints goes to the ordinary output, which is never read as an answer.
"""

import faulthandler
import importlib
import json
import os
import socket
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
# The folder of this file would let our modules stand before those of the project.
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != FOLDER]


def load(name):
    """One of our own modules."""
    sys.path.insert(0, FOLDER)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(FOLDER)


guard = load("rollproof_guard")
drivers = load("rollproof_drivers")
capture = load("rollproof_capture")
errors = load("rollproof_errors")

TOOLS = {
    "alembic": ("rollproof_alembic", "AlembicTool", ["alembic", "upgrade", "head"]),
    "flask-migrate": ("rollproof_flask", "FlaskTool", ["flask", "db", "upgrade"]),
    "django": ("rollproof_django", "DjangoTool", ["manage.py", "migrate"]),
}


class Worker:
    """What was loaded, and what it was told."""

    def __init__(self):
        self.tool = None
        self.root = ""
        self.tables = []
        self.files = {}
        self.notes = []

    def start(self, request):
        self.root = request["root"]
        module, name, argv = TOOLS[request["kind"]]
        sys.argv[:] = argv
        sys.path.insert(0, self.root)
        drivers.DRIVERS["sqlalchemy"] = lambda _: capture.install()
        guard.install(request["allowed"], self.root)
        drivers.install()
        load("rollproof_hook")
        if request["kind"] == "flask-migrate":
            load("rollproof_alembic")
        if request["kind"] == "django":
            for part in ("lines", "list", "setup", "states"):
                load("rollproof_django_" + part)
        self.tool = getattr(load(module), name)(request)
        begun = time.perf_counter()
        capture.start(None, ())
        try:
            answer = self.tool.start()
        finally:
            changed = [sent for sent in capture.stop() if not sent["reads"]]
        self.tables = answer["bookkeeping"]
        changed = [sent for sent in changed if not any(table in sent["sql"] for table in self.tables)]
        guard.rollback_open()
        if changed:
            raise errors.Told(
                "config",
                "the application changes the database while it is loaded, before any migration (first: %s); have it leave that "
                "to the migrations, or name a `hook:` in rollproof.yml that loads it without" % " ".join(changed[0]["sql"].split())[:100],
            )
        answer.update(python="%d.%d.%d" % sys.version_info[:3], imports_millis=(time.perf_counter() - begun) * 1000.0)
        return answer

    def list(self, request):
        answer = self.tool.list()
        self.files = {revision["id"]: revision["file"] for revision in answer["revisions"]}
        return answer

    def step(self, request):
        revision, direction = request["revision"], request["direction"]
        if not self.files:
            self.list(request)
        file = self.files.get(revision)
        here = os.getcwd()
        failure = None
        capture.start(file, self.tables)
        begun = time.perf_counter()
        done = None
        try:
            done = self.tool.step(direction, revision)
        except BaseException as error:
            failure = errors.describe(error, file, self.root)
            place = getattr(error, "rollproof_place", None)
            if place is not None and failure["line"] is None:
                failure.update(file=place[0], line=place[1])
        millis = (time.perf_counter() - begun) * 1000.0
        statements = capture.stop()
        if done is not None:
            millis, statements, failure = done["millis"], done["statements"], done["error"]
            self.notes.extend(self.tool.take_notes())
        if failure is not None and failure["line"] is None and statements and failure["kind"] == "server":
            failure.update(file=statements[-1]["file"], line=statements[-1]["line"])
        tidy = getattr(self.tool, "tidy", None)
        if tidy is not None:
            tidy()
        left = guard.rollback_open()
        if guard.untold():
            # What pools hold idle goes with them; what is then still open somebody forgot, with whatever locks it has.
            capture.dispose_engines()
            left += guard.close_untold()
        if left and failure is None:
            self.notes.append(
                "%s (%s) leaves a transaction open on %s of its own, which was closed"
                % (revision, direction, "a connection" if left == 1 else "%d connections" % left)
            )
        if os.getcwd() != here:
            os.chdir(here)
            self.notes.append("%s changes the working folder of the process" % revision)
        return {"millis": millis, "statements": statements, "error": failure}

    def release(self, request):
        self.tool.release()
        capture.dispose_engines()
        guard.close_all()
        return {}

    def answer(self, request):
        """The answer to one request."""
        answer = {"id": request["id"], "ok": True}
        try:
            answer.update(getattr(self, request["command"])(request))
        except BaseException as error:
            answer.update(ok=False, error=errors.describe(error, None, self.root))
            if isinstance(error, errors.Told):
                answer["error"].update(kind=error.kind, type=None, message=str(error), frames=[])
            elif isinstance(getattr(error, "error", None), dict):
                answer["error"] = error.error
        answer.update(refused=guard.take_refused(), notes=self.notes)
        self.notes = []
        return answer


def main():
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.connect(sys.argv[1])
    channel.set_inheritable(False)
    faulthandler.enable()
    stream = channel.makefile("rwb")
    worker = Worker()
    for line in stream:
        request = json.loads(line.decode("utf-8"))
        if request["command"] == "quit":
            answer = {"id": request["id"], "ok": True}
        else:
            answer = worker.answer(request)
        stream.write(json.dumps(answer, default=str).encode("utf-8") + b"\n")
        stream.flush()
        if request["command"] == "quit":
            break
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that the project started, and what it registered for its end, would keep the process or touch the database.
    os._exit(0)


if __name__ == "__main__":
    main()
