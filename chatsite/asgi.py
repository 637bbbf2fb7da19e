"""The ASGI application: HTTP to Django, sockets to Channels, and the runner started on the first scope of a loop."""

import os
from typing import Any

from channels.auth import AuthMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
_http = get_asgi_application()  # sets Django up: what needs its models is imported below

from chatsite.sessions import SocketSession  # noqa: E402
from conversations.generation import runner  # noqa: E402
from conversations.jobs import worker  # noqa: E402
from conversations.routing import websocket_urlpatterns  # noqa: E402

_sockets = CookieMiddleware(SocketSession(AuthMiddleware(URLRouter(websocket_urlpatterns))))
_router = ProtocolTypeRouter({"http": _http, "websocket": _sockets})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await runner.start()
    worker.start()
    await _router(scope, receive, send)
