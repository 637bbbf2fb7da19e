"""All tables at once, for a new site: what the steps it replaces make one after the other.

Sites that were begun with those steps go on with them, so they stay until a release that asks for this one.
"""

from decimal import Decimal
from importlib import import_module

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.models.constraints
import conversations.models.files
import conversations.models.generations
import conversations.models.ids
import conversations.models.language_models
import conversations.models.members
import conversations.models.messages
import conversations.models.parameters
import conversations.models.providers
import conversations.models.setup_links
import conversations.models.share_links
import conversations.models.transfers
import conversations.models.users

_words = import_module("conversations.migrations.0011_search")
_search_by_words = import_module("conversations.migrations.0013_search_by_words")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("conversations", "0001_people_and_models"),
        ("conversations", "0002_conversations"),
        ("conversations", "0003_generations"),
        ("conversations", "0004_parameters"),
        ("conversations", "0005_first_rules"),
        ("conversations", "0006_unused_columns"),
        ("conversations", "0007_refused_parameters"),
        ("conversations", "0008_history"),
        ("conversations", "0009_share_link_names"),
        ("conversations", "0010_undo_steps"),
        ("conversations", "0011_search"),
        ("conversations", "0012_index_order"),
        ("conversations", "0013_search_by_words"),
    ]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    # fmt: off
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_superuser", models.BooleanField(default=False, help_text="Designates that this user has all permissions without explicitly assigning them.", verbose_name="superuser status")),
                ("username", models.CharField(error_messages={"unique": "A user with that username already exists."}, help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.", max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name="username")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                ("is_staff", models.BooleanField(default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status")),
                ("is_active", models.BooleanField(default=True, help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.", verbose_name="active")),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("display_name", models.CharField(blank=True, max_length=100, verbose_name="display name")),
                ("theme", models.CharField(choices=conversations.models.users.theme_choices, default="system", max_length=10)),
                ("groups", models.ManyToManyField(blank=True, help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.", related_name="user_set", related_query_name="user", to="auth.group", verbose_name="groups")),
                ("user_permissions", models.ManyToManyField(blank=True, help_text="Specific permissions for this user.", related_name="user_set", related_query_name="user", to="auth.permission", verbose_name="user permissions")),
            ],
            options={
                "ordering": ["username"],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="SetupLink",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("nonce", models.CharField(default=conversations.models.setup_links.new_nonce, max_length=32)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("kind", models.CharField(choices=conversations.models.providers.provider_kinds, default="openai_compatible", max_length=30)),
                ("base_url", models.CharField(blank=True, max_length=500, verbose_name="base URL")),
                ("encrypted_key", models.TextField(blank=True, editable=False)),
                ("encrypted_headers", models.TextField(blank=True, editable=False)),
                ("query", models.JSONField(blank=True, default=dict, verbose_name="further query parameters")),
                ("route", models.CharField(blank=True, max_length=30, verbose_name="way in")),
                ("account_id", models.CharField(blank=True, max_length=100, verbose_name="account id")),
                ("gateway_id", models.CharField(blank=True, max_length=100, verbose_name="gateway id")),
                ("system_role", models.CharField(choices=conversations.models.providers.system_roles, default="system", max_length=10, verbose_name="role of system text")),
                ("returns_reasoning", models.BooleanField(default=False, verbose_name="send reasoning back while tools are called")),
                ("length_field", models.CharField(choices=conversations.models.providers.length_fields, default="max_tokens", max_length=30, verbose_name="name of the length parameter")),
                ("sends_stream_options", models.BooleanField(default=True, verbose_name="ask for usage in streams")),
                ("first_event_seconds", models.PositiveIntegerField(default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1800)], verbose_name="seconds to wait for the first token")),
                ("idle_seconds", models.PositiveIntegerField(default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1800)], verbose_name="seconds of silence allowed")),
                ("concurrency", models.PositiveIntegerField(default=1000, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name="answers at once")),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="LanguageModel",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("wire_name", models.CharField(help_text="What the provider calls it, e.g. gpt-4.1-mini", max_length=200, verbose_name="model id")),
                ("name", models.CharField(help_text="What people read in the picker", max_length=100)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order")),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("is_default", models.BooleanField(default=False, verbose_name="default for new conversations")),
                ("is_title_model", models.BooleanField(default=False, verbose_name="writes titles")),
                ("system_prompt", models.TextField(blank=True, max_length=20000, verbose_name="default system prompt")),
                ("request_format", models.CharField(choices=conversations.models.language_models.request_formats, default="chat_completions", max_length=30)),
                ("other_formats", models.JSONField(blank=True, default=list, verbose_name="further request formats")),
                ("schemas", models.JSONField(blank=True, default=dict, verbose_name="parameter schemas")),
                ("abilities", models.JSONField(blank=True, default=list)),
                ("context_window", models.PositiveIntegerField(blank=True, null=True, verbose_name="context window (tokens)")),
                ("output_limit", models.PositiveIntegerField(blank=True, null=True, verbose_name="maximum output (tokens)")),
                ("overflow", models.CharField(choices=conversations.models.language_models.overflow_strategies, default="refuse", max_length=20, verbose_name="when a conversation is too long")),
                ("input_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("cached_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("output_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("step_tokens", models.PositiveIntegerField(blank=True, null=True, verbose_name="higher prices above (input tokens)")),
                ("step_input_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("step_cached_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("step_output_price", models.DecimalField(blank=True, decimal_places=6, help_text="USD per million tokens", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal(0))])),
                ("information_url", models.URLField(blank=True, verbose_name="more information")),
                ("terms_url", models.URLField(blank=True, verbose_name="terms and license")),
                ("has_zero_retention", models.BooleanField(blank=True, null=True, verbose_name="zero data retention")),
                ("deprecated_on", models.DateField(blank=True, null=True)),
                ("shutdown_on", models.DateField(blank=True, null=True)),
                ("catalogue_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("catalogue_offer", models.JSONField(blank=True, default=dict, editable=False)),
                ("starters", models.JSONField(blank=True, default=list, validators=[conversations.models.language_models.check_starters])),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("provider", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="models", to="conversations.provider")),
            ],
            options={
                "ordering": ["position", "name"],
                "constraints": [models.UniqueConstraint(fields=("provider", "wire_name"), name="language_model_once_per_provider"), models.UniqueConstraint(condition=models.Q(("is_default", True)), fields=("is_default",), name="language_model_one_default"), models.UniqueConstraint(condition=models.Q(("is_title_model", True)), fields=("is_title_model",), name="language_model_one_for_titles")],
            },
        ),
        migrations.CreateModel(
            name="OwnDefaults",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("values", models.JSONField(blank=True, default=dict)),
                ("model", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="conversations.languagemodel")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="own_defaults", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name_plural": "own defaults",
                "constraints": [models.UniqueConstraint(fields=("user", "model"), name="own_defaults_once_per_model")],
            },
        ),
        migrations.CreateModel(
            name="ParameterRule",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="parameter")),
                ("mode", models.CharField(choices=conversations.models.parameters.parameter_modes, default="default", max_length=10)),
                ("value", models.JSONField(blank=True, null=True)),
                ("minimum", models.FloatField(blank=True, null=True)),
                ("maximum", models.FloatField(blank=True, null=True)),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="allowed values")),
                ("group", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="parameter_rules", to="auth.group")),
                ("model", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="conversations.languagemodel")),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("model", "group", "name"), name="parameter_rule_once"), models.UniqueConstraint(condition=models.Q(("group", None)), fields=("model", "name"), name="parameter_rule_once_for_everybody"), models.UniqueConstraint(condition=models.Q(("model", None)), fields=("group", "name"), name="parameter_rule_once_for_all_models"), models.UniqueConstraint(condition=models.Q(("group", None), ("model", None)), fields=("name",), name="parameter_rule_once_for_the_site")],
            },
        ),
        migrations.CreateModel(
            name="Folder",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="folders", to=settings.AUTH_USER_MODEL)),
                ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="children", to="conversations.folder")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("parent", models.F("id")), _negated=True), name="folder_not_in_itself")],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="tags", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("owner"), django.db.models.functions.text.Lower("name"), name="tag_once_per_owner")],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(default="New conversation", max_length=200)),
                ("has_own_title", models.BooleanField(default=False)),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("request_format", models.CharField(blank=True, max_length=30)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("has_members", models.BooleanField(default=False, editable=False)),
                ("has_unseen_answer", models.BooleanField(default=False)),
                ("is_temporary", models.BooleanField(default=False)),
                ("import_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("pinned_at", models.DateTimeField(blank=True, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("active_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("forked_from", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="conversations.conversation")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="conversations", to=settings.AUTH_USER_MODEL)),
                ("folder", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="conversations", to="conversations.folder")),
                ("model", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="conversations.languagemodel")),
                ("tags", models.ManyToManyField(blank=True, related_name="conversations", to="conversations.tag")),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("deleted_at", None), ("pinned_at__isnull", False)), fields=["owner", "-pinned_at", "-id"], name="conversation_pinned"), models.Index(condition=models.Q(("deleted_at", None), ("folder__isnull", False)), fields=["folder", "-active_at", "-id"], name="conversation_in_folder"), models.Index(condition=models.Q(("archived_at", None), ("deleted_at", None), ("folder__isnull", False), ("is_temporary", False), ("pinned_at", None)), fields=["owner", "folder", "-active_at", "-id"], name="conversation_filed"), models.Index(condition=models.Q(("deleted_at", None), ("is_temporary", False)), fields=["owner", "-active_at", "-id"], name="conversation_all"), models.Index(condition=models.Q(("deleted_at__isnull", False)), fields=["owner", "-deleted_at", "-id"], name="conversation_bin"), models.Index(condition=models.Q(("is_temporary", True)), fields=["active_at"], name="conversation_temporary"), models.Index(condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="conversation_deleted"), models.Index(condition=models.Q(("archived_at__isnull", False), ("deleted_at", None)), fields=["owner", "-active_at", "-id"], name="conversation_archived"), models.Index(condition=models.Q(("archived_at", None), ("deleted_at", None), ("folder", None), ("is_temporary", False), ("pinned_at", None)), fields=["owner", "-active_at", "-id"], name="conversation_recent")],
                "constraints": [models.UniqueConstraint(fields=("owner", "client_id"), name="conversation_client_id_once"), models.UniqueConstraint(condition=models.Q(("import_key", ""), _negated=True), fields=("owner", "import_key"), name="conversation_imported_once")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("role", models.CharField(choices=conversations.models.messages.roles, max_length=10)),
                ("status", models.CharField(choices=conversations.models.messages.message_statuses, default="complete", max_length=12)),
                ("model_name", models.CharField(blank=True, max_length=100)),
                ("text", models.TextField(blank=True)),
                ("reasoning", models.TextField(blank=True)),
                ("is_refusal", models.BooleanField(default=False)),
                ("tool_calls", models.JSONField(blank=True, default=list)),
                ("tool_call_id", models.CharField(blank=True, max_length=200)),
                ("citations", models.JSONField(blank=True, default=list)),
                ("provider_items", models.JSONField(blank=True, default=list)),
                ("html", models.TextField(blank=True)),
                ("html_version", models.PositiveIntegerField(default=0)),
                ("branch_name", models.CharField(blank=True, max_length=100)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("client_id", models.UUIDField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("author", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("conversation", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="conversations.conversation")),
                ("model", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="conversations.languagemodel")),
                ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="children", to="conversations.message")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("conversation", "id"), name="message_conversation_and_id"), conversations.models.constraints.CompositeForeignKey(fields=("conversation", "parent"), name="message_parent_in_conversation", to_fields=("conversation", "id")), models.CheckConstraint(condition=models.Q(("parent", models.F("id")), _negated=True), name="message_not_own_parent"), models.UniqueConstraint(fields=("conversation", "client_id"), name="message_client_id_once")],
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="selected_leaf",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="conversations.message"),
        ),
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("status", models.CharField(choices=conversations.models.generations.generation_statuses, default="queued", max_length=12)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=100)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("stop_requested_at", models.DateTimeField(blank=True, null=True)),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("is_continuation", models.BooleanField(default=False)),
                ("request_format", models.CharField(blank=True, max_length=30)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("request", models.JSONField(blank=True, default=dict)),
                ("prices", models.JSONField(blank=True, default=dict)),
                ("seq", models.PositiveIntegerField(default=0)),
                ("length", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("first_token_at", models.DateTimeField(blank=True, null=True)),
                ("reasoned_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("finish_reason", models.CharField(blank=True, max_length=30)),
                ("error_code", models.CharField(blank=True, max_length=50)),
                ("error_message", models.CharField(blank=True, max_length=500)),
                ("error_detail", models.TextField(blank=True)),
                ("error_parameter", models.CharField(blank=True, max_length=100)),
                ("request_id", models.CharField(blank=True, max_length=200)),
                ("input_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("output_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("cached_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("reasoning_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("is_estimated", models.BooleanField(default=False)),
                ("cost", models.DecimalField(blank=True, decimal_places=8, max_digits=14, null=True)),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="generations", to="conversations.conversation")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("model", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="conversations.languagemodel")),
                ("message", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="generations", to="conversations.message")),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("status__in", ["queued", "running"])), fields=["status", "owner"], name="generation_open")],
                "constraints": [models.UniqueConstraint(fields=("conversation", "client_id"), name="generation_client_id_once"), models.UniqueConstraint(condition=models.Q(("status__in", ["queued", "running"])), fields=("message",), name="generation_one_open_per_message")],
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("generation_id", models.UUIDField(unique=True)),
                ("conversation_id", models.UUIDField()),
                ("user_name", models.CharField(max_length=150)),
                ("provider_name", models.CharField(max_length=100)),
                ("model_name", models.CharField(max_length=200)),
                ("status", models.CharField(max_length=12)),
                ("input_tokens", models.PositiveIntegerField(default=0)),
                ("output_tokens", models.PositiveIntegerField(default=0)),
                ("cached_tokens", models.PositiveIntegerField(default=0)),
                ("reasoning_tokens", models.PositiveIntegerField(default=0)),
                ("is_estimated", models.BooleanField(default=False)),
                ("cost", models.DecimalField(decimal_places=8, max_digits=14, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name_plural": "usage",
                "indexes": [models.Index(fields=["user", "created_at"], name="usage_of_user"), models.Index(fields=["created_at"], name="usage_by_time"), models.Index(fields=["conversation_id"], name="usage_of_conversation")],
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=50)),
                ("sha256", models.CharField(max_length=64)),
                ("path", models.CharField(max_length=200)),
                ("thumbnail_path", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("owner", "sha256"), name="file_once_per_owner")],
            },
        ),
        migrations.CreateModel(
            name="MessageImage",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(0)])),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("detail", models.CharField(choices=conversations.models.files.details, default="auto", max_length=10)),
                ("description", models.CharField(blank=True, max_length=1000, verbose_name="alternative text")),
                ("file", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="uses", to="conversations.file")),
                ("message", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="images", to="conversations.message")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("message", "position"), name="message_image_position_once"), models.CheckConstraint(condition=models.Q(models.Q(("file__isnull", False), ("url", "")), models.Q(("file", None), models.Q(("url", ""), _negated=True)), _connector="OR"), name="message_image_file_or_url")],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("role", models.CharField(choices=conversations.models.members.member_roles, default="viewer", max_length=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="members", to="conversations.conversation")),
                ("group", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="auth.group")),
                ("invited_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("group", None), ("user__isnull", False)), models.Q(("group__isnull", False), ("user", None)), _connector="OR"), name="member_person_or_group"), models.UniqueConstraint(fields=("conversation", "user"), name="member_person_once"), models.UniqueConstraint(fields=("conversation", "group"), name="member_group_once")],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="conversations.conversation")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("conversation", "user"), name="visit_once_per_person")],
            },
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("token", models.CharField(default=conversations.models.share_links.new_token, editable=False, max_length=30, unique=True)),
                ("audience", models.CharField(choices=conversations.models.share_links.audiences, default="team", max_length=10)),
                ("password", models.CharField(blank=True, max_length=200)),
                ("title", models.CharField(max_length=200)),
                ("messages", models.JSONField(default=list)),
                ("shows_names", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="share_links", to="conversations.conversation")),
                ("files", models.ManyToManyField(blank=True, related_name="share_links", to="conversations.file")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="share_links", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-created_at"], name="share_link_of_owner")],
            },
        ),
        migrations.CreateModel(
            name="UndoStep",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("sentence", models.CharField(max_length=400)),
                ("before", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "created_at"], name="undo_step_of_owner")],
            },
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("messages", models.JSONField(default=list)),
                ("moved", models.JSONField(default=dict)),
                ("leaf", models.UUIDField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("author", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="deletions", to="conversations.conversation")),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=conversations.models.transfers.transfer_kinds, max_length=10)),
                ("format", models.CharField(max_length=20)),
                ("is_dry_run", models.BooleanField(default=False)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("status", models.CharField(choices=conversations.models.transfers.transfer_statuses, default="queued", max_length=10)),
                ("total", models.PositiveIntegerField(blank=True, null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(blank=True, default=dict)),
                ("path", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("error_message", models.CharField(blank=True, max_length=500)),
                ("worker", models.CharField(blank=True, max_length=100)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("stop_requested_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="transfers", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-created_at"], name="transfer_of_owner")],
            },
        ),
        migrations.CreateModel(
            name="SitePolicy",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("allows_public_links", models.BooleanField(default=False, help_text="People may share a conversation with anyone who has its link.", verbose_name="links for anyone")),
                ("bin_days", models.PositiveSmallIntegerField(default=30, help_text="After that, gone for good.", validators=[django.core.validators.MinValueValidator(1)], verbose_name="days in the bin")),
                ("retention_days", models.PositiveSmallIntegerField(blank=True, help_text="Conversations nobody wrote in for so long are deleted. Empty: kept.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name="days without activity")),
            ],
            options={
                "verbose_name_plural": "site policy",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="site_policy_only_one")],
            },
        ),
        migrations.CreateModel(
            name="GroupRetention",
            fields=[
                ("group", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="retention", serialize=False, to="auth.group")),
                ("days", models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name="days without activity")),
            ],
            options={
                "verbose_name_plural": "retention of groups",
            },
        ),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("owner_id", models.IntegerField()),
                ("title", models.CharField(blank=True, max_length=200)),
                ("length", models.PositiveIntegerField()),
                ("checksum", models.BigIntegerField()),
                ("version", models.PositiveSmallIntegerField()),
                ("conversation", models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="conversations.conversation")),
                ("message", models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="conversations.message")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("conversation", None), ("message__isnull", False)), models.Q(("conversation__isnull", False), ("message", None)), _connector="OR"), name="search_message_or_title")],
            },
        ),
        migrations.RunPython(_words.make_words, _words.remove_words),
        migrations.RunPython(_search_by_words.make, _search_by_words.remove),
    ]
