"""The two defaults a model had before become rules, also in what was sent; providers at OpenAI become that kind."""

from typing import Any

from django.db import migrations

OPENAI_HOST = "api.openai.com"


def to_rules(apps: Any, schema_editor: Any) -> None:
    LanguageModel = apps.get_model("conversations", "LanguageModel")
    ParameterRule = apps.get_model("conversations", "ParameterRule")
    for model in LanguageModel.objects.select_related("provider"):
        names = {"temperature": "temperature", "max_output_tokens": model.provider.length_field}
        for column, name in names.items():
            value = getattr(model, column)
            if value is not None:
                ParameterRule.objects.get_or_create(model=model, group=None, name=name, defaults={"value": value})


def to_columns(apps: Any, schema_editor: Any) -> None:
    ParameterRule = apps.get_model("conversations", "ParameterRule")
    for rule in ParameterRule.objects.filter(group=None, mode="default").exclude(model=None).select_related("model"):
        column = "temperature" if rule.name == "temperature" else "max_output_tokens"
        if rule.name in {"temperature", "max_tokens", "max_completion_tokens"} and rule.value is not None:
            setattr(rule.model, column, rule.value)
            rule.model.save(update_fields=[column])
            rule.delete()


def name_openai(apps: Any, schema_editor: Any) -> None:
    Provider = apps.get_model("conversations", "Provider")
    for provider in Provider.objects.filter(kind="openai_compatible"):
        if provider.base_url.partition("://")[2].partition("/")[0] == OPENAI_HOST:
            provider.kind = "openai"
            provider.save(update_fields=["kind"])


def forget_openai(apps: Any, schema_editor: Any) -> None:
    apps.get_model("conversations", "Provider").objects.exclude(kind="demo").update(kind="openai_compatible")


def to_new_records(apps: Any, schema_editor: Any) -> None:
    Generation = apps.get_model("conversations", "Generation")
    for run in Generation.objects.filter(request__has_key="system_prompt").select_related("model__provider").iterator():
        length = run.model.provider.length_field if run.model else "max_tokens"
        old = run.request
        values = {"temperature": old.pop("temperature"), length: old.pop("max_output_tokens")}
        sent = {name: {"value": value, "source": "model"} for name, value in values.items() if value is not None}
        text = old.pop("system_prompt")
        run.request = {**old, "format": "chat_completions", "system_text": text, "dropped": 0, "parameters": sent}
        run.save(update_fields=["request"])


def to_old_records(apps: Any, schema_editor: Any) -> None:
    Generation = apps.get_model("conversations", "Generation")
    for run in Generation.objects.filter(request__has_key="system_text").iterator():
        values = {name: each["value"] for name, each in run.request["parameters"].items()}
        lengths = [values[name] for name in ("max_tokens", "max_completion_tokens") if name in values]
        run.request = {
            **{name: run.request[name] for name in ("model", "provider", "messages")},
            "system_prompt": run.request["system_text"],
            "temperature": values.get("temperature"),
            "max_output_tokens": lengths[0] if lengths else None,
        }
        run.save(update_fields=["request"])


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_parameters")]
    operations = [
        migrations.RunPython(to_rules, to_columns),
        migrations.RunPython(name_openai, forget_openai),
        migrations.RunPython(to_new_records, to_old_records),
    ]
