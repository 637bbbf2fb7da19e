"""Pages name hashed static files: they are collected once for a run, as an installation does."""

import pytest
from django.core.management import call_command


@pytest.fixture(scope="session")
def static_files() -> None:
    """Let templates be rendered in the test's own process."""
    call_command("collectstatic", interactive=False, verbosity=0)
