"""A scriptable fake of a provider: a process of its own on a real socket, strict about requests, seeded in its answers.

``python -m tests.upstream --port 0`` prints its port, then the port of its TLS twin (self-signed). Without a script it
streams text for any model; ``words-200-50`` means 200 tokens at 50 tokens a second (0: as fast as possible), a fourth
number seeds another text. A key that begins with ``bad`` is refused. Scripts are lists of ``steps``.
"""

from tests.upstream.texts import expected_text as expected_text
