"""Tables and their querysets: a rule about one row is a method, about many rows a queryset method."""

from conversations.models.conversations import Conversation
from conversations.models.files import Detail, File, MessageImage
from conversations.models.generations import Generation, GenerationStatus
from conversations.models.language_models import LanguageModel, Overflow, RequestFormat
from conversations.models.messages import Message, MessageStatus, Role
from conversations.models.parameters import OwnDefaults, ParameterMode, ParameterRule
from conversations.models.providers import Provider, ProviderKind
from conversations.models.setup_links import SetupLink
from conversations.models.usage import Usage
from conversations.models.users import Theme, User

__all__ = [
    "Conversation",
    "Detail",
    "File",
    "Generation",
    "GenerationStatus",
    "LanguageModel",
    "Message",
    "MessageImage",
    "MessageStatus",
    "Overflow",
    "OwnDefaults",
    "ParameterMode",
    "ParameterRule",
    "Provider",
    "ProviderKind",
    "RequestFormat",
    "Role",
    "SetupLink",
    "Theme",
    "Usage",
    "User",
]
