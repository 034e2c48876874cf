from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [("books", "0001_initial"), ("books", "0002_title")]

    dependencies = []

    operations = [
        migrations.CreateModel(name="Book", fields=[("id", models.BigAutoField(primary_key=True))]),
    ]
