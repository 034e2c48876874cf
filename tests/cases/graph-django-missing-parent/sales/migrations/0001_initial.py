from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0002_title")]

    operations = [
        migrations.CreateModel(name="Sale", fields=[("id", models.BigAutoField(primary_key=True))]),
    ]
