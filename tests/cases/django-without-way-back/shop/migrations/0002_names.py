from django.db import migrations, models


def fill(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.AddField("Item", "slug", models.CharField(max_length=40, default="")),
        migrations.RunPython(fill),
    ]
