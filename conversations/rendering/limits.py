"""How much of a text is rendered before it falls back to plain, escaped text.

All limits count what is in the text, never time: a text must give the same HTML whenever it is rendered and however it
was cut while it arrived.
"""

DOCUMENT_CHARACTERS = 200_000
"""Markdown ends at the first line break from here on; what follows is shown as plain text."""

LINE_CHARACTERS = 4_096
"""How far past the limit of the document its last line may go."""

BLOCK_CHARACTERS = 100_000
"""A longer top-level block is shown as plain text."""

INLINE_CHARACTERS = 20_000
"""A longer paragraph, heading or cell is shown without markup."""

INLINE_BRACKETS = 2_000
"""Square brackets in one paragraph, each counted as often as it is nested: looking for their ends takes that time."""

INLINE_MARKERS = 4_000
"""Other markers in one paragraph."""

CONTAINER_DEPTH = 40
"""Levels of lists and quotes (a list and its item are one level each)."""

IMAGE_DEPTH = 4
"""Images inside the descriptions of images."""

SPARE_CELLS = 256
"""Cells of a table that its source need not spell out."""

CODE_CHARACTERS = 32_000
"""Longer code is not highlighted."""

TEX_CHARACTERS = 4_000
TEX_DEPTH = 90
TEX_UNMATCHED = 8
"""Formulas beyond these show their source: the converter recurses once per level on the stack of the process, and its
time doubles with each delimiter that is never closed."""

RERENDERS = 8
"""How often a finished block is rendered anew for link definitions that came late; after that once, at the end."""
