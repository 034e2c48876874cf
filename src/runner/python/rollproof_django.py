"""Runs the migrations of a Django project one at a time, with Django's own executor.

What `migrate` does once per command and what becomes of it here:
- pre_migrate is sent before every step, since projects make extensions and schemas in it that migrations need.
- post_migrate is not sent: it writes rows (content types, permissions) that the migrations of a fresh deployment do
  not find either, because one `migrate` sends it after all of them. Receivers of the project's own are named in a note.
- System checks, --fake, --fake-initial and --run-syncdb have no part in it.
"""

import os
import platform
import time

import rollproof_capture
import rollproof_django_list as listing
import rollproof_django_setup as setup
import rollproof_errors
from rollproof_django_lines import Teller, assigned, first_line, of_operations, read
from rollproof_django_states import States
from rollproof_hook import Hook


class DjangoTool:
    """One database (alias) of one Django project."""

    def __init__(self, request):
        self.root = os.path.abspath(request["root"])
        self.alias = request.get("database") or "default"
        self.allowed = request.get("allowed") or []
        self.hook_name = request.get("hook")
        self.hook = None
        self.notes = []
        self._loader = None
        self._plan = None
        self._states = None
        self._table = "django_migrations"

    def take_notes(self):
        """What a reader should know, once."""
        notes, self.notes = self.notes, []
        return notes

    def start(self):
        """Loads the project once. Raises `Failed` when that is not to be had."""
        began = time.monotonic()
        self.hook = Hook(self.hook_name)
        self.hook.run(lambda: setup.load(self.root))
        import django
        from django.db import connections
        from django.db.migrations.recorder import MigrationRecorder
        from django.utils.connection import ConnectionDoesNotExist

        self._table = MigrationRecorder.Migration._meta.db_table
        try:
            connection = connections[self.alias]
        except ConnectionDoesNotExist:
            known = ", ".join(sorted(connections))
            raise setup.Failed(setup.plain_error(
                "config", "DATABASES has no '{}'; it has: {}".format(self.alias, known))) from None
        except BaseException as exc:
            raise setup.Failed(setup.loading_error(exc, self.root)) from exc
        self._look_at_target(connection)
        try:
            connection.ensure_connection()
        except BaseException as exc:
            raise setup.Failed(rollproof_errors.describe(exc, None, self.root)) from exc
        finally:
            self.release()
        return {
            "tool": "Django {}".format(django.get_version()),
            "python": platform.python_version(),
            "framework": None,
            "bookkeeping": [self._table],
            "imports_millis": round((time.monotonic() - began) * 1000),
        }

    def _look_at_target(self, connection):
        target = setup.target_of(connection)
        if not self.allowed or setup.is_allowed(target, self.allowed):
            return
        message = (
            "the settings' database '{}' is {}, not the disposable database {}: pass the disposable one under "
            "`environment:` in the variables that the settings read (DATABASE_URL: ${{url}}, or several with its parts)"
        ).format(self.alias, setup.told(target), " or ".join(setup.told(one) for one in self.allowed))
        raise setup.Failed(setup.plain_error("guard", message, file=self._settings_file()))

    @staticmethod
    def _settings_file():
        import sys

        module = sys.modules.get(os.environ.get("DJANGO_SETTINGS_MODULE", ""))
        return getattr(module, "__file__", None)

    def list(self):
        """Every migration that `migrate` would run on an empty database, in its order."""
        connection = self._connection()
        self._load()
        graph = self._loader.graph
        rolls_back = connection.features.can_rollback_ddl
        conflicts = self._loader.detect_conflicts()
        self._note_what_is_left_out()
        return {
            "revisions": [listing.revision(graph, key, self.root, rolls_back) for key in self._plan],
            "heads": [listing.identity(key) for key in sorted(graph.leaf_nodes())],
            "conflicts": [
                {"app": app, "heads": [listing.identity((app, name)) for name in sorted(names)]}
                for app, names in sorted(conflicts.items())
            ],
        }

    def _load(self):
        """The graph as for an empty database, where a squashed migration stands for those that it replaces."""
        if self._loader is not None:
            return
        from django.db.migrations.loader import MigrationLoader
        from django.db.migrations.state import ProjectState

        try:
            # Without a connection nothing counts as applied.
            loader = MigrationLoader(None, replace_migrations=True)
            executor = self._executor(loader)
            plan = [(one.app_label, one.name) for one, _ in executor.migration_plan(loader.graph.leaf_nodes())]
        except BaseException as exc:
            raise setup.Failed(self._graph_error(exc)) from exc
        real = getattr(loader, "unmigrated_apps", set())
        self._states = States(loader.graph, lambda: ProjectState(real_apps=real))
        self._loader, self._plan = loader, plan

    def _graph_error(self, exc):
        """ERROR for a graph that does not hold, with the file that asks for what is not there."""
        error = setup.loading_error(exc, self.root)
        origin = getattr(exc, "origin", None)
        if origin is not None and hasattr(origin, "app_label"):
            path = listing.file_of(origin)
            statement = assigned(read(path), "dependencies")
            error["file"] = path
            error["line"] = statement.lineno if statement is not None else None
        return error

    def _note_what_is_left_out(self):
        from django.apps import apps
        from django.db.models.signals import post_migrate

        bare = [config.label for config in apps.get_app_configs()
                if config.label in self._loader.unmigrated_apps
                and any(model._meta.managed and not model._meta.proxy for model in config.get_models())]
        if bare:
            self.notes.append("apps with models and without migrations, whose tables no migration makes: "
                              + ", ".join(sorted(bare)))
        ours = sorted(filter(None, map(self._own_receiver, post_migrate.receivers)))
        if ours:
            self.notes.append("post_migrate receivers are not called between migrations: " + ", ".join(ours))

    def _own_receiver(self, entry):
        receiver = entry[1]
        # Receivers are held weakly, unless they asked otherwise.
        receiver = receiver() if type(receiver).__name__ in ("ReferenceType", "WeakMethod") else receiver
        code = getattr(receiver, "__code__", None)
        if code is None or not listing.is_ours(os.path.realpath(code.co_filename), self.root):
            return None
        return "{}.{}".format(receiver.__module__, receiver.__qualname__)

    def step(self, direction, revision):
        """Runs exactly one migration on the database as it is."""
        self._load()
        key = tuple(revision.split(".", 1))
        migration = self._loader.graph.nodes.get(key)
        if migration is None:
            raise setup.Failed(setup.plain_error("config", "there is no migration {}".format(revision)))
        path = listing.file_of(migration)
        tree = read(path)
        teller = Teller(first_line(tree))
        statements, capturing, error = [], False, None
        began = time.monotonic()
        executor = None
        try:
            executor = self._executor(self._loader)
            connection = executor.connection
            connection.prepare_database()
            executor.recorder.ensure_schema()
            applied = self._applied(executor.recorder)
            self._check_place(direction, key, applied)
            state = self._states.after(self._before(direction, key, applied))
            self._clear_caches(state)
            original = list(migration.operations)
            places = of_operations(tree, original)
            try:
                self._before_migrating(state, migration, direction)
                rollproof_capture.start(path, {self._table})
                capturing = True
                began = time.monotonic()
                with self._wrapped(), teller.watching(places):
                    self._run(executor, direction, state, migration)
            finally:
                # Receivers of pre_migrate put operations in, for this one command.
                migration.operations[:] = original
            if direction == "up":
                self._states.keep(self._in_order(applied | {key}), state)
            if self._loader.replacements:
                executor.check_replacements()
        except setup.Failed as exc:
            error = exc.error
        except BaseException as exc:
            error = self._step_error(exc, path, teller, tree, migration)
        finally:
            millis = (time.monotonic() - began) * 1000
            if capturing:
                statements = rollproof_capture.stop()
            self._let_go(revision)
        return {"millis": millis, "statements": statements, "error": error}

    def _run(self, executor, direction, state, migration):
        run = executor.apply_migration if direction == "up" else executor.unapply_migration
        self.hook.run(lambda: run(state, migration))

    def _check_place(self, direction, key, applied):
        if (direction == "up") == (key in applied):
            said = "already applied" if direction == "up" else "not applied"
            raise setup.Failed(setup.plain_error(
                "tool", "{} is {} according to {}".format(listing.identity(key), said, self._table)))

    def _before(self, direction, key, applied):
        """What the models are to contain: going up, all that is applied, and going down, all of it that Django would
        have applied before."""
        ordered = self._in_order(applied - {key})
        if direction == "up" or key not in self._plan:
            return ordered
        earlier = set(self._plan[:self._plan.index(key)])
        return [one for one in ordered if one in earlier]

    def _in_order(self, keys):
        return [key for key in self._plan if key in keys]

    def _applied(self, recorder):
        """As MigrationLoader counts: a squashed migration is applied when all those are that it replaces."""
        applied = set(recorder.applied_migrations())
        for key, migration in self._loader.replacements.items():
            if all(tuple(one) in applied for one in migration.replaces):
                applied.add(key)
            else:
                applied.discard(key)
        return applied & set(self._loader.graph.nodes)

    def _before_migrating(self, state, migration, direction):
        from django.core.management.sql import emit_pre_migrate_signal

        emit_pre_migrate_signal(0, False, self.alias, apps=state.apps, plan=[(migration, direction == "down")])

    def _step_error(self, exc, path, teller, tree, migration):
        from django.db.migrations.exceptions import IrreversibleError

        error = rollproof_errors.describe(exc, path, self.root)
        if error.get("kind") == "guard":
            return error
        if error.get("file") is None or (error["file"] == path and error.get("line") is None):
            error["file"], error["line"] = path, teller.line
        if isinstance(exc, (IrreversibleError, NotImplementedError)):
            down, why = listing.way_back(migration, tree)
            if down == "raises":
                error["message"], error["type"] = why, None
                error["line"] = listing.irreversible_line(migration, tree) or error["line"]
        if error.get("statement") is None and error.get("kind") == "server":
            last = rollproof_capture.last_statement()
            error["statement"] = last["sql"] if last else None
        return error

    def _wrapped(self):
        """Has the capture see every statement of every alias."""
        import contextlib

        from django.db import connections

        stack = contextlib.ExitStack()
        wrapper = getattr(rollproof_capture, "django_wrapper", None)
        if wrapper is not None:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(wrapper))
        return stack

    def _clear_caches(self, state):
        """Forgets rows that managers remember: every `migrate` is a process of its own, this one is not, and the
        database has been replaced under it."""
        from django.apps import apps

        for registry in [apps] + [one.apps for one in self._states.states() + [state] if "apps" in vars(one)]:
            for app, name in (("contenttypes", "contenttype"), ("sites", "site")):
                model = registry.all_models.get(app, {}).get(name)
                clear = getattr(getattr(model, "objects", None), "clear_cache", None)
                if clear is not None:
                    clear()

    def _connection(self):
        from django.db import connections

        return connections[self.alias]

    def _executor(self, loader):
        """Django's executor with a graph that was read once: its own constructor would read all files' graph anew."""
        from django.db.migrations.executor import MigrationExecutor
        from django.db.migrations.recorder import MigrationRecorder

        executor = MigrationExecutor.__new__(MigrationExecutor)
        executor.connection = self._connection()
        executor.loader = loader
        executor.recorder = MigrationRecorder(executor.connection)
        executor.progress_callback = None
        return executor

    def _let_go(self, revision):
        """Closes all connections, so that neither a transaction nor a setting of the session outlives the step."""
        from django.db import connections

        for connection in connections.all():
            if _is_open(connection):
                self.notes.append("{} left a transaction open in '{}': it was rolled back".format(
                    revision, connection.alias))
        self.release()

    def release(self):
        """Closes the connections of every alias; the next step connects anew."""
        from django.db import connections

        for connection in connections.all():
            if connection.connection is None and not connection.in_atomic_block:
                continue
            try:
                if connection.connection is not None and not connection.get_autocommit():
                    connection.connection.rollback()
            except Exception:  # The server may have ended it, which is as good.
                pass
            # What an aborted atomic block left behind would make close() wait for the end of the block.
            connection.in_atomic_block = False
            connection.savepoint_ids = []
            connection.needs_rollback = False
            connection.closed_in_transaction = False
            try:
                connection.close()
            except Exception:
                connection.connection = None
            pool = getattr(connection, "close_pool", None)
            if pool is not None:
                pool()


def _is_open(connection):
    """Whether a transaction is open, in the words of Django or of the driver."""
    raw = connection.connection
    if raw is None:
        return False
    try:
        if connection.in_atomic_block or not connection.get_autocommit():
            return True
        if hasattr(raw, "in_transaction"):
            return bool(raw.in_transaction)
        if hasattr(raw, "get_transaction_status"):
            return raw.get_transaction_status() != 0
        if hasattr(raw, "info") and hasattr(raw.info, "transaction_status"):
            return int(raw.info.transaction_status) != 0
        status = getattr(raw, "server_status", None)
        return isinstance(status, int) and bool(status & 1)
    except Exception:
        return False
