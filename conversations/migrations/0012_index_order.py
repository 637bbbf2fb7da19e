"""Make two indexes of conversations anew: of several that serve equally well SQLite takes the youngest."""

from django.db import migrations, models

ARCHIVED = models.Index(
    condition=models.Q(("archived_at__isnull", False), ("deleted_at", None)),
    fields=["owner", "-active_at", "-id"],
    name="conversation_archived",
)
RECENT = models.Index(
    condition=models.Q(
        ("archived_at", None), ("deleted_at", None), ("folder", None), ("is_temporary", False), ("pinned_at", None)
    ),
    fields=["owner", "-active_at", "-id"],
    name="conversation_recent",
)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0011_search")]

    operations = [
        migrations.RemoveIndex("conversation", "conversation_archived"),
        migrations.AddIndex("conversation", ARCHIVED),
        migrations.RemoveIndex("conversation", "conversation_recent"),
        migrations.AddIndex("conversation", RECENT),
    ]
