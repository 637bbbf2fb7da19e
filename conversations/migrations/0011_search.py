from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# Words are letters and digits; what stands for the rest of the index uses these signs. Anything beyond ASCII is part
# of a word for this tokenizer: cutting and folding was done before.
_SQLITE = (
    "CREATE VIRTUAL TABLE conversations_searchwords USING fts5("
    "words, content='', tokenize=\"ascii tokenchars ':~^+#'\")",
    # a long transaction (an import) is written in few large pieces
    "INSERT INTO conversations_searchwords (conversations_searchwords, rank) VALUES ('hashsize', 8388608)",
)
_POSTGRESQL = (
    "ALTER TABLE conversations_searchdocument ADD COLUMN words tsvector",
    "CREATE INDEX search_words ON conversations_searchdocument USING gin (words) WITH (gin_pending_list_limit = 1024)",
    "CREATE INDEX search_newest_of_person ON conversations_searchdocument (owner_id, id)",
)


def make_words(apps: Any, schema_editor: Any) -> None:
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def remove_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":  # on PostgreSQL they go with the table
        schema_editor.execute("DROP TABLE conversations_searchwords")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0010_undo_steps")]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("owner_id", models.IntegerField()),
                ("title", models.CharField(blank=True, max_length=200)),
                ("length", models.PositiveIntegerField()),
                ("checksum", models.BigIntegerField()),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "conversation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("conversation", None), ("message__isnull", False)),
                            models.Q(("conversation__isnull", False), ("message", None)),
                            _connector="OR",
                        ),
                        name="search_message_or_title",
                    )
                ]
            },
        ),
        migrations.RunPython(make_words, remove_words),
    ]
