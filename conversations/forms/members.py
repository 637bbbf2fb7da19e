"""Members of a conversation as a form brings them."""

from django import forms

from conversations.models import MemberRole
from conversations.models.members import member_roles


class InviteForm(forms.Form):
    """``person`` is a name to sign in with, ``group`` the number of a group; one of the two."""

    person = forms.CharField(max_length=150, required=False)
    group = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    role = forms.ChoiceField(choices=member_roles, required=False)

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or MemberRole.VIEWER.value


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=member_roles)
