"""Results of tools as a form post brings them."""

from django import forms

from conversations.exceptions import InvalidInputError


class ResultsForm(forms.Form):
    """What called tools gave: ``call`` and ``text`` come once for each call, in the same order."""

    client_id = forms.UUIDField()

    @property
    def results(self) -> dict[str, str]:
        """Texts by call. Raises InvalidInputError where they are no pairs."""
        calls, texts = (self.data.getlist(name) for name in ("call", "text"))  # type: ignore[attr-defined]
        if len(calls) != len(texts) or len(set(calls)) != len(calls):
            raise InvalidInputError("Give one result for each call.", field="results")
        return dict(zip(calls, texts, strict=True))
