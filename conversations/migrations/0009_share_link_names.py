"""Share links know whether they say who people are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0008_history")]

    operations = [
        migrations.AddField(
            model_name="sharelink",
            name="shows_names",
            field=models.BooleanField(default=True),
        ),
    ]
