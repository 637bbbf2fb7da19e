"""Tables and their querysets: a rule about one row is a method, about many rows a queryset method."""

from conversations.models.conversations import Conversation
from conversations.models.files import Detail, File, MessageImage
from conversations.models.folders import Folder, Tag
from conversations.models.generations import Generation, GenerationStatus
from conversations.models.language_models import LanguageModel, Overflow, RequestFormat
from conversations.models.members import Member, MemberRole, Visit
from conversations.models.messages import Deletion, Message, MessageStatus, Role
from conversations.models.parameters import OwnDefaults, ParameterMode, ParameterRule
from conversations.models.providers import Provider, ProviderKind
from conversations.models.retention import GroupRetention, SitePolicy
from conversations.models.search import SearchDocument
from conversations.models.setup_links import SetupLink
from conversations.models.share_links import Audience, ShareLink
from conversations.models.transfers import Transfer, TransferKind, TransferStatus
from conversations.models.undo_steps import UndoStep
from conversations.models.usage import Usage
from conversations.models.users import Theme, User

__all__ = [
    "Audience",
    "Conversation",
    "Deletion",
    "Detail",
    "File",
    "Folder",
    "Generation",
    "GenerationStatus",
    "GroupRetention",
    "LanguageModel",
    "Member",
    "MemberRole",
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
    "SearchDocument",
    "SetupLink",
    "ShareLink",
    "SitePolicy",
    "Tag",
    "Theme",
    "Transfer",
    "TransferKind",
    "TransferStatus",
    "UndoStep",
    "Usage",
    "User",
    "Visit",
]
