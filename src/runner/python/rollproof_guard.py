"""Refuses every connection to a database that is not the disposable one.

Installed before anything of the project is imported. Each driver is taken in hand right after its module was imported,
by whichever way: what is replaced is the one function that all ways of connecting go through. What a driver cannot be
asked beforehand (where its own configuration files lead) is refused, since a wrong database is worse than no answer.
Files of SQLite are seen through the audit events of Python (PEP 578), which nothing goes around.
"""

import importlib.abc
import importlib.util
import os
import re
import sys
import threading
import weakref
from urllib.parse import parse_qsl, unquote, urlsplit

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
    sys.meta_path.insert(0, _Finder())
    for name, take in DRIVERS.items():
        if name in sys.modules:
            take(sys.modules[name])
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


def check_postgres(values):
    """Refuses by the parameters of libpq, with what it takes from the environment (libpq, Environment Variables)."""
    environment = {"host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER"}
    values = {key: value for key, value in values.items() if value not in (None, "")}
    if values.get("service") or os.environ.get("PGSERVICE"):
        refuse("postgresql service %s" % (values.get("service") or os.environ["PGSERVICE"]), "where a service leads cannot be told")
    for key, variable in environment.items():
        if key not in values and os.environ.get(variable):
            values[key] = os.environ[variable]
    user = values.get("user") or ""
    hosts = str(values.get("hostaddr") or values.get("host") or "")
    ports = str(values.get("port") or 5432).split(",")
    for index, host in enumerate(hosts.split(",")):
        port = ports[index] if index < len(ports) else ports[0]
        if host.startswith("/"):
            check("postgres", None, port, host, values.get("dbname") or user)
        elif not host:
            refuse(describe("postgres", None, port, "the default socket", values.get("dbname") or user))
        else:
            check("postgres", host, port, None, values.get("dbname") or user)


def parse_dsn(dsn):
    """The parameters of a connection string of libpq, in either form."""
    dsn = dsn or ""
    if re.match(r"postgres(ql)?://", dsn):
        parts = urlsplit(dsn)
        authority = parts.netloc.rpartition("@")[2]
        hosts, ports = [], []
        for one in authority.split(","):
            found = re.match(r"(\[.*\]|[^:]*)(?::(\d*))?$", one)
            hosts.append(unquote(found.group(1)).strip("[]") if found else one)
            ports.append((found.group(2) if found else "") or "5432")
        values = {"host": ",".join(hosts), "port": ",".join(ports), "dbname": unquote(parts.path.lstrip("/"))}
        if parts.username:
            values["user"] = unquote(parts.username)
        if values["host"] == "":
            del values["host"]
        values.update(parse_qsl(parts.query))
        return values
    pairs = re.findall(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)", dsn)
    return {key: re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value for key, value in pairs}


def check_mysql(values):
    """Refuses by what the drivers of MySQL take."""
    for key in ("read_default_file", "read_default_group", "option_files", "defaults_file"):
        if values.get(key):
            refuse("mysql by %s" % key, "where an option file leads cannot be told; give host, port and database")
    name = values.get("database") or values.get("db")
    socket = values.get("unix_socket")
    host = values.get("host") or "localhost"
    check("mysql", host, values.get("port") or 3306, socket, name)


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


def _wrapped(module, attribute, before, asynchronous=False):
    original = getattr(module, attribute)
    if getattr(original, "_rollproof", False):
        return

    def connect(*arguments, **values):
        before(arguments, values)
        return remember(original(*arguments, **values))

    async def connect_async(*arguments, **values):
        before(arguments, values)
        return remember(await original(*arguments, **values))

    replacement = connect_async if asynchronous else connect
    replacement._rollproof = True
    replacement.__wrapped__ = original
    setattr(module, attribute, replacement)


def _libpq(arguments, values):
    dsn = arguments[0] if arguments else values.get("dsn", values.get("conninfo", ""))
    values = {key: value for key, value in values.items() if key not in ("dsn", "conninfo")}
    if "database" in values:
        values["dbname"] = values.pop("database")
    check_postgres(dict(parse_dsn(dsn if isinstance(dsn, str) else ""), **values))


def _psycopg2(module):
    _wrapped(module, "connect", _libpq)
    inner = sys.modules.get("psycopg2._psycopg")
    if inner is not None and hasattr(inner, "_connect"):
        # Pools and `psycopg2.connect` both end here.
        _wrapped(inner, "_connect", _libpq)
        if getattr(module, "_connect", None) is not None:
            module._connect = inner._connect


