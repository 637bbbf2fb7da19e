"""Answers of every server in both formats: read as meant however they are cut, and as the official client does."""

from collections.abc import Callable

import pytest

from conversations.providers.base import RESPONSES, Endpoint
from tests.providers.official_client import read_by_official_client
from tests.providers.reading import Heard, ask_in, hear
from tests.providers.recorded.everything import RECORDINGS
from tests.providers.recorded.recording import Recording
from tests.providers.replay import replay, replay_cut_everywhere
from tests.upstream import steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
STREAMS = [recording for recording in RECORDINGS if recording.is_stream]


def content_type(recording: Recording) -> str:
    return "text/event-stream" if recording.is_stream else "application/json"


def means(heard: Heard, recording: Recording) -> bool:
    """Whether everything was read as the recording says it is meant."""
    shown = recording.text if recording.shown is None else recording.shown
    assert heard.error is None
    assert (heard.text, heard.reasoning, heard.refusal) == (shown, recording.reasoning, recording.refusal)
    assert (tuple(heard.calls.values()), heard.reason) == (recording.calls, recording.reason)
    assert heard.usage == ([recording.usage] if recording.usage else [])
    assert tuple(citation.url for citation in heard.citations) == recording.citations
    assert tuple(item["type"] for item in heard.items) == recording.items
    assert tuple(heard.statuses) == recording.statuses
    return True


@pytest.mark.parametrize("recording", RECORDINGS, ids=str)
async def test_an_answer_is_read_as_meant_wherever_its_bytes_are_cut(recording: Recording) -> None:
    body = recording.body.encode()
    assert means(
        await replay_cut_everywhere(body, content_type=content_type(recording), format=recording.format), recording
    )


@pytest.mark.parametrize("recording", RECORDINGS, ids=str)
async def test_the_official_client_reads_the_same(
    upstream: Upstream, make_endpoint: Make, recording: Recording
) -> None:
    script = [steps.head(content_type=content_type(recording)), steps.send(recording.body)]
    upstream.script("m", script)
    official = await read_by_official_client(upstream.url, recording.format, is_stream=recording.is_stream)
    ours = await hear_from(upstream, make_endpoint(), recording)
    assert official.text == recording.text
    assert (official.refusal, official.calls) == (ours.refusal, tuple(ours.calls.values()))
    assert (official.usage, official.reason) == (ours.usage[0] if ours.usage else None, ours.reason)
    assert means(ours, recording)


@pytest.mark.parametrize("cut", [1, 7])
@pytest.mark.parametrize("recording", STREAMS, ids=str)
async def test_packets_of_any_size_give_the_same_answer(
    upstream: Upstream, make_endpoint: Make, recording: Recording, cut: int
) -> None:
    upstream.script("m", [steps.head(), steps.send(recording.body, cut=cut)])
    assert means(await hear_from(upstream, make_endpoint(), recording), recording)


async def hear_from(upstream: Upstream, endpoint: Endpoint, recording: Recording) -> Heard:
    return await hear(endpoint, ask_in(recording.format, stream=recording.is_stream))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("recording", STREAMS, ids=str)
async def test_line_ends_make_no_difference(recording: Recording, end: str) -> None:
    body = recording.body.replace("\n", end).encode()
    assert means(await replay(body, format=recording.format), recording)


def test_every_server_is_recorded_with_text_and_with_what_it_does_differently() -> None:
    servers = {recording.server for recording in RECORDINGS}
    assert len(servers) == 12
    assert all(sum(recording.server == server for recording in RECORDINGS) >= 2 for server in servers)
    assert {recording.server for recording in RECORDINGS if recording.format == RESPONSES} == servers - {
        "Anthropic", "Gemini", "DeepSeek",
    }  # fmt: skip
