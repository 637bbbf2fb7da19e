from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_first_rules")]
    operations = [
        migrations.RemoveField(
            model_name="conversation",
            name="system_prompt",
        ),
        migrations.RemoveField(
            model_name="generation",
            name="queued_at",
        ),
        migrations.RemoveField(
            model_name="languagemodel",
            name="max_output_tokens",
        ),
        migrations.RemoveField(
            model_name="languagemodel",
            name="temperature",
        ),
    ]
