"""Base URLs as people paste them, and the addresses below them."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from conversations.exceptions import InvalidInputError

_PASTED_ENDINGS = ("/chat/completions", "/completions", "/responses", "/models", "/embeddings")
_LONGEST = 2000


def normalise_base_url(text: str) -> str:
    """The base URL without trailing slash or pasted operation; a query (Azure's api-version) stays.

    Raises InvalidInputError, with a sentence for the form, for anything a provider can't be called at.
    """
    text = text.strip()
    if len(text) > _LONGEST or any(character.isspace() or not character.isprintable() for character in text):
        raise _invalid("That address holds blanks or is too long.")
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _invalid("Begin the address with http:// or https://, for example https://api.openai.com/v1.")
    if parts.username is not None or parts.password is not None:
        raise _invalid("Leave the name and password out of the address: put the key into its own field.")
    if parts.fragment:
        raise _invalid("Leave the part after # out of the address.")
    return urlunsplit((parts.scheme, parts.netloc.lower(), _base_path(parts.path), parts.query, ""))


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _invalid("That is not an address: check the host and the port.") from error
    if port == 0:
        raise _invalid("Port 0 can't be called.")
    return parts


def _base_path(path: str) -> str:
    path = path.rstrip("/")
    for ending in _PASTED_ENDINGS:
        path = path.removesuffix(ending).rstrip("/")
    return path


def _invalid(sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, field="base_url")


def below(base_url: str, operation: str) -> str:
    """The address of an operation such as ``chat/completions``; the base's query stays at the end.

    ``../`` before the operation leaves the base's last step out.
    """
    parts = urlsplit(base_url)
    base = parts.path.rstrip("/")
    while operation.startswith("../"):
        base, operation = base.rpartition("/")[0], operation.removeprefix("../")
    path = f"{base}/{operation}"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def other_form(base_url: str) -> str:
    """The base URL with ``/v1`` where it was missing, without where it was there."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    path = path.removesuffix("/v1") if path.endswith("/v1") else f"{path}/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
