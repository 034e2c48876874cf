"""Errors as people read them: the first one, in the migration's own file, without secrets."""

import ast
import os
import re
import sys
import traceback

FOREIGN = re.compile(r"[/\\](site-packages|dist-packages|\.venv|venv)[/\\]|[/\\]rollproof_\w+\.py$|^<frozen")
LATER = ("InFailedSqlTransaction", "InFailedSQLTransactionError", "PendingRollbackError", "TransactionManagementError")
SECRET_NAME = re.compile(r"passw|passwd|pwd|secret|token|credential|api_?key|_key$|^key$", re.I)


class Told(Exception):
    """An error of ours with its kind and its words."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def is_own(file, root):
    """Whether a file is the project's own."""
    return file.startswith(root + os.sep) and not FOREIGN.search(file)


def redact(text):
    """A text without passwords in URLs and without the values of the environment's secrets."""
    text = re.sub(r"(\w[\w+.-]*://[^\s:/@'\"]*):[^\s'\"]*@", r"\1:***@", str(text))
    for name, value in os.environ.items():
        # PWD and OLDPWD are folders.
        if len(value) >= 4 and SECRET_NAME.search(name) and not name.endswith("PWD"):
            text = text.replace(value, "***")
    return text


def chain(error):
    """The error and those that it came from, last to first."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return seen


def first(error):
    """The error that counts: not the one that says only that something failed before."""
    errors = chain(error)
    for one in errors:
        names = {type(one).__name__, type(getattr(one, "orig", None)).__name__}
        if not names.intersection(LATER):
            return one
    return errors[-1]


def driver_error(error):
    """The error of the database's driver behind an error, if there is one."""
    for one in chain(error):
        original = getattr(one, "orig", None)
        for candidate in (original, one, getattr(original, "__cause__", None)):
            if candidate is not None and code_of(candidate) is not None:
                return candidate
    return None


def code_of(error):
    """The server's code in a driver's error."""
    module = type(error).__module__.split(".")[0]
    if module in ("psycopg", "psycopg2"):
        return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if module == "asyncpg":
        return getattr(error, "sqlstate", None)
    if module in ("pymysql", "MySQLdb", "aiomysql", "asyncmy"):
        arguments = getattr(error, "args", ())
        return str(arguments[0]) if arguments and isinstance(arguments[0], int) and arguments[0] > 0 else None
    if module == "mysql":
        number = getattr(error, "errno", None)
        return str(number) if isinstance(number, int) and number > 0 else None
    if module == "sqlite3":
        return getattr(error, "sqlite_errorname", None) or "SQLITE_ERROR"
    if module == "sqlalchemy" and getattr(error, "orig", None) is not None:
        return code_of(error.orig) or getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return None


def describe(error, migration_file=None, root=""):
    """The error as the protocol has it."""
    error = first(error)
    kind, code, message, detail = kind_of(error)
    frames = [frame for frame in frames_of(error) if is_own(frame.filename, root)]
    own = None
    if migration_file:
        real = os.path.realpath(migration_file)
        inside = [frame for frame in frames_of(error) if os.path.realpath(frame.filename) == real]
        own = inside[-1] if inside else None
        if own is not None and kind == "tool" and frames and frames[-1] == own and is_raise(own):
            kind = "refused"
    file, line = None, None
    if own is not None:
        file, line = own.filename, own.lineno
    elif isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    elif frames and not migration_file:
        file, line = frames[-1].filename, frames[-1].lineno
    statement = None
    for one in chain(error):
        if isinstance(getattr(one, "statement", None), str):
            statement = one.statement.strip()[:4000]
    return {
        "kind": kind,
        "type": type(error).__module__ + "." + type(error).__qualname__,
        "code": code,
        "message": redact(message),
        "detail": redact(detail) if detail else None,
        "file": file,
        "line": line,
        "statement": statement,
        "frames": [
            {"file": frame.filename, "line": frame.lineno, "function": frame.name, "code": redact(frame.line or "")}
            for frame in frames[-8:]
        ],
        "missing_module": getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None,
    }


def frames_of(error):
    return traceback.extract_tb(error.__traceback__)


def is_raise(frame):
    """Whether the statement at a frame's line is a `raise`."""
    try:
        with open(frame.filename, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.Raise) and node.lineno <= frame.lineno <= node.end_lineno for node in ast.walk(tree))


def kind_of(error):
    """Who failed, the code, the message and what is said besides."""
    guard = sys.modules.get("rollproof_guard")
    if guard is not None and isinstance(error, guard.Refused):
        return "guard", None, str(error), None
    if isinstance(error, SystemExit):
        code = "" if error.code is None else " with %r" % (error.code,)
        return "exit", None, "the migration ended the program (sys.exit%s)" % code, None
    if isinstance(error, KeyboardInterrupt):
        return "exit", None, "the migration was interrupted (KeyboardInterrupt)", None
    driver = driver_error(error)
    if driver is not None:
        code = code_of(driver)
        message, detail = words_of(driver)
        kind = "refused" if code in ("P0001", "45000", "1644") else "server"
        return kind, code, message, detail
    if isinstance(error, ImportError):
        return "import", None, str(error), None
    text = str(error).split("\n(Background on this error at")[0].split("\n[SQL:")[0].strip()
    name = type(error).__name__
    if isinstance(error, AssertionError) and not text:
        # The assertion is all that says what is wrong: `assert constraint_name is not None`.
        frames = frames_of(error)
        text = "AssertionError: %s" % (frames[-1].line if frames else "")
    elif isinstance(error, KeyError):
        text = "%s: %s" % (name, text)
    elif not text:
        text = name
    elif type(error).__module__ == "builtins" and not text.startswith(name) and name not in ("Exception", "RuntimeError", "ValueError"):
        text = "%s: %s" % (name, text)
    return "tool", None, text, None


def words_of(driver):
    """The server's own words."""
    diagnosis = getattr(driver, "diag", None)
    if diagnosis is not None and getattr(diagnosis, "message_primary", None):
        more = [("DETAIL", diagnosis.message_detail), ("HINT", diagnosis.message_hint), ("CONTEXT", diagnosis.context)]
        return diagnosis.message_primary, "\n".join("%s: %s" % (name, value) for name, value in more if value) or None
    if type(driver).__module__.startswith("asyncpg"):
        more = [("DETAIL", getattr(driver, "detail", None)), ("HINT", getattr(driver, "hint", None))]
        return str(driver.args[0]), "\n".join("%s: %s" % (name, value) for name, value in more if value) or None
    arguments = getattr(driver, "args", ())
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return str(getattr(driver, "msg", None) or arguments[1]), None
    text = str(driver).split("\n[SQL:")[0].split("\n(Background")[0]
    return re.sub(r"^\((\w+\.)*\w+\) ", "", text).strip(), None
