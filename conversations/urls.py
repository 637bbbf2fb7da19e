"""Every HTTP route, one list per noun."""

from django.urls import URLPattern, path

from conversations.views import (
    accounts,
    again,
    archive,
    bins,
    branches,
    comparisons,
    conversations,
    files,
    folders,
    generations,
    health,
    inspector,
    members,
    messages,
    requests,
    search,
    share_links,
    shared,
    tags,
    themes,
    tools,
    transfers,
    undo_steps,
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
branch_urls: list[URLPattern] = [
    path("conversations/<uuid:pk>/branches/", branches.index, name="conversation-branches"),
    path("conversations/<uuid:pk>/compare/", branches.compare, name="branch-compare"),
    path("conversations/<uuid:pk>/copy/", branches.copy_all, name="conversation-fork"),
    path("messages/<uuid:pk>/menu/", branches.menu, name="message-menu"),
    path("messages/<uuid:pk>/name/", branches.name, name="branch-name"),
    path("messages/<uuid:pk>/copy/", branches.copy_path, name="message-fork"),
    path("messages/<uuid:pk>/delete/", branches.delete, name="message-delete"),
    path("deletions/<uuid:pk>/undo/", branches.undo, name="deletion-undo"),
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
archive_urls: list[URLPattern] = [
    path("archive/", archive.index, name="archive"),
    path("archive/change/", archive.change, name="archive-change"),
]
folder_urls: list[URLPattern] = [
    path("folders/", folders.create, name="folder-create"),
    path("folders/<uuid:pk>/", folders.detail, name="folder-detail"),
    path("folders/<uuid:pk>/update/", folders.update, name="folder-update"),
    path("folders/<uuid:pk>/delete/", folders.delete, name="folder-delete"),
]
tag_urls: list[URLPattern] = [
    path("tags/<uuid:pk>/update/", tags.update, name="tag-update"),
    path("tags/<uuid:pk>/delete/", tags.delete, name="tag-delete"),
]
undo_step_urls: list[URLPattern] = [
    path("undo/<uuid:pk>/", undo_steps.take_back, name="undo-step"),
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
transfer_urls: list[URLPattern] = [
    path("transfers/", transfers.index, name="transfers"),
    path("transfers/export/", transfers.export, name="transfer-export"),
    path("transfers/upload/", transfers.upload, name="transfer-upload"),
    path("transfers/<uuid:pk>/", transfers.detail, name="transfer-detail"),
    path("transfers/<uuid:pk>/part/", transfers.part, name="transfer-part"),
    path("transfers/<uuid:pk>/check/", transfers.check, name="transfer-check"),
    path("transfers/<uuid:pk>/import/", transfers.begin, name="transfer-import"),
    path("transfers/<uuid:pk>/stop/", transfers.stop, name="transfer-stop"),
    path("transfers/<uuid:pk>/delete/", transfers.delete, name="transfer-delete"),
    path("transfers/<uuid:pk>/file/", transfers.file, name="transfer-file"),
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
    *branch_urls,
    *inspector_urls,
    *generation_urls,
    *file_urls,
    *member_urls,
    *archive_urls,
    *folder_urls,
    *tag_urls,
    *undo_step_urls,
    *bin_urls,
    *search_urls,
    *transfer_urls,
    *theme_urls,
    *account_urls,
    *share_link_urls,
    *shared_urls,
    *health_urls,
]
