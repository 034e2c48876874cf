"""Loads a Django project the way its own manage.py does, and looks at which database it would work on."""

import os
import runpy
import sys

import rollproof_errors

PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306}
LOCAL = {"", "localhost", "127.0.0.1", "::1"}


class Failed(Exception):
    """Why the tool cannot go on, as an ERROR of the protocol in `error`."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.error = error


def plain_error(kind, message, **more):
    """An ERROR that no exception of the project stands behind."""
    error = dict.fromkeys(("type", "code", "detail", "file", "line", "statement", "missing_module"))
    error.update(kind=kind, message=message, frames=[])
    error.update(more)
    return error


def loading_error(exc, root):
    """An ERROR for what went wrong while the project was loaded: `import` or `config`, unless it is of the database."""
    error = rollproof_errors.describe(exc, None, root)
    if error.get("kind") not in ("guard", "server", "exit"):
        error["kind"] = "import" if isinstance(exc, (ImportError, SyntaxError)) else "config"
    return error


def load(root):
    """Sets the project up once.

    manage.py is run as `python manage.py migrate` would run it, only that Django's command line does nothing: what
    it prepares (settings module, paths, .env files, django-configurations) is then prepared, wherever it stands.
    Without a manage.py, DJANGO_SETTINGS_MODULE has to be in the environment.
    """
    path = os.path.join(root, "manage.py")
    try:
        import django
        from django.conf import settings
        from django.core.management import ManagementUtility
    except ImportError as exc:
        raise Failed(loading_error(exc, root)) from exc
    if root not in sys.path:
        sys.path.insert(0, root)
    try:
        if os.path.isfile(path):
            _run_manage(path, ManagementUtility)
        if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
            raise Failed(_no_settings(root, path))
        django.setup()
    except Failed:
        raise
    except BaseException as exc:
        raise Failed(loading_error(exc, root)) from exc


def _no_settings(root, path):
    if os.path.isfile(path):
        said = "manage.py names no settings"
    else:
        said = "there is no manage.py in {}".format(root)
    return plain_error("config", said + ": set DJANGO_SETTINGS_MODULE under `environment:`")


def _run_manage(path, utility):
    """Runs manage.py up to, and without, the command."""
    reached = []
    execute, arguments = utility.execute, sys.argv

    def stand_in(self):
        reached.append(True)

    utility.execute = stand_in
    sys.argv = [path, "migrate"]
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit:
        # `sys.exit(main())` after the command is usual; before the command it means that the project gave up.
        if not reached:
            raise
    finally:
        utility.execute, sys.argv = execute, arguments


def target_of(connection):
    """Where the settings of an alias lead to, in the words of TARGET; unknown parts are None."""
    values = connection.settings_dict
    options = values.get("OPTIONS") or {}
    vendor = connection.vendor
    engine = {"postgresql": "postgres"}.get(vendor, vendor)
    if vendor == "sqlite":
        name = str(values.get("NAME") or "")
        return {"engine": engine, "host": None, "port": None, "socket": None, "name": None, "file": name}
    # A service or an option file names the place, which only the driver can read.
    elsewhere = "service" in options or "read_default_file" in options
    host = str(values.get("HOST") or options.get("host") or "")
    port = str(values.get("PORT") or options.get("port") or "")
    socket = host if host.startswith("/") else options.get("unix_socket")
    if vendor == "postgresql":
        host = host or os.environ.get("PGHOST", "")
        port = port or os.environ.get("PGPORT", "")
    name = values.get("NAME") or options.get("dbname") or options.get("database")
    if elsewhere:
        host, port, socket = host or None, port or None, socket or None
    return {
        "engine": engine, "host": None if socket else host, "socket": socket, "file": None,
        "port": port or (None if elsewhere else PORTS.get(engine)), "name": name and str(name),
    }


def told(target):
    """A target as it may be shown: without user and password."""
    if target.get("file") is not None:
        return "sqlite:///{}".format(target["file"])
    place = target.get("socket") or target.get("host") or "localhost"
    if target.get("port") and not target.get("socket"):
        place = "{}:{}".format(place, target["port"])
    return "{}://{}/{}".format(target["engine"], place, target.get("name") or "")


def is_allowed(target, allowed):
    """Whether a target is one of those allowed. What the settings leave open is left to the guard."""
    return any(_is_same(target, one) for one in allowed)


def _is_same(one, other):
    if one.get("file") is not None:
        return bool(other.get("file")) and _real(one["file"]) == _real(other["file"])
    if other.get("file"):
        return False
    family = {"mariadb": "mysql"}
    if family.get(one["engine"], one["engine"]) != family.get(other.get("engine"), other.get("engine")):
        return False
    if one.get("name") is not None and other.get("name") is not None and one["name"] != other["name"]:
        return False
    if one.get("socket"):
        # PostgreSQL is given the folder of its socket, MySQL the socket itself.
        sockets = {_real(other["socket"]), os.path.dirname(_real(other["socket"]))} if other.get("socket") else set()
        return _real(one["socket"]) in sockets
    if one.get("host") is not None and other.get("host"):
        hosts = {one["host"], other["host"]}
        if len(hosts) > 1 and not hosts <= LOCAL:
            return False
    if one.get("host") and not other.get("host") and one["host"] not in LOCAL:
        return False
    return not (one.get("port") and other.get("port")) or str(one["port"]) == str(other["port"])


def _real(path):
    if path.startswith("file:"):
        path = path[len("file:"):].split("?", 1)[0]
    return os.path.realpath(path)
