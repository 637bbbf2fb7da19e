"""File formats of exports and imports, to and from plain frozen dataclasses. No Django, no database.

A conversation in a file is a ``ConversationRecord`` (``records.py``), whichever format it came from or goes to. Reading
and writing hold one conversation in memory at a time.

Reading
    ``detect.open_source(path, limits=ImportLimits()) -> Source``: tells the format by content. A context manager.
    ``source.format``: "chatsite", "chatgpt", "open_webui" or "librechat"; ``source.label`` is its name for people.
    ``source.conversations() -> Iterator[Readable | Unreadable]``: lazily, in the order of the file, from its beginning
    each time it is called. ``Readable(position, record, notes)``: notes are plain sentences about what was repaired.
    ``Unreadable(position, title, reason)``: this one can't be read; the next one may.
    ``source.count() -> int``: how many there are; reads the whole file once and raises where it is cut off, so that
    whoever counts before writing never writes half a file.
    ``source.read_image(image: ImageRecord) -> bytes | None``: the picture of a record, None where the file has none.
    Everything raises ``TransferError`` (``conversations.exceptions``) for what is wrong with the file as a whole.

Writing
    ``archive.write_archive``, ``markdown_export.write_markdown`` and
    ``html_export.write_html`` share one signature: ``(path: Path, records: Iterable[ConversationRecord],
    open_image: Callable[[ImageRecord], BinaryIO | None], *, created_at: datetime, progress: Callable[[int], None],
    whole_tree=True) -> Written`` (the archive, without the last one, always has the whole tree). ``open_image`` gives a
    picture's bytes to read, None where they are gone. ``progress`` is called with the number of conversations written
    so far. The file stands at ``path`` only once it is whole.
    ``markdown_export.conversation_markdown(record, *, whole_tree=False) -> str`` and
    ``html_export.conversation_html(record, read_image, *, whole_tree=False) -> str`` give a single document;
    ``read_image`` gives a picture's bytes or None.

Comparing
    ``hashes.hash_of(record) -> str``: equal for equal messages, tree, times, parameters, runs and files, whatever ids.
"""
