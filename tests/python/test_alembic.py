"""Alembic through the worker, on SQLite."""

import os
import sqlite3
import unittest

from harness import ENV, Project, revision

FIRST = revision("aa01", None, 'op.create_table("t", sa.Column("a", sa.Integer))', 'op.drop_table("t")')


def project(revisions, env=ENV, **more):
    files = {"alembic.ini": "[alembic]\nscript_location = migrations\nsqlalchemy.url = driver://user:pass@localhost/x\n",
             "migrations/env.py": env}
    files.update({"migrations/versions/%s.py" % name: text for name, text in revisions.items()})
    return Project(files, **more)


def tables(path):
    with sqlite3.connect(path) as connection:
        return sorted(name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


class Alembic(unittest.TestCase):
    def test_a_revision_goes_up_and_down_and_says_what_it_sent(self):
        with project({"aa01": FIRST}) as worker:
            started = worker.start()
            self.assertTrue(started["ok"], started)
            self.assertEqual(started["bookkeeping"], ["alembic_version"])
            listed = worker.ask("list")["revisions"]
            self.assertEqual([(one["id"], one["parents"], one["down"], one["line"]) for one in listed],
                             [("aa01", [], "present", 9)])
            went = worker.up("aa01")
            self.assertIsNone(went["error"])
            sent = went["statements"]
            self.assertEqual(len(sent), 1, sent)
            self.assertTrue(sent[0]["sql"].startswith("CREATE TABLE t"), sent)
            self.assertEqual((sent[0]["line"], sent[0]["reads"]), (10, False))
            self.assertEqual(tables(worker.database), ["alembic_version", "t"])
            self.assertIsNone(worker.down("aa01")["error"])
            self.assertEqual(tables(worker.database), ["alembic_version"])

    def test_merges_and_branches_are_stepped_one_by_one(self):
        revisions = {
            "aa01": FIRST,
            "bb01": revision("bb01", "aa01", 'op.create_table("b", sa.Column("a", sa.Integer))', 'op.drop_table("b")'),
            "bb02": revision("bb02", "aa01", 'op.create_table("c", sa.Column("a", sa.Integer))', 'op.drop_table("c")'),
            "cc01": revision("cc01", ("bb01", "bb02"), "pass"),
        }
        with project(revisions) as worker:
            self.assertTrue(worker.start()["ok"])
            listed = worker.ask("list")
            order = [one["id"] for one in listed["revisions"]]
            self.assertEqual((order[0], order[-1], listed["heads"]), ("aa01", "cc01", ["cc01"]))
            for one in order:
                self.assertIsNone(worker.up(one)["error"], one)
            for one in reversed(order):
                self.assertIsNone(worker.down(one)["error"], one)
            self.assertEqual(tables(worker.database), ["alembic_version"])

    def test_the_kinds_of_errors_are_told_apart(self):
        revisions = {
            "aa01": revision("aa01", None, 'op.execute("SELECT * FROM nowhere")'),
            "aa02": revision("aa02", "aa01", 'raise RuntimeError("not on a Tuesday")'),
            "aa03": revision("aa03", "aa02", 'op.drop_constraint(None, "t", type_="foreignkey")'),
            "aa04": revision("aa04", "aa03", "import sys\nsys.exit(3)"),
        }
        with project(revisions) as worker:
            self.assertTrue(worker.start()["ok"])
            errors = [worker.up(one)["error"] for one in ("aa01", "aa02", "aa03", "aa04")]
            self.assertEqual([error["kind"] for error in errors], ["server", "refused", "tool", "exit"], errors)
            self.assertEqual(errors[0]["message"], "no such table: nowhere")
            self.assertEqual(errors[1]["message"], "not on a Tuesday")
            self.assertEqual([error["line"] for error in errors], [10, 10, 10, 11])

    def test_a_process_that_ends_itself_is_noticed(self):
        with project({"aa01": revision("aa01", None, "import os\nos._exit(7)")}) as worker:
            self.assertTrue(worker.start()["ok"])
            self.assertIsNone(worker.up("aa01"))

    def test_a_transaction_left_open_is_rolled_back_and_told(self):
        up = 'import sqlite3\nglobal kept\nkept = sqlite3.connect("disposable.db")\nkept.execute("BEGIN")'
        with project({"aa01": revision("aa01", None, up, head="kept = None")}, env=ENV) as worker:
            self.assertTrue(worker.start()["ok"])
            went = worker.up("aa01")
            self.assertIsNone(went["error"], went)
            self.assertTrue(any("leaves a transaction open" in note for note in went["notes"]), went)

    def test_an_env_that_does_not_import_names_the_module(self):
        with project({"aa01": FIRST}, env="import no_such_module\n") as worker:
            error = worker.start()["error"]
            self.assertEqual((error["kind"], error["missing_module"]), ("import", "no_such_module"))
            self.assertEqual(os.path.basename(error["frames"][-1]["file"]), "env.py")

    def test_another_database_is_refused_and_stays_untouched(self):
        env = ENV.replace('context.config.get_main_option("sqlalchemy.url")', '"sqlite:///production.db"')
        with project({"aa01": FIRST}, env=env) as worker:
            answer = worker.start()
            self.assertEqual(answer["error"]["kind"], "guard")
            self.assertTrue(answer["refused"][0]["target"].endswith("/production.db"))
            self.assertTrue(answer["refused"][0]["where"].endswith("env.py:5"), answer["refused"])
            self.assertFalse(os.path.exists(os.path.join(worker.root, "production.db")))

    def test_a_swallowed_refusal_is_told_all_the_same(self):
        env = "import sqlite3\ntry:\n    sqlite3.connect('other.db')\nexcept BaseException:\n    pass\n" + \
            __import__("textwrap").dedent(ENV)
        with project({"aa01": FIRST}, env=env) as worker:
            self.assertTrue(worker.start()["refused"])

    def test_after_a_release_the_database_may_be_another(self):
        with project({"aa01": FIRST}) as worker:
            worker.start()
            self.assertIsNone(worker.up("aa01")["error"])
            self.assertTrue(worker.ask("release")["ok"])
            os.remove(worker.database)
            self.assertIsNone(worker.up("aa01")["error"])
            self.assertEqual(tables(worker.database), ["alembic_version", "t"])

    def test_an_asynchronous_env_runs(self):
        env = """
            import asyncio
            from alembic import context
            from sqlalchemy import pool
            from sqlalchemy.ext.asyncio import async_engine_from_config

            def run(connection):
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations()

            async def main():
                section = context.config.get_section(context.config.config_ini_section)
                engine = async_engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
                async with engine.connect() as connection:
                    await connection.run_sync(run)
                await engine.dispose()

            asyncio.run(main())
        """
        with project({"aa01": FIRST}, env=env) as worker:
            started = worker.start()
            self.assertTrue(started["ok"], started)
            went = worker.up("aa01")
            self.assertIsNone(went["error"], went)
            self.assertEqual([sent["line"] for sent in went["statements"] if not sent["reads"]], [10])
            self.assertEqual(tables(worker.database), ["alembic_version", "t"])

    def test_a_hook_stands_around_every_call(self):
        hook = "calls = []\ndef hook(run):\n    print('hooked')\n    return run()\n"
        files = {"alembic.ini": "[alembic]\nscript_location = migrations\n", "migrations/env.py": ENV, "tools.py": hook,
                 "migrations/versions/aa01.py": FIRST}
        with Project(files) as worker:
            self.assertTrue(worker.start(hook="tools:hook")["ok"])
            self.assertIsNone(worker.up("aa01")["error"])
        self.assertGreaterEqual(worker.output.count("hooked"), 2)

    def test_a_hook_that_is_not_there_is_named(self):
        with project({"aa01": FIRST}) as worker:
            error = worker.start(hook="tools:hook")["error"]
            self.assertEqual(error["kind"], "config")
            self.assertIn("`tools:hook`", error["message"])


if __name__ == "__main__":
    unittest.main()
