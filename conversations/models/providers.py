"""Providers: the endpoints that serve models."""

import base64
from collections.abc import Mapping
from typing import ClassVar, TypeVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from conversations.exceptions import ProviderAuthenticationError, ProviderRequestError
from conversations.models.ids import new_id
from conversations.outbound import Limits
from conversations.providers.base import Endpoint
from conversations.providers.cloudflare import GATEWAY_HEADER
from conversations.providers.kinds import composed_base_url, has_gateway_header, missing_ids

Secret = TypeVar("Secret", str, dict[str, str])


class ProviderKind(models.TextChoices):
    OPENAI = "openai", "OpenAI"
    AZURE_OPENAI = "azure_openai", "Azure OpenAI"
    CLOUDFLARE = "cloudflare", "Cloudflare"
    OPENROUTER = "openrouter", "OpenRouter"
    LITELLM = "litellm", "LiteLLM proxy"
    OLLAMA = "ollama", "Ollama"
    LLAMA_CPP = "llama_cpp", "llama.cpp server"
    VLLM = "vllm", "vLLM"
    LM_STUDIO = "lm_studio", "LM Studio"
    OPENAI_COMPATIBLE = "openai_compatible", "Other, OpenAI-compatible"
    AGGREGATOR = "aggregator", "Aggregator with a form (one prompt)"
    DEMO = "demo", "Demo (built in, no network)"


class LengthField(models.TextChoices):
    MAX_TOKENS = "max_tokens", "max_tokens (most servers)"
    MAX_COMPLETION_TOKENS = "max_completion_tokens", "max_completion_tokens (OpenAI's newer models)"


class SystemRole(models.TextChoices):
    SYSTEM = "system", "system (known everywhere)"
    DEVELOPER = "developer", "developer (OpenAI's reasoning models)"


def provider_kinds() -> list[tuple[str, str]]:
    return list(ProviderKind.choices)


def system_roles() -> list[tuple[str, str]]:
    return list(SystemRole.choices)


def length_fields() -> list[tuple[str, str]]:
    return list(LengthField.choices)


class Provider(models.Model):
    """An endpoint with a key and further headers: write-only, encrypted under a secret kept outside the database, bound
    to its address.

    ``base_url`` may be empty where the kind's own address will do, and may hold ``{account_id}`` and ``{gateway_id}``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30, choices=provider_kinds, default=ProviderKind.OPENAI_COMPATIBLE)
    base_url = models.CharField("base URL", max_length=500, blank=True)
    encrypted_key = models.TextField(blank=True, editable=False)
    encrypted_headers = models.TextField(blank=True, editable=False)
    query = models.JSONField("further query parameters", default=dict, blank=True)
    route = models.CharField("way in", max_length=30, blank=True)
    account_id = models.CharField("account id", max_length=100, blank=True)
    gateway_id = models.CharField("gateway id", max_length=100, blank=True)
    system_role = models.CharField(
        "role of system text", max_length=10, choices=system_roles, default=SystemRole.SYSTEM
    )
    returns_reasoning = models.BooleanField("send reasoning back while tools are called", default=False)
    length_field = models.CharField(
        "name of the length parameter", max_length=30, choices=length_fields, default=LengthField.MAX_TOKENS
    )
    sends_stream_options = models.BooleanField("ask for usage in streams", default=True)
    first_event_seconds = models.PositiveIntegerField(
        "seconds to wait for the first token", default=60, validators=[MinValueValidator(1), MaxValueValidator(1800)]
    )
    idle_seconds = models.PositiveIntegerField(
        "seconds of silence allowed", default=60, validators=[MinValueValidator(1), MaxValueValidator(1800)]
    )
    concurrency = models.PositiveIntegerField(
        "answers at once", default=1000, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_key(self) -> bool:
        return bool(self.encrypted_key)

    @property
    def is_demo(self) -> bool:
        return self.kind == ProviderKind.DEMO

    @property
    def has_headers(self) -> bool:
        return bool(self.encrypted_headers)

    @property
    def address(self) -> str:
        """The base URL in use: what was entered, or the kind's own, with the ids in it; "" if there is none."""
        return composed_base_url(
            self.kind, self.route, self.base_url, account_id=self.account_id, gateway_id=self.gateway_id
        )

    def set_key(self, key: str) -> None:
        """Encrypt ``key`` for this address; an empty one forgets it. Save the row afterwards."""
        self.encrypted_key = _encrypted(self.address, key) if key else ""

    def key(self) -> str:
        """The key in clear, only for the address it was saved with; "" if there is none.

        Raises ProviderAuthenticationError if it is there and can't be used.
        """
        return self._decrypted(self.encrypted_key, str, "key") if self.encrypted_key else ""

    def set_headers(self, headers: Mapping[str, str]) -> None:
        """Encrypt further headers for this address; none at all forgets them. Save the row afterwards."""
        self.encrypted_headers = _encrypted(self.address, dict(headers)) if headers else ""

    def headers(self) -> dict[str, str]:
        """The further headers in clear, under the same conditions as the key."""
        if not self.encrypted_headers:
            return {}
        return self._decrypted(self.encrypted_headers, dict[str, str], "headers")

    def _decrypted(self, stored: str, kind: type[Secret], noun: str) -> Secret:
        try:
            url, secret = msgspec.json.decode(_cipher().decrypt(stored.encode()), type=tuple[str, kind])  # type: ignore[valid-type]
        except (InvalidToken, msgspec.ValidationError):
            message = f"The stored {noun} of {self.name} can't be read any more (the site's secret key has changed)."
            raise ProviderAuthenticationError(f"{message} Ask an admin to enter it again.") from None
        if url != self.address:
            message = f"The address of {self.name} has changed. Ask an admin to enter its {noun} again."
            raise ProviderAuthenticationError(message)
        return secret

    def endpoint(self) -> Endpoint:
        """This provider as the engines see it.

        Raises ProviderAuthenticationError when the stored key or headers can't be used, ProviderRequestError when the
        address lacks an id.
        """
        if missing_ids(self.address):
            raise ProviderRequestError(f"The address of {self.name} is not complete. Ask an admin to enter its ids.")
        headers = self.headers()
        if self.gateway_id and has_gateway_header(self.kind, self.route):
            headers[GATEWAY_HEADER] = self.gateway_id
        return Endpoint(
            id=f"{self.pk}:{self.changed_at.timestamp()}",
            kind=self.kind,
            base_url=self.address,
            key=self.key(),
            headers=headers,
            query=self.query,
            route=self.route,
            system_role=self.system_role,
            returns_reasoning=self.returns_reasoning,
            sends_stream_options=self.sends_stream_options,
            first_event_timeout=float(self.first_event_seconds),
            idle_timeout=float(self.idle_seconds),
            total_timeout=float(settings.LIMIT_ANSWER_SECONDS),
            limits=Limits(line=settings.LIMIT_UPSTREAM_LINE_BYTES, answer=settings.LIMIT_ANSWER_BYTES),
        )


def _encrypted(address: str, secret: str | dict[str, str]) -> str:
    return _cipher().encrypt(msgspec.json.encode([address, secret])).decode()


def _cipher() -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=b"chatsite", info=b"provider keys").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
