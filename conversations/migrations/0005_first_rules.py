"""The two defaults a model had before become rules; providers at OpenAI's address become that kind."""

from urllib.parse import urlsplit

from django.db import migrations

OPENAI_HOST = "api.openai.com"
COLUMNS = ("temperature", "max_output_tokens")


def to_rules(apps, schema_editor):
    LanguageModel = apps.get_model("conversations", "LanguageModel")
    ParameterRule = apps.get_model("conversations", "ParameterRule")
    for model in LanguageModel.objects.select_related("provider"):
        names = {"temperature": "temperature", "max_output_tokens": model.provider.length_field}
        for column, name in names.items():
            value = getattr(model, column)
            if value is not None:
                ParameterRule.objects.get_or_create(model=model, group=None, name=name, defaults={"value": value})


def to_columns(apps, schema_editor):
    ParameterRule = apps.get_model("conversations", "ParameterRule")
    for rule in ParameterRule.objects.filter(group=None, mode="default").exclude(model=None).select_related("model"):
        column = "temperature" if rule.name == "temperature" else "max_output_tokens"
        if rule.name in {"temperature", "max_tokens", "max_completion_tokens"} and rule.value is not None:
            setattr(rule.model, column, rule.value)
            rule.model.save(update_fields=[column])
            rule.delete()


def name_openai(apps, schema_editor):
    Provider = apps.get_model("conversations", "Provider")
    for provider in Provider.objects.filter(kind="openai_compatible"):
        if urlsplit(provider.base_url).hostname == OPENAI_HOST:
            provider.kind = "openai"
            provider.save(update_fields=["kind"])


def forget_openai(apps, schema_editor):
    apps.get_model("conversations", "Provider").objects.exclude(kind="demo").update(kind="openai_compatible")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_parameters")]
    operations = [
        migrations.RunPython(to_rules, to_columns),
        migrations.RunPython(name_openai, forget_openai),
    ]
