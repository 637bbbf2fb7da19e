"""The ledger in the admin: read-only, and never counted."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Usage, User

LIST = "/admin/conversations/usage/"


@pytest.fixture
def ledger(alice: User) -> None:
    """250 rows of today, one of last year."""
    now = timezone.now()
    ages = [timedelta(seconds=n) for n in range(250)] + [timedelta(days=200)]
    Usage.objects.bulk_create(
        Usage(
            generation_id=uuid.uuid4(),
            conversation_id=uuid.uuid4(),
            user=alice,
            user_name="alice",
            provider_name="P",
            model_name=f"model-{number}",
            status="complete",
            input_tokens=number,
            created_at=now - age,
        )
        for number, age in enumerate(ages)
    )


def shown(client: Client, **query: str) -> list[int]:
    page = client.get(LIST, query).content.decode()
    return [int(number) for number in re.findall(r'field-asked">model-(\d+)<', page)]


def test_pages_follow_one_another_newest_first(admin: Client, ledger: None) -> None:
    pages = [shown(admin, p=str(number)) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [100, 100, 50]
    assert [number for page in pages for number in page] == list(range(250))


def test_there_is_a_link_to_the_next_page_and_none_after_the_last(admin: Client, ledger: None) -> None:
    assert "?p=2" in admin.get(LIST).content.decode()
    assert "?p=4" not in admin.get(LIST, {"p": "3"}).content.decode()


def test_the_ledger_is_never_counted(admin: Client, ledger: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        for query in ({}, {"p": "2"}, {"q": "ali"}, {"days": "365"}):
            admin.get(LIST, query)
    about = [query["sql"] for query in queries if "usage" in query["sql"].lower()]
    assert about
    assert not [sql for sql in about if "COUNT(" in sql.upper()]
    assert all("LIMIT" in sql for sql in about)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1e9", "9" * 30, "²"])
def test_a_page_that_is_not_there_is_no_error(admin: Client, ledger: None, page: str) -> None:
    assert admin.get(LIST, {"p": page}, follow=True).status_code == 200


def test_the_period_bounds_what_is_read(admin: Client, ledger: None) -> None:
    assert 250 not in [*shown(admin, p="3"), *shown(admin, p="3", days="all")]
    assert shown(admin, p="3", days="365")[-1] == 250


def line(client: Client, name: str, **query: str) -> list[str]:
    """The cells of a line of the totals."""
    page = client.get(f"{LIST}totals/", query).content.decode()
    found = re.search(rf'<th scope="row">{re.escape(name)}</th>(.*?)</tr>', page, re.DOTALL)
    return re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL) if found else []


def test_totals_are_the_sums_of_the_rows(admin: Client, ledger: None) -> None:
    Usage.objects.filter(model_name__in=["model-1", "model-2"]).update(
        model_name="oak", cost=Decimal("0.12345678"), output_tokens=1000
    )
    Usage.objects.filter(model_name="model-3").update(model_name="oak", is_estimated=True)
    assert line(admin, "oak · P") == ["3", "6", "0", "2,000", "0.2469", "1 without a price, 1 estimated"]
    assert line(admin, "alice")[:5] == ["250", f"{sum(range(250)):,}", "0", "2,000", "0.2469"]
    assert line(admin, "model-7 · P")[4] == "not known"


def test_totals_keep_to_their_period(admin: Client, ledger: None) -> None:
    assert line(admin, "alice")[0] == "250"
    assert line(admin, "alice", days="365")[0] == "251"
    assert line(admin, "alice", days="all")[0] == "250"
    Usage.objects.all().delete()
    assert "No answers in this period." in admin.get(f"{LIST}totals/").content.decode()


def test_totals_ask_as_often_for_many_rows(admin: Client, ledger: None) -> None:
    admin.get(f"{LIST}totals/")
    with CaptureQueriesContext(connection) as many:
        admin.get(f"{LIST}totals/")
    Usage.objects.exclude(model_name="model-1").delete()
    with CaptureQueriesContext(connection) as few:
        admin.get(f"{LIST}totals/")
    assert len(many) == len(few)


def test_totals_are_for_admins(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(f"{LIST}totals/").status_code == 404


def test_people_and_models_are_found_by_how_their_names_begin(admin: Client, ledger: None) -> None:
    assert shown(admin, q="model-24") == [24, *range(240, 250)]
    assert len(shown(admin, q="ALI")) == 100


def test_nothing_in_the_ledger_can_be_changed(admin: Client, ledger: None) -> None:
    row = Usage.objects.first()
    assert row is not None
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.post(f"{LIST}{row.pk}/change/", {"input_tokens": "1"}).status_code == 403
    assert admin.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Usage.objects.count() == 251
