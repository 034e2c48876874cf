from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0002_title")]

    operations = [
        migrations.AddField(model_name="book", name="year", field=models.TextField(null=True)),
    ]
