"""What is done to a tag."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from conversations.actions.tags import delete_tag, rename_tag
from conversations.exceptions import InvalidInputError
from conversations.forms.folders import TagForm
from conversations.models import Tag
from conversations.views.access import SignedInRequest, back, signed_in
from conversations.views.undo_steps import done


@require_POST
@signed_in
def update(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    tag = get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)
    form = TagForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError
    rename_tag(tag, form.cleaned_data["name"])
    return back(request)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    return done(request, delete_tag(get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)))
