"""The root of all HTTP routes."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("conversations.urls")),
    path("admin/", admin.site.urls),
]
handler500 = "conversations.views.errors.server_error"
