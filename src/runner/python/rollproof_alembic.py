"""Alembic: one revision at a time through the project's own env.py."""

import argparse
import ast
import importlib.util
import os
import re
import sys

import rollproof_errors as errors
from rollproof_hook import Hook

ASYNC_DRIVERS = {"postgresql": ["asyncpg", "psycopg"], "mysql": ["aiomysql", "asyncmy"], "sqlite": ["aiosqlite"]}


class AlembicTool:
    """The project's Alembic."""

    def __init__(self, request):
        self.request = request
        self.root = request["root"]
        self.config = None
        self.script = None
        self.hook = None
        self.tables = []

    def start(self):
        try:
            import alembic
        except ModuleNotFoundError as error:
            if error.name != "alembic":
                raise
            raise errors.Told(
                "import",
                "alembic is not installed for this Python (%s); name the interpreter of the project's environment under "
                "`python:` in rollproof.yml" % sys.executable,
            ) from error
        self.hook = Hook(self.request.get("hook"))
        self.load()
        return {
            "tool": "alembic %s" % alembic.__version__,
            "framework": self.framework(),
            "bookkeeping": self.tables,
        }

    def framework(self):
        """What the project is built with, where that is known."""
        return None

    def load(self):
        """Makes the configuration, and has env.py run once without a migration, which imports the project."""
        from alembic.script import ScriptDirectory

        self.config = self.hook.config(self.make_config())
        self.script = ScriptDirectory.from_config(self.config)
        self.environment(self.note_tables, "head", dont_mutate=True)
        if not self.tables:
            raise errors.Told("config", "env.py runs no migrations: it never calls context.run_migrations()")

    def note_tables(self, revisions, context):
        schema = getattr(context, "version_table_schema", None)
        table = context.version_table
        name = "%s.%s" % (schema, table) if schema else table
        if name not in self.tables:
            self.tables.append(name)
        return []

    def make_config(self):
        from alembic.config import Config

        migrations = self.request["migrations"]
        ini, toml = find_configuration(migrations, self.root)
        values = {}
        if toml:
            values["toml_file"] = toml
        config = Config(ini, **values) if ini else Config(**values)
        section = self.request.get("database")
        if section:
            if not config.file_config.has_section(section):
                raise errors.Told("config", "`database: %s` names no section of %s" % (section, ini or "alembic.ini"))
            config.config_ini_section = section
        if not (config.get_main_option("script_location") or toml):
            folder = migrations if os.path.exists(os.path.join(migrations, "env.py")) else os.path.dirname(migrations)
            config.set_main_option("script_location", folder.replace("%", "%%"))
        if ini and not os.path.samefile(os.path.dirname(ini), migrations):
            # A relative path in the file starts from the folder where `alembic` is called, which is the file's.
            os.chdir(os.path.dirname(ini))
        config.cmd_opts = argparse.Namespace(x=None, sql=False, tag=None, revision="head", name=config.config_ini_section)
        url = self.url_for(config, migrations)
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        return config

    def url_for(self, config, migrations):
        """The disposable database's URL with the driver that the project means."""
        url = self.request["sqlalchemy_url"]
        plain = self.request["url"]
        scheme, _, rest = plain.partition("://")
        try:
            given = config.get_main_option("sqlalchemy.url") or ""
        except Exception:  # A URL with an interpolation that nothing fills in.
            given = ""
        found = re.match(r"(postgresql|postgres|mysql|mariadb|sqlite)\+(\w+)://", given)
        if found and scheme == {"postgres": "postgresql", "mariadb": "mysql"}.get(found.group(1), found.group(1)):
            return "%s+%s://%s" % (scheme, found.group(2), rest)
        for folder in (migrations, os.path.dirname(migrations)):
            try:
                with open(os.path.join(folder, "env.py"), encoding="utf-8") as file:
                    text = file.read()
            except OSError:
                continue
            if re.search(r"async_engine_from_config|create_async_engine", text):
                for driver in ASYNC_DRIVERS.get(scheme, []):
                    if importlib.util.find_spec(driver):
                        return "%s+%s://%s" % (scheme, driver, rest)
            break
        return url

    def environment(self, function, destination, **options):
        """Runs env.py with what `function` gives as the steps."""
        from alembic.runtime.environment import EnvironmentContext

        def run():
            with EnvironmentContext(
                self.config, self.script, fn=function, as_sql=False, destination_rev=destination, **options
            ):
                self.script.run_env()

        self.around(lambda: self.hook.run(run))

    def around(self, function):
        """Calls a function with what the project needs around it."""
        return function()

    def list(self):
        found = {}

        def walk():
            try:
                found["revisions"] = list(self.script.walk_revisions())
                found["heads"] = list(self.script.get_heads())
            except Exception as error:
                if type(error).__module__.startswith("alembic"):
                    raise errors.Told("config", "alembic cannot read the revisions: %s" % error) from error
                raise

        self.around(lambda: self.hook.run(walk))
        revisions = [self.described(revision) for revision in reversed(found["revisions"])]
        return {"revisions": revisions, "heads": found["heads"]}

    def described(self, revision):
        file = revision.path
        line, down, why = read_file(file)
        return {
            "id": revision.revision,
            "parents": list(revision._versioned_down_revisions),
            "depends_on": list(revision._resolved_dependencies),
            "branch_labels": sorted(revision.branch_labels or ()),
            "file": file,
            "line": line,
            "doc": revision.doc,
            "down": down,
            "why": why,
            "ours": True,
        }

    def step(self, direction, revision):
        from alembic.runtime.migration import MigrationStep

        script = self.script.get_revision(revision)
        make = MigrationStep.upgrade_from_script if direction == "up" else MigrationStep.downgrade_from_script
        steps = [make(self.script.revision_map, script)]
        self.environment(lambda revisions, context: steps, revision)

    def tidy(self):
        """After each step."""

    def release(self):
        """Lets go of what holds the database."""
        self.tidy()


def find_configuration(migrations, root):
    """alembic.ini and pyproject.toml that name the migrations, from their folder up to the project's root."""
    folder = migrations
    while True:
        ini = os.path.join(folder, "alembic.ini")
        toml = os.path.join(folder, "pyproject.toml")
        if not os.path.exists(toml) or not has_section(toml):
            toml = None
        if os.path.exists(ini) or toml:
            return (ini if os.path.exists(ini) else None), toml
        if folder == root or os.path.dirname(folder) == folder:
            return None, None
        folder = os.path.dirname(folder)


def has_section(toml):
    with open(toml, encoding="utf-8") as file:
        return re.search(r"^\s*\[tool\.alembic\]", file.read(), re.M) is not None


def read_file(path):
    """The line of upgrade(), and what downgrade() does as far as its text says: present, empty, raises or missing."""
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return None, "present", None
    functions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    line = upgrade.lineno if upgrade else None
    if downgrade is None:
        imported = any(
            isinstance(node, (ast.Assign, ast.ImportFrom, ast.AnnAssign)) and "downgrade" in ast.dump(node) for node in tree.body
        )
        return line, "present" if imported else "missing", None
    body = [node for node in downgrade.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    body = [node for node in body if not isinstance(node, ast.Pass)]
    if not body:
        return line, "empty", None
    if isinstance(body[0], ast.Raise):
        call = body[0].exc
        words = getattr(call, "args", None)
        said = words[0].value if words and isinstance(words[0], ast.Constant) else None
        return line, "raises", said
    return line, "present", None
