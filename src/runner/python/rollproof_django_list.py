"""What there is to say of every migration of a Django project without running it."""

import inspect
import os
import sys

import rollproof_django_lines as lines

LIBRARIES = {"site-packages", "dist-packages", ".venv"}


def identity(key):
    """app.0001_name"""
    return "{}.{}".format(*key)


def file_of(migration):
    """The file that defines a migration, if it has one."""
    module = sys.modules.get(type(migration).__module__)
    path = getattr(module, "__file__", None)
    return os.path.realpath(path) if path else None


def is_ours(path, root):
    """Whether a file is the project's own: inside its root, and not among installed packages."""
    if path is None:
        return False
    root = os.path.realpath(root)
    if os.path.commonpath([path, root]) != root:
        return False
    return not LIBRARIES.intersection(os.path.relpath(path, root).split(os.sep))


def revision(graph, key, root, rolls_back_ddl):
    """One entry of `revisions`."""
    migration = graph.nodes[key]
    path = file_of(migration)
    tree = lines.read(path)
    before = sorted(parent.key for parent in graph.node_map[key].parents)
    down, why = way_back(migration, tree)
    module = sys.modules.get(type(migration).__module__)
    return {
        "id": identity(key),
        "parents": [identity(parent) for parent in before if parent[0] == key[0]],
        "depends_on": [identity(parent) for parent in before if parent[0] != key[0]],
        "branch_labels": [],
        "file": path,
        "line": lines.first_line(tree),
        "doc": inspect.cleandoc(getattr(module, "__doc__", None) or ""),
        "down": down,
        "why": why,
        "app": key[0],
        "replaces": [identity(replaced) for replaced in migration.replaces],
        "ours": is_ours(path, root),
        "transaction": transaction(migration, rolls_back_ddl),
    }


def transaction(migration, rolls_back_ddl):
    """How Django itself wraps the migration: see Migration.apply, which makes a transaction for single operations
    where there is none around all of them."""
    if migration.atomic and rolls_back_ddl:
        return "wrapped"
    single = [one for one in migration.operations
              if one.atomic or (migration.atomic and one.atomic is not False)]
    return "mixed" if single else "autocommit"


def way_back(migration, tree):
    """("present"|"empty"|"raises", why)"""
    places = lines.of_operations(tree, migration.operations)
    line_of = {id(operation): line for operation, line in places}
    for operation in _run(migration.operations):
        why = _no_way_back(operation)
        if why:
            line = line_of.get(id(operation))
            where = " in line {}".format(line) if line else ""
            return "raises", "{}{} {}".format(type(operation).__name__, where, why)
    if all(_does_nothing_back(operation) for operation in _run(migration.operations)):
        return "empty", None
    return "present", None


def irreversible_line(migration, tree):
    """The line of the operation that cannot be reversed, where that shows."""
    line_of = {id(operation): line for operation, line in lines.of_operations(tree, migration.operations)}
    for operation in _run(migration.operations):
        if _no_way_back(operation):
            return line_of.get(id(operation))
    return None


def _run(operations):
    """The operations that are run on a database, those inside of others in their place."""
    for operation in operations:
        inner = getattr(operation, "database_operations", None)
        if isinstance(inner, (list, tuple)) and operation.reversible:
            yield from _run(inner)
        else:
            yield operation


def _no_way_back(operation):
    """What to add to an operation that cannot be reversed, or None."""
    if operation.reversible:
        return None
    if hasattr(operation, "reverse_code"):
        name = getattr(getattr(operation, "code", None), "__name__", "?")
        return ("({}) has no reverse_code: give it a function that undoes the change, or "
                "migrations.RunPython.noop if there is nothing to undo").format(name)
    if hasattr(operation, "reverse_sql"):
        return ("has no reverse_sql: give it the statements that undo the change, or "
                "migrations.RunSQL.noop if there is nothing to undo")
    return "says of itself that it is not reversible (reversible = False): give it a database_backwards"


def _does_nothing_back(operation):
    from django.db.migrations import RunPython, RunSQL

    if isinstance(operation, RunPython):
        return operation.reverse_code is RunPython.noop
    if isinstance(operation, RunSQL):
        return not operation.reverse_sql
    return False
