"""Django: one migration at a time through its own executor, on states of the models that are worked out once.

What `migrate` does once for a command and no migration does, the signals that make content types and permissions, is left out:
it writes rows and no schema, and each step stands for itself.
"""

import rollproof_capture as capture
import rollproof_django_lines as lines
import rollproof_django_list as listing
import rollproof_django_setup as setup
import rollproof_django_states as states

TABLE = "django_migrations"


class DjangoTool:
    """The project's Django."""

    def __init__(self, request):
        self.request = request
        self.root = request["root"]
        self.alias = request.get("database") or "default"
        self.connection = None
        self.executor = None
        self.plan = []
        self.states = None

    def start(self):
        setup.load(self.root)
        import django
        from django.db import connections
        from django.utils.connection import ConnectionDoesNotExist

        try:
            self.connection = connections[self.alias]
        except ConnectionDoesNotExist as error:
            raise setup.Failed(setup.plain_error(
                "config", "the settings have no database `%s`; there are: %s" % (self.alias, ", ".join(sorted(connections)))
            )) from error
        target = setup.target_of(self.connection)
        if not setup.is_allowed(target, self.request["allowed"]):
            raise setup.Failed(setup.plain_error(
                "guard",
                "the settings lead the database `%s` to %s, which is not the disposable database; nothing was sent to it"
                % (self.alias, setup.told(target)),
            ))
        self.connection.ensure_connection()
        return {
            "tool": "Django %s" % django.get_version(),
            "framework": None,
            "bookkeeping": [TABLE],
        }

    def load(self):
        from django.db.migrations.exceptions import CircularDependencyError, NodeNotFoundError
        from django.db.migrations.executor import MigrationExecutor
        from django.db.migrations.loader import AmbiguityError

        try:
            self.executor = MigrationExecutor(self.connection)
            graph = self.executor.loader.graph
            self.plan = [
                (migration.app_label, migration.name)
                for migration, _ in self.executor.migration_plan(graph.leaf_nodes(), clean_start=True)
            ]
        except (NodeNotFoundError, CircularDependencyError, AmbiguityError) as error:
            raise setup.Failed(setup.plain_error("config", "Django cannot order the migrations: %s" % error)) from error
        self.states = states.States(graph, lambda: self.executor._create_project_state(with_applied_migrations=False))

    def list(self):
        if self.executor is None:
            self.load()
        graph = self.executor.loader.graph
        rolls_back = self.connection.features.can_rollback_ddl
        return {
            "revisions": [listing.revision(graph, key, self.root, rolls_back) for key in self.plan],
            "heads": [listing.identity(key) for key in graph.leaf_nodes()],
            "conflicts": {app: sorted(names) for app, names in self.executor.loader.detect_conflicts().items()},
        }

    def step(self, direction, revision):
        if self.executor is None:
            self.load()
        key = next(key for key in self.plan if listing.identity(key) == revision)
        place = self.plan.index(key)
        migration = self.executor.loader.graph.nodes[key]
        self.executor.recorder.ensure_schema()
        path = listing.file_of(migration)
        tree = lines.read(path)
        teller = lines.Teller(lines.first_line(tree))
        before = self.states.after(self.plan[:place])
        try:
            with teller.watching(lines.of_operations(tree, migration.operations)):
                with self.connection.execute_wrapper(capture.django_wrapper):
                    if direction == "up":
                        after = self.executor.apply_migration(before, migration)
                        self.states.keep(self.plan[: place + 1], after)
                    else:
                        self.executor.unapply_migration(before, migration)
        except Exception as error:
            error.rollproof_place = (path, teller.line)
            raise

    def tidy(self):
        """Connections in a transaction that nobody ended are closed by the worker."""
        if self.connection is not None and self.connection.in_atomic_block:
            self.connection.close()

    def release(self):
        from django.db import connections

        connections.close_all()
