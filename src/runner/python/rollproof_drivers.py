"""Takes the drivers of databases in hand, so that each asks the guard before it connects.

A driver is changed right after its module was imported, by whichever way: what is replaced is the one function that all ways
of connecting go through. What a driver cannot be asked beforehand (where its own configuration files lead) is refused, since a
wrong database is worse than no answer, and so are drivers that nobody has looked at.
"""

import importlib.abc
import importlib.util
import os
import re
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

from rollproof_guard import check, describe, refuse, remember


def install():
    """Begins: drivers that are there already are changed now, all others when they are imported."""
    sys.meta_path.insert(0, _Finder())
    for name, take in DRIVERS.items():
        if name in sys.modules:
            take(sys.modules[name])


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
    def for_sync(original):
        def connect(cls, conninfo="", *arguments, **values):
            _libpq((conninfo,), values)
            return remember(original(cls, conninfo, *arguments, **values))

        return connect

    def for_async(original):
        async def connect(cls, conninfo="", *arguments, **values):
            _libpq((conninfo,), values)
            return remember(await original(cls, conninfo, *arguments, **values))

        return connect

    for name, shell in (("Connection", for_sync), ("AsyncConnection", for_async)):
        owner = getattr(module, name, None)
        if owner is not None:
            owner.connect = classmethod(shell(owner.connect.__func__))
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

        for name in ("connect", "Connection", "MySQLConnection"):
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
    "mysql.connector.aio": _unknown("mysql.connector.aio"),
    "apsw": _unknown("apsw"),
    "pysqlite3": _unknown("pysqlite3"),
    "pysqlite3.dbapi2": _unknown("pysqlite3"),
    "sqlcipher3": _unknown("sqlcipher3"),
    "sqlcipher3.dbapi2": _unknown("sqlcipher3"),
    "cymysql": _unknown("cymysql"),
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
