"""Every HTTP route, one list per noun."""

from django.urls import URLPattern, path

from conversations.views import (
    accounts,
    again,
    bins,
    comparisons,
    conversations,
    files,
    generations,
    health,
    inspector,
    members,
    messages,
    requests,
    search,
    share_links,
    shared,
    themes,
    tools,
)

conversation_urls: list[URLPattern] = [
    path("", conversations.home, name="home"),
    path("conversations/", conversations.index, name="conversation-index"),
    path("conversations/<uuid:pk>/", conversations.detail, name="conversation-detail"),
    path("conversations/<uuid:pk>/log/", conversations.log, name="conversation-log"),
    path("conversations/<uuid:pk>/update/", conversations.update, name="conversation-update"),
    path("conversations/<uuid:pk>/delete/", conversations.delete, name="conversation-delete"),
    path("conversations/<uuid:pk>/restore/", conversations.restore, name="conversation-restore"),
]
message_urls: list[URLPattern] = [
    path("messages/", messages.create, name="message-create"),
    path("messages/<uuid:pk>/text/", messages.text, name="message-text"),
    path("messages/<uuid:pk>/again/", again.detail, name="message-again"),
    path("messages/<uuid:pk>/compare/", comparisons.detail, name="message-compare"),
    path("messages/<uuid:pk>/select/", messages.select, name="branch-select"),
    path("messages/<uuid:pk>/regenerate/", messages.regenerate, name="message-regenerate"),
    path("messages/<uuid:pk>/request/", requests.sent, name="message-request"),
    path("messages/<uuid:pk>/continue/", messages.go_on, name="message-continue"),
    path("messages/<uuid:pk>/retry/", messages.retry, name="message-retry"),
    path("messages/<uuid:pk>/results/", tools.answer, name="message-answer-tools"),
]
inspector_urls: list[URLPattern] = [
    path("inspector/", inspector.blank, name="inspector"),
    path("conversations/<uuid:pk>/inspector/", inspector.detail, name="conversation-inspector"),
    path("conversations/<uuid:pk>/parameters/", inspector.save, name="conversation-parameters"),
    path("inspector/defaults/", inspector.save_defaults, name="own-defaults"),
]
generation_urls: list[URLPattern] = [
    path("generations/<uuid:pk>/stop/", generations.stop, name="generation-stop"),
]
file_urls: list[URLPattern] = [
    path("files/", files.create, name="file-create"),
    path("files/<uuid:pk>/", files.detail, name="file-detail"),
    path("files/<uuid:pk>/thumbnail/", files.thumbnail, name="file-thumbnail"),
]
member_urls: list[URLPattern] = [
    path("conversations/<uuid:pk>/people/", members.detail, name="conversation-people"),
    path("conversations/<uuid:pk>/people/add/", members.create, name="member-create"),
    path("members/<uuid:pk>/update/", members.update, name="member-update"),
    path("members/<uuid:pk>/delete/", members.delete, name="member-delete"),
]
bin_urls: list[URLPattern] = [
    path("conversations/<uuid:pk>/keep/", bins.keep, name="conversation-keep"),
    path("bin/", bins.index, name="bin"),
    path("bin/restore/", bins.restore, name="bin-restore"),
    path("bin/remove/", bins.remove, name="bin-remove"),
]
search_urls: list[URLPattern] = [
    path("search/", search.index, name="search"),
    path("search/hits/", search.hits, name="search-hits"),
    path("conversations/<uuid:pk>/find/", search.find, name="conversation-find"),
]
theme_urls: list[URLPattern] = [
    path("theme/", themes.update, name="theme-update"),
]
account_urls: list[URLPattern] = [
    path("sign-in/", accounts.enter, name="sign-in"),
    path("sign-out/", accounts.leave, name="sign-out"),
    path("setup/<str:token>/", accounts.setup, name="setup"),
    path("password/", accounts.password, name="password"),
]
share_link_urls: list[URLPattern] = [
    path("conversations/<uuid:pk>/share/", share_links.share, name="conversation-share"),
    path("shares/", share_links.index, name="share-link-index"),
    path("shares/revoke/", share_links.revoke_all, name="share-link-revoke-all"),
    path("shares/<uuid:pk>/revoke/", share_links.revoke, name="share-link-revoke"),
]
shared_urls: list[URLPattern] = [
    path("s/<str:token>/", shared.detail, name="shared"),
    path("s/<str:token>/copy/", shared.copy, name="shared-copy"),
    path("s/<str:token>/files/<uuid:pk>/", shared.file, name="shared-file"),
    path("s/<str:token>/files/<uuid:pk>/thumbnail/", shared.thumbnail, name="shared-thumbnail"),
]
health_urls: list[URLPattern] = [
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]

urlpatterns: list[URLPattern] = [
    *conversation_urls,
    *message_urls,
    *inspector_urls,
    *generation_urls,
    *file_urls,
    *member_urls,
    *bin_urls,
    *search_urls,
    *theme_urls,
    *account_urls,
    *share_link_urls,
    *shared_urls,
    *health_urls,
]
