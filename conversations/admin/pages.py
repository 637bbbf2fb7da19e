"""Pages of tables too large to be counted."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


class UncountedPaginator(Paginator):  # type: ignore[type-arg]  # takes no argument at run time
    """Pages of a table too large to be counted: it looks one row past ``page`` to know whether there is a next one."""

    def __init__(self, rows: QuerySet[Any], per_page: int, page: int) -> None:
        super().__init__(rows, per_page)
        self._rows = rows
        self._start = (max(page, 1) - 1) * per_page

    @cached_property
    def count(self) -> int:
        """The rows up to the next page, as far as is known."""
        rows = self._rows.values_list("pk", flat=True)[self._start : self._start + self.per_page + 1]
        return self._start + len(rows)


def page_number(request: HttpRequest) -> int:
    """The page that is asked for; the first where that is no number."""
    page = request.GET.get("p", "1")
    return int(page) if page.isdecimal() and len(page) < 9 else 1
