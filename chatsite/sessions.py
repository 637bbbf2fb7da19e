"""Prolongs sessions that are used, and ends those that have lived too long, before anybody asks who is signed in."""

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from conversations.actions.sessions import keep_alive


class SessionLifeMiddleware(MiddlewareMixin):
    """Stands between SessionMiddleware and AuthenticationMiddleware."""

    def process_request(self, request: HttpRequest) -> None:
        keep_alive(request.session)
