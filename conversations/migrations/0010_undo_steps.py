"""What a deed replaced, to be brought back by Undo; and an index for the lists inside folders."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.models.ids


class Migration(migrations.Migration):
    dependencies = [("conversations", "0009_share_link_names")]

    operations = [
        migrations.CreateModel(
            name="UndoStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sentence", models.CharField(max_length=400)),
                ("before", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "created_at"], name="undo_step_of_owner")],
            },
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(
                    ("archived_at", None),
                    ("deleted_at", None),
                    ("folder__isnull", False),
                    ("is_temporary", False),
                    ("pinned_at", None),
                ),
                fields=["owner", "folder", "-active_at", "-id"],
                name="conversation_filed",
            ),
        ),
    ]
