"""Sessions of requests, prolonged or ended before anybody asks who is signed in; and those of sockets."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from conversations.actions.sessions import keep_alive


class SessionLifeMiddleware(MiddlewareMixin):
    """Stands between SessionMiddleware and AuthenticationMiddleware."""

    def process_request(self, request: HttpRequest) -> None:
        keep_alive(request.session)


class SocketSession:
    """Lays the session beside a socket. The one of Channels looks with each frame whether it has to be saved."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._store = import_module(settings.SESSION_ENGINE).SessionStore

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        await self._inner({**scope, "session": self._store(key)}, receive, send)
