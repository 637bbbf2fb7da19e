"""A scriptable fake of a provider: a process of its own on a real socket, strict about requests, seeded in its answers.

``python -m tests.upstream --port 0`` prints its port, then the port of its TLS twin (self-signed). Without a script it
streams text for any model; ``words-200-50`` means 200 tokens at 50 tokens a second (0: as fast as possible), a fourth
number seeds another text. A key that begins with ``bad`` is refused. Scripts are lists of ``steps``.

Below ``/v1/`` it is any OpenAI-compatible server: chat/completions, responses, models; every model name is known.
Below other prefixes it plays one system each, whose paths, headers, bodies, model names and restrictions are checked
as the real one checks them, and whose errors have its shape. A key is always needed.

- ``/openai/v1/`` chat/completions, responses, models. ``Authorization: Bearer …``. Models: gpt-4.1, gpt-4.1-mini,
  gpt-4.1-nano, gpt-5.4 (with its restrictions), words-….
- ``/azure/openai/v1/`` the same with ``api-key``; the model is a deployment's name: ``my-gpt-4.1`` or the model's own.
  ``/azure/openai/deployments/{name}/chat/completions?api-version=…`` is the classic route.
- ``/cloudflare/client/v4/accounts/acc/`` with ``ai/v1/chat/completions`` and ``ai/v1/responses`` (models
  ``openai/gpt-4.1`` …, ``@cf/meta/llama-3.1-8b-instruct``), ``ai/run`` ({"model", "input"}), ``ai/run/@cf/…`` (flat
  input, native answer), ``ai/models/search``; ``ai/v1/models`` answers 7001. ``Authorization: Bearer …``; ``cf-aig-*``
  headers are checked.
- ``/cloudflare/gateway/acc/gw/`` with ``compat/chat/completions`` (models ``openai/…``), ``openai/chat/completions``,
  ``openai/responses`` (plain names). ``cf-aig-authorization: Bearer …``; gateway ``open`` wants ``Authorization``.
- ``/aggregator/v1/chat/completions`` the form (``prompt``, ``system_prompt``, ``image_urls`` …; without ``model`` it is
  GPT-4.1's) or ``messages``.

All of them answer with ``expected_text(name)`` of the model's plain name (without ``openai/`` or ``my-``), cut where
the request bounds the length; prompts from 1024 tokens on are partly cached; gpt-5.4 thinks if an effort is asked for.
``Upstream.at("/openai/v1")`` gives a prefix's base URL.
"""

from tests.upstream.texts import expected_text as expected_text
