"""Which line of a migration's file an operation stands on, and telling it to the capture while the operation runs."""

import ast
import contextlib

import rollproof_capture

NESTED = ("database_operations", "state_operations", "operations")


def _said(set_line):
    """The capture's own way to be told of a line; without one, lines come only from frames in the file."""
    return set_line if callable(set_line) else (lambda line: None)


def read(path):
    """The syntax tree of a migration's file, or None where there is no source."""
    try:
        with open(path, "rb") as file:
            return ast.parse(file.read(), path)
    except (OSError, SyntaxError, ValueError, TypeError):
        return None


def assigned(tree, name):
    """The statement that assigns `name` in class Migration."""
    for node in getattr(tree, "body", ()):
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            for statement in node.body:
                targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    return statement
    return None


def first_line(tree):
    """The line of `operations =`, or of the class."""
    statement = assigned(tree, "operations")
    if statement is not None:
        return statement.lineno
    for node in getattr(tree, "body", ()):
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            return node.lineno
    return None


def of_operations(tree, operations):
    """[(operation, line)] for all operations, nested ones too.

    An element of the list literal stands for the operation of its place. Where a starred element brings a number of
    operations, those before it are counted from the front and those behind it from the back. Any other way of making
    the list leaves the line of `operations =`.
    """
    statement = assigned(tree, "operations")
    fallback = first_line(tree)
    return list(_walk(getattr(statement, "value", None), operations, fallback))


def _walk(literal, operations, fallback):
    for operation, node in zip(operations, _elements(literal, len(operations))):
        line = node.lineno if node is not None else fallback
        yield operation, line
        for name in NESTED:
            inner = getattr(operation, name, None)
            if isinstance(inner, (list, tuple)) and inner:
                yield from _walk(_argument(node, name), inner, line)


def _elements(literal, count):
    """The elements of a list literal, one for each operation; None where that cannot be told."""
    found = [None] * count
    if not isinstance(literal, (ast.List, ast.Tuple)):
        return found
    parts = literal.elts
    starred = [place for place, part in enumerate(parts) if isinstance(part, ast.Starred)]
    if not starred:
        return list(parts) if len(parts) == count else found
    head, tail = parts[:starred[0]], parts[starred[-1] + 1:]
    if len(head) + len(tail) <= count:
        found[:len(head)] = head
        if tail:
            found[-len(tail):] = tail
        if len(starred) == 1:
            bulk = count - len(head) - len(tail)
            found[len(head):len(head) + bulk] = [parts[starred[0]]] * bulk
    return found


def _argument(node, name):
    """The argument of a call that gives `name`, by keyword or as SeparateDatabaseAndState orders them."""
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    place = {"database_operations": 0, "state_operations": 1}.get(name, 0)
    return node.args[place] if place < len(node.args) else None


class Teller:
    """Tells the capture the line of the operation that runs, and remembers it for an error that has no frame."""

    def __init__(self, fallback):
        self.line = fallback
        self.fallback = fallback
        self._set = _said(getattr(rollproof_capture, "set_line", None))
        # Statements that were put off, with the line of the operation that did: the objects are kept, so that no
        # other object can have the identity of one of them.
        self._deferred = {}
        self._watched = []

    def tell(self, line):
        """From now on this line is at work."""
        self.line = line
        self._set(line)

    @contextlib.contextmanager
    def watching(self, lines):
        """Puts a shell around the operations of one migration for as long as it runs."""
        shelled = []
        try:
            for operation, line in lines:
                for name in ("database_forwards", "database_backwards"):
                    if name not in vars(operation):
                        setattr(operation, name, self._shell(getattr(operation, name), line))
                        shelled.append((operation, name))
            self.tell(self.fallback)
            yield self
        finally:
            for operation, name in shelled:
                vars(operation).pop(name, None)
            for editor in self._watched:
                vars(editor).pop("execute", None)
            self._watched.clear()
            self._deferred.clear()
            self._set(None)

    def _shell(self, method, line):
        def run(app_label, schema_editor, from_state, to_state):
            self._watch(schema_editor)
            outer = self.line
            self.tell(line)
            result = method(app_label, schema_editor, from_state, to_state)
            self._put_off(schema_editor, line)
            # Only after success: a failure keeps the line that it happened on.
            self.tell(outer)
            return result

        return run

    def _put_off(self, editor, line):
        for statement in editor.deferred_sql:
            self._deferred.setdefault(id(statement), (statement, line))

    def _watch(self, editor):
        if any(editor is one for one in self._watched):
            return
        execute = editor.execute

        def run(sql, *args, **kwargs):
            put_off = self._deferred.get(id(sql))
            if put_off is None:
                return execute(sql, *args, **kwargs)
            outer = self.line
            self.tell(put_off[1])
            result = execute(sql, *args, **kwargs)
            self.tell(outer)
            return result

        editor.execute = run
        self._watched.append(editor)
