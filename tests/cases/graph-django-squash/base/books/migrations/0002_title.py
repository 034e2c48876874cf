from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]

    operations = [
        migrations.AddField(model_name="book", name="title", field=models.TextField(null=True)),
    ]
