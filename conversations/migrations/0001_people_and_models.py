"""People, providers and their models; the link for the first admin."""

from decimal import Decimal

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import conversations.models.ids
import conversations.models.language_models
import conversations.models.providers
import conversations.models.setup_links
import conversations.models.users


class Migration(migrations.Migration):
    initial = True

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name="LanguageModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "wire_name",
                    models.CharField(
                        help_text="What the provider calls it, e.g. gpt-4.1-mini",
                        max_length=200,
                        verbose_name="model id",
                    ),
                ),
                ("name", models.CharField(help_text="What people read in the picker", max_length=100)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order")),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("is_default", models.BooleanField(default=False, verbose_name="default for new conversations")),
                ("is_title_model", models.BooleanField(default=False, verbose_name="writes titles")),
                ("system_prompt", models.TextField(blank=True, max_length=20000, verbose_name="default system prompt")),
                (
                    "temperature",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(2),
                        ],
                        verbose_name="default temperature",
                    ),
                ),
                (
                    "max_output_tokens",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="default maximum of output tokens",
                    ),
                ),
                (
                    "context_window",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="context window (tokens)"),
                ),
                (
                    "input_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="USD per million tokens",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                    ),
                ),
                (
                    "cached_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="USD per million tokens",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                    ),
                ),
                (
                    "output_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="USD per million tokens",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                    ),
                ),
                (
                    "starters",
                    models.JSONField(
                        blank=True, default=list, validators=[conversations.models.language_models.check_starters]
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=conversations.models.providers.provider_kinds,
                        default="openai_compatible",
                        max_length=30,
                    ),
                ),
                ("base_url", models.CharField(blank=True, max_length=500, verbose_name="base URL")),
                ("encrypted_key", models.TextField(blank=True, editable=False)),
                (
                    "length_field",
                    models.CharField(
                        choices=conversations.models.providers.length_fields,
                        default="max_tokens",
                        max_length=30,
                        verbose_name="name of the length parameter",
                    ),
                ),
                ("sends_stream_options", models.BooleanField(default=True, verbose_name="ask for usage in streams")),
                (
                    "first_event_seconds",
                    models.PositiveIntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1800),
                        ],
                        verbose_name="seconds to wait for the first token",
                    ),
                ),
                (
                    "idle_seconds",
                    models.PositiveIntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1800),
                        ],
                        verbose_name="seconds of silence allowed",
                    ),
                ),
                (
                    "concurrency",
                    models.PositiveIntegerField(
                        default=1000,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="answers at once",
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SetupLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("nonce", models.CharField(default=conversations.models.setup_links.new_nonce, max_length=32)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("display_name", models.CharField(blank=True, max_length=100, verbose_name="display name")),
                (
                    "theme",
                    models.CharField(choices=conversations.models.users.theme_choices, default="system", max_length=10),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "ordering": ["username"],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.AddField(
            model_name="languagemodel",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="models", to="conversations.provider"
            ),
        ),
        migrations.AddConstraint(
            model_name="languagemodel",
            constraint=models.UniqueConstraint(
                fields=("provider", "wire_name"), name="language_model_once_per_provider"
            ),
        ),
        migrations.AddConstraint(
            model_name="languagemodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("is_default",), name="language_model_one_default"
            ),
        ),
        migrations.AddConstraint(
            model_name="languagemodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_title_model", True)),
                fields=("is_title_model",),
                name="language_model_one_for_titles",
            ),
        ),
    ]
