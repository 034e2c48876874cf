from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("contenttypes", "0002_remove_content_type_name"), ("books", "0001_initial")]

    operations = [
        migrations.CreateModel(name="Sale", fields=[("id", models.BigAutoField(primary_key=True))]),
    ]
