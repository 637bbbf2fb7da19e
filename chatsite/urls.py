"""The root of all HTTP routes."""

from django.urls import include, path

from conversations.admin import site

urlpatterns = [
    path("", include("conversations.urls")),
    path("admin/", site.urls),
]
handler500 = "conversations.views.errors.server_error"
