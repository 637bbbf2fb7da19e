"""Rules about parameters as an admin fills them in: one small form for each parameter, all of them sent at once."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q

from conversations.actions.rules import LOCKED, Known, in_words, known_parameters, rule_problems
from conversations.forms.groups import find_people
from conversations.models import LanguageModel, ParameterMode, ParameterRule, User
from conversations.models.language_models import request_formats
from conversations.schemas.aliases import same_as
from conversations.schemas.parameters import SYSTEM_TEXTS
from conversations.schemas.resolving import Rule
from conversations.schemas.sentences import plain, within

LONGEST_VALUE: Final = 100_000
_MODES: Final = (("", "No rule here"), *ParameterMode.choices)
_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_ON_OFF: Final = (("", "None"), ("true", "On"), ("false", "Off"))


class ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no argument at run time
    """A model and who serves it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.provider.name}"


class PlaceForm(forms.Form):
    """Where rules hold: for which models, and for whom."""

    model = ModelField(LanguageModel.objects.select_related("provider"), required=False, empty_label="All models")
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label="For", required=False, empty_label="Everybody")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class PreviewForm(forms.Form):
    """Whom and which model to look at."""

    person = forms.ModelChoiceField(User.objects.all())
    model = ModelField(LanguageModel.objects.select_related("provider"), empty_label=None)
    request_format = forms.ChoiceField(
        label="Request format", required=False, choices=lambda: [("", "The usual one"), *request_formats()]
    )

    def __init__(self, *args: Any, site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        find_people(site, self.fields["person"])


class StringsField(forms.CharField):
    """Texts, one on each line; ``\\n`` and ``\\t`` stand for a line break and a tab. None if there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), strip=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(_escaped(str(text)) for text in value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        lines = str(value or "").replace("\r\n", "\n").split("\n")
        return [_unescaped(line) for line in lines if line] or None


class JsonField(forms.CharField):
    """Any JSON; None if nothing is entered."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 4, "spellcheck": "false", "class": "code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else json.dumps(value, indent=2, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            raise ValidationError('This is not JSON. A text stands in quotes: "auto".') from None

    def run_validators(self, value: Any) -> None:
        """Those of texts are for texts."""


class RuleForm(forms.Form):
    """The rule about one parameter in one place. ``inherited`` says what holds there without it."""

    mode = forms.ChoiceField(label="Rule", required=False, choices=_MODES)
    has_prompt = False
    """Whether the model's own page has a default system prompt that holds in this very place."""

    def __init__(self, known: Known, stored: Rule | None, inherited: Iterable[str], data: Any = None) -> None:
        self.known, self.stored, self.inherited = known, stored, tuple(inherited)
        self.parameter = known.parameter
        is_posted = data is not None and f"{known.name}-mode" in data  # else leave it as it is
        initial = _shown(self.parameter.kind, stored) if stored else {}
        super().__init__(data if is_posted else None, prefix=known.name, initial=initial, label_suffix="")
        self.fields["value"] = self._value_field()
        if self.parameter.kind in ("number", "integer"):
            self.fields["minimum"] = forms.FloatField(label="Minimum", required=False, widget=_number())
            self.fields["maximum"] = forms.FloatField(label="Maximum", required=False, widget=_number())
        if self.parameter.kind == "select":
            self.fields["choices"] = forms.MultipleChoiceField(
                label="Allowed values", required=False, choices=self._options(), widget=forms.CheckboxSelectMultiple
            )
        if self.parameter.kind == "text" and not self.parameter.is_system_text:
            self.fields["choices"] = StringsField(label="Allowed values, one on each line", required=False)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = f"rule__{name} {field.widget.attrs.get('class', '')}".strip()

    @property
    def range(self) -> str:
        """What the model itself takes, where that is a range of numbers."""
        parameter = self.parameter
        return within(parameter.minimum, parameter.maximum, parameter.exclusive_minimum).strip()

    @property
    def rule(self) -> Rule | None:
        """The rule as it is filled in; None where there is to be none. Only for a valid form."""
        if not self.is_bound:
            return self.stored
        cleaned = self.cleaned_data
        mode = cleaned["mode"]
        if not mode or mode == ParameterMode.FREE:
            return Rule(self.known.name, mode, "site") if mode else None
        if mode in LOCKED:
            return Rule(self.known.name, mode, "site", value=cleaned.get("value"))
        return Rule(
            self.known.name, mode, "site", value=cleaned.get("value"), minimum=cleaned.get("minimum"),
            maximum=cleaned.get("maximum"), choices=tuple(cleaned.get("choices") or ()),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.parameter.kind in ("select", "switch"):
            cleaned["value"] = json.loads(cleaned["value"]) if cleaned.get("value") else None
        if self.parameter.kind == "select":
            cleaned["choices"] = [json.loads(choice) for choice in cleaned.get("choices", ())]
        if self.parameter.kind == "text":
            cleaned["value"] = (cleaned.get("value") or "").replace("\r\n", "\n") or None
        is_used = cleaned.get("mode") not in ("", ParameterMode.FREE)
        if not is_used:
            for name in [name for name in self.errors if name != "mode"]:  # out of sight, and of no use
                del self.errors[name]
        elif not self.errors and (rule := self.rule):
            for name, sentence in (self._second_prompt(rule) or rule_problems(self.known, rule)).items():
                self.add_error(name if name in self.fields else "mode", sentence)
        return cleaned

    def _second_prompt(self, rule: Rule) -> dict[str, str]:
        """The default on the model's page would go first, and the one here would never be seen."""
        is_second = self.has_prompt and self.parameter.is_system_text and rule.mode == ParameterMode.DEFAULT
        return {"value": "The model's own page has a default system prompt: change it there."} if is_second else {}

    def _value_field(self) -> forms.Field:
        kind = self.parameter.kind
        label = "Value"
        if kind == "integer":
            return forms.IntegerField(label=label, required=False, widget=_number())
        if kind == "number":
            return forms.FloatField(label=label, required=False, widget=_number())
        if kind in ("switch", "select"):
            options = _ON_OFF if kind == "switch" else (("", "None"), *self._options())
            return forms.ChoiceField(label=label, required=False, choices=options)
        if kind == "strings":
            return StringsField(label="Values, one on each line", required=False)
        if kind == "json":
            return JsonField(label="Value (JSON)", required=False, max_length=LONGEST_VALUE)
        text = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(label=label, required=False, strip=False, max_length=LONGEST_VALUE, widget=text)

    def _options(self) -> list[tuple[str, str]]:
        """What any model allows, and what is stored."""
        offered = [choice for _, form in self.known.forms for choice in form.get("enum", ())]
        if self.stored:
            offered += [*self.stored.choices, *([] if self.stored.value is None else [self.stored.value])]
        return list({json.dumps(choice): plain(choice) for choice in offered}.items())


class RulesForm:
    """All rules for a model (None: every model) and a group (None: everybody); ``data`` is what was posted."""

    def __init__(self, model: LanguageModel | None, group: Group | None, data: Any = None) -> None:
        known = known_parameters(model)
        stored, inherited = _rules(model, group, known)
        for name in stored:
            known.setdefault(name, Known(name, ()))
        self.forms = [RuleForm(one, stored.get(name), inherited.get(name, ()), data) for name, one in known.items()]
        for form in self.forms:
            form.has_prompt = bool(model and model.system_prompt and not group)

    def is_valid(self) -> bool:
        """Every form is looked at, so that all problems are told at once."""
        return self.error_count == 0

    @property
    def error_count(self) -> int:
        return sum(form.is_bound and not form.is_valid() for form in self.forms)

    @property
    def rules(self) -> list[Rule]:
        """As filled in; only where it is valid."""
        return [rule for rule in (form.rule for form in self.forms) if rule]


def _rules(
    model: LanguageModel | None, group: Group | None, known: Mapping[str, Known]
) -> tuple[dict[str, Rule], dict[str, list[str]]]:
    """The rules of this very place, and in words those that hold there anyway, by the names the page has."""
    here = (model.pk if model else None, group.pk if group else None)
    stored: dict[str, Rule] = {}
    inherited: dict[str, list[str]] = {}
    if model and model.system_prompt:
        for name in SYSTEM_TEXTS:
            inherited[name] = [f"From the model's page: {plain(model.system_prompt)}"]
    places = Q(model=None) | Q(model=model), Q(group=None) | Q(group=group)
    rows = ParameterRule.objects.filter(*places).select_related("model", "group").order_by("name")
    for row in sorted(rows, key=lambda row: (row.group_id is not None, row.model_id is not None)):
        shown = next((name for name in same_as(row.name) if name in known), row.name)
        if (row.model_id, row.group_id) == here:
            stored[shown if shown not in stored else row.name] = row.rule()
        else:
            inherited.setdefault(shown, []).append(f"{place(row.model, row.group)}: {in_words(row.rule())}")
    return stored, inherited


def place(model: LanguageModel | None, group: Group | None) -> str:
    """For which models and for whom, in words."""
    return f"{model or 'All models'}, {group or 'everybody'}"


def _shown(kind: str, rule: Rule) -> dict[str, Any]:
    """What stands in the fields of a stored rule."""
    value, choices = rule.value, list(rule.choices)
    if kind in ("select", "switch"):
        value = None if value is None else json.dumps(value)
        choices = [json.dumps(choice) for choice in choices]
    bounds = {"minimum": _short(rule.minimum), "maximum": _short(rule.maximum)}
    return {"mode": rule.mode, "value": _short(value), "choices": choices, **bounds}


def _short(value: Any) -> Any:
    """4096 rather than 4096.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any"})


def _escaped(text: str) -> str:
    for plain_one, written in _ESCAPES:
        text = text.replace(plain_one, written)
    return text


def _unescaped(text: str) -> str:
    meant = {written: plain_one for plain_one, written in _ESCAPES}
    return re.sub(r"\\[\\nrt]", lambda found: meant[found[0]], text)
