"""What never stands in a log line."""

import logging

from chatsite.logs import TokenFilter


def test_the_token_of_a_set_up_link_is_masked_wherever_it_stands() -> None:
    record = logging.LogRecord("django", logging.WARNING, "", 1, "Forbidden: %s", ("/setup/0123456789abcdef/",), None)
    assert TokenFilter().filter(record)
    assert record.getMessage() == "Forbidden: /setup/…/"


def test_other_lines_are_left_as_they_are() -> None:
    record = logging.LogRecord("django", logging.WARNING, "", 1, "Not found: %s", ("/nowhere/",), None)
    assert TokenFilter().filter(record)
    assert record.args == ("/nowhere/",)


def test_the_token_of_a_share_link_is_masked_too() -> None:
    paths = ("/s/any.aB3_-xY/files/1/",)
    record = logging.LogRecord("django", logging.WARNING, "", 1, "Not Found: %s", paths, None)
    assert TokenFilter().filter(record)
    assert record.getMessage() == "Not Found: /s/…/files/1/"
