"""Flask-Migrate through the worker, on SQLite."""

import os
import unittest

from harness import Project, revision

ENV = """
    from alembic import context
    from flask import current_app

    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=current_app.extensions["migrate"].db.metadata)
        with context.begin_transaction():
            context.run_migrations()
"""
APP = """
    import os
    from flask import Flask
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    def create_app():
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["SQLALCHEMY_DATABASE_URI"]
        db.init_app(app)
        Migrate(app, db)
        return app
"""
FIRST = revision("aa01", None, 'op.create_table("t", sa.Column("a", sa.Integer))', 'op.drop_table("t")',
                 head="from flask import current_app\nname = current_app.name")


def project(app=APP, first=FIRST, more=None, **options):
    files = {"app.py": app, "migrations/alembic.ini": "[alembic]\n", "migrations/env.py": ENV, "migrations/versions/aa01.py": first}
    files.update(more or {})
    return Project(files, kind="flask-migrate", **options)


class FlaskMigrate(unittest.TestCase):
    def test_a_factory_and_a_revision_that_uses_the_application(self):
        with project() as worker:
            started = worker.start()
            self.assertTrue(started["ok"], started)
            self.assertIn("Flask 3.", started["framework"])
            self.assertEqual([one["id"] for one in worker.ask("list")["revisions"]], ["aa01"])
            for _ in range(2):
                self.assertIsNone(worker.up("aa01")["error"])
                self.assertIsNone(worker.down("aa01")["error"])
                self.assertTrue(worker.ask("release")["ok"])

    def test_an_application_that_does_not_load_says_why(self):
        with project(app="import flask_nothing\n" + __import__("textwrap").dedent(APP)) as worker:
            error = worker.start()["error"]
            self.assertEqual((error["kind"], error["missing_module"]), ("import", "flask_nothing"), error)
            self.assertEqual(os.path.basename(error["frames"][-1]["file"]), "app.py")
            self.assertNotIn("No such command", error["message"])

    def test_an_env_file_that_overrides_the_environment_leaves_the_other_database_alone(self):
        app = __import__("textwrap").dedent(APP).replace(
            "import os\n", "import os\nfrom dotenv import load_dotenv\nload_dotenv(override=True)\n", 1)
        with project(app=app, more={".env": "SQLALCHEMY_DATABASE_URI=sqlite:////nowhere/production.db\n"}) as worker:
            answer = worker.start()
            self.assertFalse(answer["ok"])
            self.assertIn("production.db", answer["refused"][0]["target"])

    def test_a_factory_that_makes_tables_is_told(self):
        app = __import__("textwrap").dedent(APP).replace(
            "    return app", "    with app.app_context():\n        db.session.execute(db.text('CREATE TABLE early (a int)'))\n"
                              "        db.session.commit()\n    return app")
        with project(app=app) as worker:
            error = worker.start()["error"]
            self.assertEqual(error["kind"], "config", error)
            self.assertIn("CREATE TABLE early", error["message"])

    def test_without_flask_migrate_it_is_said(self):
        app = __import__("textwrap").dedent(APP).replace("        Migrate(app, db)\n", "").replace("    Migrate(app, db)\n", "")
        with project(app=app) as worker:
            self.assertIn("does not use Flask-Migrate", worker.start()["error"]["message"])


if __name__ == "__main__":
    unittest.main()
