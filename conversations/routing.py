"""Every WebSocket route."""

from django.urls import path

from conversations.consumers.conversations import ConversationsConsumer

websocket_urlpatterns = [path("ws/", ConversationsConsumer.as_asgi())]
