"""Light, dark, or what the system says: kept with the person, and in a cookie for the sign-in page."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from conversations.exceptions import InvalidInputError
from conversations.forms.themes import ThemeForm
from conversations.views.access import SignedInRequest, back, signed_in

_YEAR = 365 * 86_400


@require_POST
@signed_in
def update(request: SignedInRequest) -> HttpResponse:
    form = ThemeForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError(field="theme")
    request.user.theme = form.cleaned_data["theme"]
    request.user.save(update_fields=["theme"])
    response = back(request)
    response.set_cookie(
        "theme", request.user.theme, max_age=_YEAR, secure=settings.IS_HTTPS, httponly=True, samesite="Lax"
    )
    return response
