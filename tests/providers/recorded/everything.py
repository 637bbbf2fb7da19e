"""All recordings."""

from tests.providers.recorded import chat_servers, chat_vendors, responses

RECORDINGS = [*chat_servers.RECORDINGS, *chat_vendors.RECORDINGS, *responses.RECORDINGS]
