"""Refuses every connection to a database that is not the disposable one.

Installed before anything of the project is imported. The drivers are taken in hand by rollproof_drivers, which asks here.
Files of SQLite are seen through the audit events of Python (PEP 578), which nothing goes around.
"""

import os
import re
import sys
import threading
import weakref
from urllib.parse import unquote, urlsplit

_allowed = []
_refused = []
_connections = []
_held = []
_root = ""
_unused = 2
_lock = threading.Lock()

# asyncpg ends a connection without its loop by `terminate` only.
FAREWELLS = ("rollback", "close", "terminate")

LOCAL = {"localhost", "127.0.0.1", "::1", "", None}


class Refused(BaseException):
    """A connection that leads elsewhere. No `Exception`, so that an application that goes on after any error stops here."""


def _references():
    """How many references a connection of SQLite has that one variable holds; since Python 3.11 it refers to itself."""
    try:
        import sqlite3
    except ImportError:
        return 2
    connection = sqlite3.connect(":memory:")
    count = sys.getrefcount(connection)
    connection.close()
    return count


def install(allowed, root=""):
    """Begins to refuse. `allowed` lists the databases that may be connected to; `root` is the project's folder."""
    global _root, _unused
    _unused = _references()
    _allowed[:] = allowed
    _root = root
    sys.addaudithook(_audit)


def take_refused():
    """What was refused since the last time."""
    with _lock:
        refused = list(_refused)
        del _refused[:]
    return refused


def close_all():
    """Closes every connection that was seen. How many of them were in a transaction."""
    return _close(lambda connection: True)


def rollback_open():
    """Rolls back what was left open, and closes it. How many connections that were."""
    return _close(in_transaction)


def untold():
    """Connections that are open and whose drivers do not know whether they are in a transaction: those of MySQL are not told
    after a statement that gives rows."""
    modules = ("pymysql", "MySQLdb", "aiomysql", "asyncmy")
    alive = [one for one in _alive() if type(one).__module__.split(".")[0] in modules]
    return [one for one in alive if getattr(one, "open", not getattr(one, "closed", True))]


def close_untold():
    """Closes these. How many there were."""
    left = untold()
    for connection in left:
        try:
            connection.close()
        except BaseException:
            pass
    return len(left)


def _close(which):
    left = 0
    for connection in _alive():
        if not which(connection):
            continue
        left += in_transaction(connection)
        for farewell in FAREWELLS:
            try:
                result = getattr(connection, farewell)()
                if hasattr(result, "close"):
                    # A coroutine of a loop that is gone.
                    result.close()
            except BaseException:  # It may be closed already: then the server has it no more.
                pass
    return left


def _alive():
    """The connections that somebody besides us still holds."""
    with _lock:
        _connections[:] = [reference for reference in _connections if reference() is not None]
        # Those of SQLite cannot be referred to weakly: what only this list, the loop and the call hold is nobody's.
        _held[:] = [held for held in _held if sys.getrefcount(held) > _unused + 1]
        return [connection for connection in [reference() for reference in _connections] + _held if connection is not None]


def in_transaction(connection):
    """Whether a connection is in a transaction, as far as its driver knows without asking the server."""
    try:
        info = getattr(connection, "info", None)  # psycopg and psycopg2
        status = getattr(info, "transaction_status", None)
        if status is not None:
            return int(status) in (1, 2, 3)
        if hasattr(connection, "server_status"):  # pymysql
            return bool(connection.server_status & 1) and not connection.get_autocommit()
        value = getattr(connection, "in_transaction", None)  # sqlite3, mysql.connector
        if callable(value):
            return False
        return bool(value)
    except BaseException:
        return False


def describe(engine, host=None, port=None, socket=None, name=None, file=None):
    """A target in words, without a user and a password."""
    if engine == "sqlite":
        return "sqlite:///" + str(file)
    scheme = {"mariadb": "mysql", "postgres": "postgresql"}.get(engine, engine)
    place = str(socket) if socket else "%s:%s" % (host or "localhost", port)
    return "%s://%s/%s" % (scheme, place, name or "")


def where():
    """The innermost place in the project's own files."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if _root and file.startswith(_root + os.sep) and not re.search(r"/(site|dist)-packages/|/\.?venv/|/rollproof_", file):
            return "%s:%d" % (file, frame.f_lineno)
        frame = frame.f_back
    return None


def refuse(target, why=""):
    """Remembers the target, and stops whoever wanted to connect to it."""
    place = where()
    with _lock:
        _refused.append({"target": target + (" (%s)" % why if why else ""), "where": place})
    raise Refused("rollproof refused a connection to %s, which is not the disposable database%s" % (target, why and "; " + why))


def check(engine, host=None, port=None, socket=None, name=None):
    """Refuses a server's database that is not allowed."""
    for target in _allowed:
        family = "mysql" if target["engine"] in ("mysql", "mariadb") else target["engine"]
        if family != engine or str(target.get("name") or "") != str(name or ""):
            continue
        if socket:
            wanted = target.get("socket")
            if wanted and os.path.realpath(socket) == os.path.realpath(wanted):
                return
            continue
        try:
            same_port = int(port) == int(target.get("port") or 0)
        except (TypeError, ValueError):
            same_port = False
        if same_port and (host == target.get("host") or (host in LOCAL and target.get("host") in LOCAL)):
            return
    refuse(describe(engine, host, port, socket, name))


def remember(connection):
    """Keeps a connection in sight, to close it."""
    try:
        with _lock:
            _connections.append(weakref.ref(connection))
            if len(_connections) > 64:
                _connections[:] = [r for r in _connections if r() is not None]
    except TypeError:
        _alive()
        with _lock:
            _held.append(connection)
    return connection


def _audit(event, arguments):
    if event == "sqlite3.connect":
        _check_sqlite(arguments[0])
    elif event == "sqlite3.connect/handle":
        remember(arguments[0])


def _check_sqlite(database):
    text = os.fsdecode(database) if isinstance(database, (bytes, os.PathLike)) else str(database)
    if text.startswith("file:"):
        parts = urlsplit(text)
        if "mode=memory" in parts.query:
            return
        text = unquote(parts.path)
    if text in ("", ":memory:"):
        return
    for target in _allowed:
        file = target.get("file")
        if file and os.path.realpath(file) == os.path.realpath(text):
            return
    refuse(describe("sqlite", file=os.path.abspath(text)))
