"""Flask-Migrate: Alembic inside the application, which is found as the `flask` command finds it."""

import os
import sys

import rollproof_alembic as alembic_tool
import rollproof_errors as errors


class FlaskTool(alembic_tool.AlembicTool):
    """The application's Flask-Migrate."""

    def __init__(self, request):
        super().__init__(request)
        self.app = None

    def framework(self):
        from importlib.metadata import version

        return "Flask %s and Flask-Migrate %s" % (version("flask"), version("flask-migrate"))

    def load(self):
        for module in ("flask", "flask_migrate"):
            try:
                __import__(module)
            except ModuleNotFoundError as error:
                if error.name != module:
                    raise
                raise errors.Told(
                    "import",
                    "%s is not installed for this Python (%s); name the interpreter of the project's environment under "
                    "`python:` in rollproof.yml" % (module.replace("_", "-"), sys.executable),
                ) from error
        from flask import cli

        # The command reads .flaskenv and .env before it looks for the application; neither overrides the environment.
        if hasattr(cli, "load_dotenv"):
            cli.load_dotenv()
        info = cli.ScriptInfo(set_debug_flag=False)
        if not info.app_import_path:
            info.app_import_path = os.environ.get("FLASK_APP")
        try:
            self.app = self.hook.run(info.load_app)
        except cli.NoAppException as error:
            cause = error.__cause__ or error.__context__
            if cause is not None and not isinstance(cause, (AttributeError, cli.NoAppException)):
                raise cause
            raise errors.Told(
                "import",
                "Flask finds no application: %s. Set FLASK_APP under `environment:` in rollproof.yml as you do for `flask db "
                "upgrade`" % " ".join(str(error).split()),
            ) from error
        if "migrate" not in self.app.extensions:
            raise errors.Told(
                "config",
                "the application does not use Flask-Migrate: there is no Migrate(app, db) behind its factory (extensions: %s)"
                % ", ".join(sorted(self.app.extensions)),
            )
        super().load()

    def make_config(self):
        if self.request.get("database"):
            raise errors.Told(
                "config",
                "`database` has no meaning with flask-migrate, whose env.py goes through all binds in one run; leave it out",
            )
        migrations = self.request["migrations"]
        folder = migrations if os.path.exists(os.path.join(migrations, "env.py")) else os.path.dirname(migrations)
        with self.app.app_context():
            return self.app.extensions["migrate"].migrate.get_config(folder)

    def around(self, function):
        with self.app.app_context():
            return function()

    def tidy(self):
        db = getattr(self.app.extensions.get("migrate"), "db", None)
        session = getattr(db, "session", None)
        if hasattr(session, "remove"):
            with self.app.app_context():
                session.remove()

    def release(self):
        self.tidy()
        db = getattr(self.app.extensions.get("migrate"), "db", None)
        with self.app.app_context():
            # Flask-SQLAlchemy 3 has several engines; before it there is one.
            engines = getattr(db, "engines", None) or {None: getattr(db, "engine", None)}
            for engine in (engines.values() if hasattr(engines, "values") else []):
                if engine is not None:
                    engine.dispose()
