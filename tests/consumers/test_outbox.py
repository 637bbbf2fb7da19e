"""How much a slow reader may keep waiting."""

from django.conf import settings

from conversations.consumers.outbox import Outbox


def test_it_is_full_until_the_browser_acknowledges() -> None:
    outbox = Outbox()
    outbox.sent("g", 1, settings.LIMIT_UNSENT_BYTES - 1)
    assert not outbox.is_full
    outbox.sent("g", 2, 1)
    assert outbox.is_full
    outbox.acknowledge("g", 1)
    assert not outbox.is_full


def test_acknowledging_what_was_never_sent_changes_nothing() -> None:
    outbox = Outbox()
    outbox.acknowledge("unknown", 10)
    outbox.sent("g", 5, 10)
    outbox.acknowledge("g", 2**31 - 1)
    outbox.acknowledge("g", 2**31 - 1)
    outbox.sent("g", 6, settings.LIMIT_UNSENT_BYTES)
    assert outbox.is_full


def test_a_run_that_ended_takes_nothing_with_it() -> None:
    outbox = Outbox()
    outbox.sent("g", 1, settings.LIMIT_UNSENT_BYTES)
    outbox.behind["g"] = "c"
    outbox.forget("g")
    assert not outbox.is_full
    assert outbox.behind == {}
