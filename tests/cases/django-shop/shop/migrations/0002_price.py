from django.db import migrations, models


def raise_prices(apps, schema_editor):
    apps.get_model("shop", "Item").objects.update(price=models.F("price") + 1)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.AddField("Item", "price", models.IntegerField(default=0)),
        migrations.AddIndex("Item", models.Index(fields=["price"], name="shop_item_price")),
        migrations.RunPython(raise_prices, migrations.RunPython.noop),
    ]
