from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0006_unused_columns")]
    operations = [
        migrations.AddField(
            model_name="generation",
            name="error_parameter",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddIndex(
            model_name="usage",
            index=models.Index(fields=["conversation_id"], name="usage_of_conversation"),
        ),
    ]
