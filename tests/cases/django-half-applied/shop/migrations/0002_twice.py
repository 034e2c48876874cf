from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.AddField("Item", "price", models.IntegerField(default=0)),
        migrations.RunSQL("CREATE TABLE shop_item (id int)", migrations.RunSQL.noop),
    ]
