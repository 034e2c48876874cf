"""Django through the worker, on SQLite."""

import os
import sqlite3
import textwrap
import unittest

from harness import Project

MANAGE = """
    import os
    import sys

    if __name__ == "__main__":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_settings")
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
"""
SETTINGS = """
    import os

    SECRET_KEY = "only for tests"
    INSTALLED_APPS = ["django.contrib.contenttypes", "shop", "stock"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SHOP_FILE"]},
                 "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["ARCHIVE_FILE"]}}
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
ITEM = """
    migrations.CreateModel("Item", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=9))]),
"""
SHELF = """
    migrations.CreateModel("Shelf", [
        ("id", models.BigAutoField(primary_key=True)),
        ("item", models.ForeignKey("shop.Item", models.CASCADE)),
    ]),
    migrations.RunPython(fill, migrations.RunPython.noop),
"""
FILL = """
def fill(apps, schema_editor):
    item = apps.get_model("shop", "Item").objects.create(name="a")
    apps.get_model("stock", "Shelf").objects.create(item=item)
"""


def migration(dependencies, operations, head="", attributes=""):
    return "from django.db import migrations, models\n%s\n\nclass Migration(migrations.Migration):\n%s    dependencies = %r\n" \
        "    operations = [%s    ]\n" % (textwrap.dedent(head), attributes, dependencies, operations)


def project(files=None, settings=SETTINGS, **options):
    whole = {
        "manage.py": MANAGE, "shop_settings.py": settings,
        "shop/__init__.py": "", "shop/migrations/__init__.py": "", "stock/__init__.py": "", "stock/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": migration([], ITEM),
        "stock/migrations/0001_initial.py": migration([("shop", "0001_initial")], SHELF, FILL),
    }
    whole.update(files or {})
    worker = Project(whole, kind="django", migrations=".", **options)
    worker.environment = {"SHOP_FILE": worker.database, "ARCHIVE_FILE": os.path.join(worker.root, "archive.db")}
    return worker


def tables(path):
    with sqlite3.connect(path) as connection:
        names = [name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return sorted(name for name in names if not name.startswith(("sqlite_", "django_")))


class Django(unittest.TestCase):
    def listed(self, worker):
        started = worker.start()
        self.assertTrue(started["ok"], started)
        self.assertEqual(started["bookkeeping"], ["django_migrations"])
        answer = worker.ask("list")
        self.assertTrue(answer["ok"], answer)
        return answer

    def test_all_apps_go_up_and_down_and_say_which_line_sent_what(self):
        with project() as worker:
            revisions = self.listed(worker)["revisions"]
            order = [one["id"] for one in revisions]
            self.assertLess(order.index("shop.0001_initial"), order.index("stock.0001_initial"))
            ours = {one["id"]: one["ours"] for one in revisions}
            self.assertEqual((ours["shop.0001_initial"], ours["contenttypes.0001_initial"]), (True, False))
            sent = {}
            for one in order:
                went = worker.up(one)
                self.assertIsNone(went["error"], went)
                sent[one] = went["statements"]
            lines = {(entry["sql"].split('"')[0].strip(), entry["line"]) for entry in sent["stock.0001_initial"]}
            with open(os.path.join(worker.root, "stock/migrations/0001_initial.py"), encoding="utf-8") as file:
                text = file.read().split("\n")
            line = lambda part: 1 + next(number for number, one in enumerate(text) if part in one)
            self.assertIn(("CREATE TABLE", line("CreateModel")), lines)
            # The index of the foreign key is made when all operations are done.
            self.assertIn(("CREATE INDEX", line("CreateModel")), lines)
            self.assertIn(("INSERT INTO", line('get_model("stock"')), lines)
            self.assertEqual(tables(worker.database), ["shop_item", "stock_shelf"])
            for one in ("stock.0001_initial", "shop.0001_initial"):
                self.assertIsNone(worker.down(one)["error"])
            self.assertEqual(tables(worker.database), [])
            self.assertTrue(worker.ask("release")["ok"])
            os.remove(worker.database)
            self.assertIsNone(worker.up("shop.0001_initial")["error"])

    def test_another_alias_is_the_database_where_it_is_asked_for(self):
        with project() as worker:
            target = {"engine": "sqlite", "file": os.path.join(worker.root, "archive.db")}
            self.assertTrue(worker.start(database="archive", allowed=[target])["ok"])
            self.assertIsNone(worker.up("shop.0001_initial")["error"])
            self.assertEqual(tables(target["file"]), ["shop_item"])
            self.assertFalse(os.path.exists(worker.database))

    def test_a_hook_stands_around_loading_and_each_step(self):
        files = {"tools.py": "def hook(run):\n    print('hooked')\n    return run()\n"}
        with project(files) as worker:
            self.assertTrue(worker.start(hook="tools:hook")["ok"])
            self.assertIsNone(worker.up("shop.0001_initial")["error"])
        self.assertEqual(worker.output.count("hooked"), 2)

    def test_settings_that_lead_elsewhere_are_refused(self):
        with project(settings=SETTINGS.replace('os.environ["SHOP_FILE"]', '"/no/such/live.db"')) as worker:
            answer = worker.start()
            self.assertEqual(answer["error"]["kind"], "guard", answer)
            self.assertIn("/no/such/live.db", answer["error"]["message"])

    def test_what_cannot_be_reversed_says_what_to_add(self):
        files = {"shop/migrations/0002_fill.py": migration(
            [("shop", "0001_initial")], "migrations.RunPython(fill),\n", "def fill(apps, schema_editor):\n    pass\n")}
        with project(files) as worker:
            revisions = {one["id"]: one for one in self.listed(worker)["revisions"]}
            self.assertEqual(revisions["shop.0002_fill"]["down"], "raises")
            for one in ("shop.0001_initial", "shop.0002_fill"):
                self.assertIsNone(worker.up(one)["error"])
            error = worker.down("shop.0002_fill")["error"]
            self.assertEqual(error["kind"], "tool", error)
            self.assertIn("has no reverse_code", error["message"])

    def test_a_squashed_migration_stands_for_those_that_it_replaces(self):
        files = {
            "shop/migrations/0002_price.py": migration(
                [("shop", "0001_initial")], 'migrations.AddField("Item", "price", models.IntegerField(default=0)),\n'),
            "shop/migrations/0001_squashed_0002.py": migration(
                [], ITEM, attributes='    replaces = [("shop", "0001_initial"), ("shop", "0002_price")]\n'),
        }
        with project(files) as worker:
            ids = [one["id"] for one in self.listed(worker)["revisions"]]
            self.assertIn("shop.0001_squashed_0002", ids)
            self.assertNotIn("shop.0002_price", ids)

    def test_a_missing_parent_and_missing_settings_are_told(self):
        files = {"shop/migrations/0002_lost.py": migration([("shop", "0009_nowhere")], "")}
        with project(files) as worker:
            self.assertTrue(worker.start()["ok"])
            error = worker.ask("list")["error"]
            self.assertEqual(error["kind"], "config", error)
            self.assertIn("0009_nowhere", error["message"])
        with project(settings="import no_such_module\n") as worker:
            error = worker.start()["error"]
            self.assertEqual((error["kind"], error["missing_module"]), ("import", "no_such_module"), error)


if __name__ == "__main__":
    unittest.main()
