"""Registrations of the model admins, on the site that chatsite/urls.py serves at /admin/."""

from conversations.admin.groups import GroupAdmin
from conversations.admin.language_models import LanguageModelAdmin
from conversations.admin.parameters import ParameterRuleAdmin
from conversations.admin.policy import GroupRetentionAdmin, SitePolicyAdmin
from conversations.admin.providers import ProviderAdmin
from conversations.admin.site import site
from conversations.admin.usage import UsageAdmin
from conversations.admin.users import UserAdmin

__all__ = [
    "GroupAdmin",
    "GroupRetentionAdmin",
    "LanguageModelAdmin",
    "ParameterRuleAdmin",
    "ProviderAdmin",
    "SitePolicyAdmin",
    "UsageAdmin",
    "UserAdmin",
    "site",
]
