"""From a queued row to a finished answer."""