def _psycopg(module):
    for kind in ("Connection", "AsyncConnection"):
        owner = getattr(module, kind, None)
        if owner is None:
            continue
        original = owner.connect.__func__
        if kind == "Connection":
            def connect(cls, conninfo="", *arguments, _original=original, **values):
                _libpq((conninfo,), values)
                return remember(_original(cls, conninfo, *arguments, **values))
            module_level = classmethod(connect)
        else:
            async def connect_async(cls, conninfo="", *arguments, _original=original, **values):
                _libpq((conninfo,), values)
                return remember(await _original(cls, conninfo, *arguments, **values))
            module_level = classmethod(connect_async)
        owner.connect = module_level
    if hasattr(module, "connect"):
        module.connect = module.Connection.connect


def _asyncpg_values(arguments, values):
    dsn = arguments[0] if arguments else values.get("dsn")
    found = parse_dsn(dsn)
    for key, name in (("host", "host"), ("port", "port"), ("database", "dbname"), ("user", "user")):
        value = values.get(key)
        if isinstance(value, (list, tuple)):
            value = ",".join(map(str, value))
        if value is not None:
            found[name] = value
    check_postgres(found)


def _asyncpg(module):
    inner = sys.modules.get("asyncpg.connection") or module
    _wrapped(inner, "connect", _asyncpg_values, asynchronous=True)
    module.connect = inner.connect
    pool = sys.modules.get("asyncpg.pool")
    if pool is not None and hasattr(pool, "create_pool"):
        original = pool.create_pool

        def create_pool(*arguments, **values):
            _asyncpg_values(arguments, values)
            return original(*arguments, **values)

        pool.create_pool = create_pool
        module.create_pool = create_pool


def _mysql_class(owner):
    original = owner.__init__

    def __init__(self, *arguments, **values):
        names = ("host", "user", "password", "database", "port", "unix_socket")
        check_mysql(dict(zip(names, arguments), **values))
        original(self, *arguments, **values)
        remember(self)

    owner.__init__ = __init__


def _pymysql(module):
    original = module.Connection.__init__

    def __init__(self, *arguments, **values):
        check_mysql(values)
        original(self, *arguments, **values)
        remember(self)

    module.Connection.__init__ = __init__


def _mysqldb(module):
    def before(arguments, values):
        names = ("host", "user", "password", "database", "port", "unix_socket")
        check_mysql(dict(zip(names, arguments), **values))

    for name in ("connect", "Connect", "Connection"):
        if hasattr(module, name):
            _wrapped(module, name, before)


def _mysql_connector(module):
    # Classes would not be wrapped: `connect` of the base class is what every way goes through.
    owner = module.MySQLConnectionAbstract
    original = owner.connect

    def connect(self, **values):
        if values:
            known = dict(values)
        else:
            known = {"host": self._host, "port": self._port, "unix_socket": self._unix_socket, "database": self._database}
        if known:
            check_mysql(known)
        result = original(self, **values)
        remember(self)
        return result

    owner.connect = connect


def _aiomysql(module):
    original = module._connect

    async def _connect(*arguments, **values):
        check_mysql(values)
        return remember(await original(*arguments, **values))

    module._connect = _connect


def _asyncmy(module):
    original = module.connect

    def connect(*arguments, **values):
        check_mysql(values)
        return original(*arguments, **values)

    module.connect = connect


def _unknown(title):
    def take(module):
        def connect(*arguments, **values):
            refuse("a database through %s" % title, "this driver cannot be watched; use another one for the check")

        for name in ("connect", "Connection"):
            if hasattr(module, name):
                setattr(module, name, connect)

    return take


DRIVERS = {
    "psycopg2": _psycopg2,
    "psycopg": _psycopg,
    "asyncpg": _asyncpg,
    "pymysql.connections": _pymysql,
    "MySQLdb": _mysqldb,
    "mysql.connector.abstracts": _mysql_connector,
    "aiomysql.connection": _aiomysql,
    "asyncmy.connection": _asyncmy,
    "pg8000": _unknown("pg8000"),
    "pg8000.dbapi": _unknown("pg8000"),
    "pg8000.native": _unknown("pg8000"),
    "mariadb": _unknown("mariadb"),
    "oracledb": _unknown("oracledb"),
    "cx_Oracle": _unknown("cx_Oracle"),
    "pyodbc": _unknown("pyodbc"),
    "pymssql": _unknown("pymssql"),
    "duckdb": _unknown("duckdb"),
}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds nothing itself; sees to it that a driver is taken in hand when its module has been executed."""

    def __init__(self):
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        if name not in DRIVERS or name in self.busy:
            return None
        self.busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy.discard(name)
        if spec is None or spec.loader is None:
            return spec
        spec.loader = _Loader(spec.loader, DRIVERS[name])
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader, take):
        self.loader = loader
        self.take = take

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        self.take(module)
