"""What the page of all conversations is narrowed down by, and what is done to those chosen there."""

from typing import Any

from django import forms

from conversations.models import Conversation, Folder, LanguageModel, Tag, User
from conversations.models.conversations import ConversationQuerySet

NO_FOLDER = "none"
STATES = [("active", "Not archived"), ("archived", "Archived"), ("all", "All of mine"), ("shared", "Shared with me")]
DEEDS = ("archive", "unarchive", "move", "tag", "delete")


class ArchiveFilterForm(forms.Form):
    """Every field may be missing; what is none of the choices counts as missing."""

    q = forms.CharField(required=False, max_length=200, label="Title")
    state = forms.ChoiceField(required=False, choices=STATES, label="State")
    folder = forms.ChoiceField(required=False, label="Folder")
    tag = forms.ModelChoiceField(Tag.objects.none(), required=False, label="Tag", empty_label="Any tag")
    model = forms.ModelChoiceField(LanguageModel.objects.none(), required=False, label="Model", empty_label="Any model")

    def __init__(self, user: User, data: Any, paths: list[tuple[Folder, str]]) -> None:
        super().__init__(data, auto_id="filter-%s")
        self._user = user
        kept = [("", "Any folder"), (NO_FOLDER, "In no folder"), *((str(each.pk), path) for each, path in paths)]
        self._field("folder").choices = kept
        self._field("tag").queryset = Tag.objects.visible_to(user).order_by("name")
        used = Conversation.objects.owned_by(user).order_by().values("model").distinct()
        self._field("model").queryset = LanguageModel.objects.filter(pk__in=used).order_by("name")

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def chosen(self) -> dict[str, Any]:
        """The fields that narrow something down."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and value != "active"}

    @property
    def state_shown(self) -> str:
        return str(self.chosen.get("state", "active"))

    def rows(self) -> ConversationQuerySet:
        """Those meant, in no order yet; temporary ones never."""
        chosen, state = self.chosen, self.state_shown
        own = Conversation.objects.owned_by(self._user).filter(is_temporary=False)
        rows = Conversation.objects.shared_with(self._user) if state == "shared" else own
        if state in {"active", "archived"}:
            rows = rows.filter(archived_at__isnull=state == "active")
        if chosen.get("q"):
            rows = rows.filter(title__icontains=chosen["q"])
        if chosen.get("folder"):
            rows = rows.filter(folder=None if chosen["folder"] == NO_FOLDER else chosen["folder"])
        for name in ("tag", "model"):
            if name in chosen:
                rows = rows.filter(**{"tags" if name == "tag" else "model": chosen[name]})
        return rows


class ChangeForm(forms.Form):
    """``deed`` on conversations. ``folder``: where to, "" is the list; ``new``: names of a folder or tags, made first.

    ``tag`` are the tags they are to have of those offered, ``held`` the ones that all of them had.
    """

    deed = forms.ChoiceField(choices=[(deed, deed) for deed in DEEDS])
    folder = forms.ModelChoiceField(Folder.objects.none(), required=False)
    new = forms.CharField(required=False, max_length=5_000, strip=False)
    tag = forms.ModelMultipleChoiceField(Tag.objects.none(), required=False)
    held = forms.ModelMultipleChoiceField(Tag.objects.none(), required=False)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        self._offer("folder", Folder.objects.visible_to(user))
        self._offer("tag", Tag.objects.visible_to(user))
        self._offer("held", Tag.objects.visible_to(user))

    def _offer(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows

    @property
    def names(self) -> list[str]:
        """What stands in ``new``, apart by commas."""
        return [name for name in self.cleaned_data["new"].split(",") if name.strip()]
