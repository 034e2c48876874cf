"""What is sent to the database, and by which line of the migration.

SQLAlchemy tells it by its events for every engine, those of asynchronous drivers included; Django by wrappers of its
connections. Cursors that a migration takes from the driver itself are not seen. Values of parameters are left out.
"""

import re
import sys
import time
import weakref

LONGEST = 4000
CONTROL = re.compile(r"\s*(begin|start\s+transaction|commit|rollback|savepoint|release)\b", re.I)
READING = re.compile(r"\s*(/\*.*?\*/\s*|--[^\n]*\n\s*)*(select|show|pragma|explain|describe|desc|with|values|table)\b", re.I | re.S)

_engines = weakref.WeakSet()
_state = {"on": False, "file": None, "tables": (), "statements": [], "line": None, "last": None}


def install():
    """Listens to every engine of SQLAlchemy. To be called when it has been imported; more than once does nothing."""
    if "sqlalchemy" not in sys.modules or _state.get("installed"):
        return
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    _state["installed"] = True
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)
    event.listen(Engine, "handle_error", _failed)
    event.listen(Engine, "engine_connect", _connected)


def start(migration_file, tables):
    """Begins to write down; `tables` are those of the tool's own bookkeeping."""
    _state.update(on=True, file=migration_file, tables=tuple(tables), statements=[], line=None, last=None)


def stop():
    """Ends it, and gives what was written down."""
    statements = _state["statements"]
    _state.update(on=False, statements=[], line=None)
    return statements


def last_statement():
    """The statement that was sent last."""
    return _state["last"]


def set_line(line):
    """Says which line of the migration is at work where its frames do not."""
    _state["line"] = line


def django_wrapper(execute, sql, params, many, context):
    """For `connection.execute_wrapper` of Django."""
    begun = time.perf_counter()
    entry = note(sql)
    try:
        return execute(sql, params, many, context)
    finally:
        if entry is not None:
            finish(entry, begun, getattr(context.get("cursor"), "cursor", None))


def note(sql):
    """Writes a statement down; None for what is no statement of the migration."""
    if not _state["on"]:
        return None
    text = str(sql)
    if CONTROL.match(text) or any(re.search(r"\b%s\b" % re.escape(table.split(".")[-1]), text) for table in _state["tables"]):
        return None
    entry = {"sql": text.strip()[:LONGEST], "millis": 0.0, "rows": None, "file": _state["file"], "line": line_at_work()}
    entry["reads"] = bool(READING.match(text)) and not re.search(r"\b(into|insert|update|delete|create|drop|alter)\b", text, re.I)
    _state["statements"].append(entry)
    _state["last"] = entry
    return entry


def finish(entry, begun, cursor):
    entry["millis"] = (time.perf_counter() - begun) * 1000.0
    try:
        rows = cursor.rowcount
        entry["rows"] = rows if isinstance(rows, int) and rows >= 0 else None
    except Exception:
        pass


def line_at_work():
    """The line of the migration's file, from the innermost frame in it."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == _state["file"]:
            return frame.f_lineno
        frame = frame.f_back
    if _state["line"] is None:
        # A driver with a loop runs on a stack of its own; the one that waits for it is in its parent.
        return _line_of_parent()
    return _state["line"]


def _line_of_parent():
    greenlet = sys.modules.get("greenlet")
    current = greenlet.getcurrent() if greenlet else None
    while current is not None:
        frame = current.gr_frame
        while frame is not None:
            if frame.f_code.co_filename == _state["file"]:
                return frame.f_lineno
            frame = frame.f_back
        current = current.parent
    return None


def dispose_engines():
    """Has every engine that was used forget its connections."""
    for engine in list(_engines):
        try:
            engine.dispose(close=not getattr(engine.dialect, "is_async", False))
        except TypeError:  # SQLAlchemy 1.4.32 and older know no `close`.
            engine.dispose()


def _connected(connection, *branch):
    _engines.add(connection.engine)


def _before(connection, cursor, statement, parameters, context, executemany):
    entry = note(statement)
    if entry is not None:
        connection.info["_rollproof"] = (entry, time.perf_counter())


def _after(connection, cursor, statement, parameters, context, executemany):
    found = connection.info.pop("_rollproof", None)
    if found is not None:
        finish(found[0], found[1], cursor)


def _failed(context):
    connection = context.connection
    found = connection.info.pop("_rollproof", None) if connection is not None and not connection.invalidated else None
    if found is not None:
        found[0]["millis"] = (time.perf_counter() - found[1]) * 1000.0
