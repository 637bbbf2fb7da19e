"""Chat Completions as OpenAI and the servers of one's own machine send them."""

from conversations.providers.base import CHAT_COMPLETIONS, UsageReport
from tests.providers.recorded.chat_shapes import ARGUMENTS, DONE, call, chunk, function, last, tools, usage
from tests.providers.recorded.recording import chat, document

OPENAI = [
    chat(
        "OpenAI",
        "text",
        chunk({"role": "assistant", "content": "", "refusal": None}, usage=None, obfuscation="x7"),
        chunk({"content": "Rayleigh "}, usage=None, obfuscation="a"),
        chunk({"content": "scattering 🌤"}, usage=None),
        chunk(finish="stop", usage=None),
        last(16, 4, prompt_tokens_details={"cached_tokens": 8}, completion_tokens_details={"reasoning_tokens": 2}),
        DONE,
        text="Rayleigh scattering 🌤",
        usage=UsageReport(16, 4, 8, 2),
    ),
    chat(
        "OpenAI",
        "two calls",
        chunk({"role": "assistant", "content": None}),
        tools(call(0, "call_a", "weather")),
        tools({"index": 0, "function": {"arguments": '{"city"'}}),
        tools({"index": 0, "function": {"arguments": ':"Köln"}'}}),
        tools(call(1, "call_b", "time")),
        tools({"index": 1, "function": {"arguments": "{}"}}),
        chunk(finish="tool_calls"),
        last(40, 20),
        DONE,
        reason="tool_calls",
        calls=(("call_a", "weather", ARGUMENTS), ("call_b", "time", "{}")),
        usage=UsageReport(40, 20),
    ),
    chat(
        "OpenAI",
        "refusal",
        chunk({"role": "assistant", "content": None, "refusal": "I "}),
        chunk({"refusal": "can't."}),
        chunk(finish="stop"),
        last(9, 3),
        DONE,
        refusal="I can't.",
        usage=UsageReport(9, 3),
    ),
    chat(
        "OpenAI",
        "web search",
        chunk({"role": "assistant", "content": "See here."}),
        chunk(
            {
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": 4,
                            "end_index": 8,
                            "title": "Here",
                            "url": "https://example.org/a?utm_source=openai",
                        },
                    }
                ]
            }
        ),
        chunk(finish="stop"),
        last(9, 3),
        DONE,
        text="See here.",
        usage=UsageReport(9, 3),
        citations=("https://example.org/a?utm_source=openai",),
    ),
    document(
        "OpenAI",
        "whole",
        CHAT_COMPLETIONS,
        {
            "id": "c-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "service_tier": "default",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "length",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": "Cut o", "refusal": None, "annotations": []},
                }
            ],
            "usage": usage(5, 3, prompt_tokens_details={"cached_tokens": 0, "audio_tokens": 0}),
        },
        text="Cut o",
        reason="length",
        usage=UsageReport(5, 3),
    ),
]

OLLAMA = [
    chat(
        "Ollama",
        "reasoning and text",
        chunk({"role": "assistant", "content": "", "reasoning": "Let me "}, system_fingerprint="fp_ollama"),
        chunk({"role": "assistant", "content": "", "reasoning": "see."}),
        chunk({"role": "assistant", "content": "Blue"}),
        chunk({"role": "assistant", "content": ""}, "stop"),
        last(11, 7),
        DONE,
        text="Blue",
        reasoning="Let me see.",
        usage=UsageReport(11, 7),
    ),
    chat(
        "Ollama",
        "a call at once",
        tools(call(0, "call_x1", "weather", ARGUMENTS), role="assistant", content=""),
        chunk({"role": "assistant", "content": ""}, "tool_calls"),
        last(50, 9),
        DONE,
        reason="tool_calls",
        calls=(("call_x1", "weather", ARGUMENTS),),
        usage=UsageReport(50, 9),
    ),
]

LLAMA_CPP = [
    chat(
        "llama.cpp",
        "reasoning and timings",
        chunk({"role": "assistant", "content": None}),
        chunk({"reasoning_content": "Hm, "}),
        chunk({"reasoning_content": "so."}),
        chunk({"content": "Yes"}),
        chunk(finish="stop", timings={"prompt_n": 5, "predicted_per_second": 41.2}),
        {**last(5, 6), "timings": {"prompt_n": 5}},
        DONE,
        text="Yes",
        reasoning="Hm, so.",
        usage=UsageReport(5, 6),
    ),
    chat(
        "llama.cpp",
        "tags left in the text",
        chunk({"role": "assistant", "content": "<thi"}),
        chunk({"content": "nk>Hm"}),
        chunk({"content": ".</th"}),
        chunk({"content": "ink>\n\nYes"}),
        chunk(finish="stop"),
        last(5, 6),
        DONE,
        text="<think>Hm.</think>\n\nYes",
        shown="Yes",
        reasoning="Hm.",
        usage=UsageReport(5, 6),
    ),
]

VLLM = [
    chat(
        "vLLM",
        "reasoning, usage in each chunk",
        chunk({"role": "assistant", "content": ""}, usage=usage(8, 0)),
        chunk({"reasoning": "One. "}, usage=usage(8, 1)),
        chunk({"reasoning": "Two."}, usage=usage(8, 2)),
        chunk({"content": "Three"}, usage=usage(8, 3)),
        chunk({"content": ""}, "stop", usage=usage(8, 4)),
        last(8, 4, prompt_tokens_details=None),
        DONE,
        text="Three",
        reasoning="One. Two.",
        usage=UsageReport(8, 4),
    ),
    chat(
        "vLLM",
        "calls in fragments",
        chunk({"role": "assistant", "content": ""}),
        tools(call(0, "chatcmpl-tool-1", "weather")),
        tools({"index": 0, "id": None, "type": None, "function": function(None, ARGUMENTS)}),
        chunk({"content": ""}, "tool_calls"),
        last(30, 12),
        DONE,
        reason="tool_calls",
        calls=(("chatcmpl-tool-1", "weather", ARGUMENTS),),
        usage=UsageReport(30, 12),
    ),
]

LM_STUDIO = [
    chat(
        "LM Studio",
        "reasoning and text",
        chunk({"role": "assistant", "reasoning_content": "Thinking"}),
        chunk({"role": "assistant", "content": "Done."}),
        chunk(finish="stop"),
        last(7, 5),
        DONE,
        text="Done.",
        reasoning="Thinking",
        usage=UsageReport(7, 5),
    ),
    chat(
        "LM Studio",
        "a call",
        tools(call(0, "365174485", "weather"), role="assistant"),
        tools({"index": 0, "type": "function", "function": function(None, ARGUMENTS)}),
        chunk(finish="tool_calls"),
        DONE,
        reason="tool_calls",
        calls=(("365174485", "weather", ARGUMENTS),),
    ),
]

RECORDINGS = [*OPENAI, *OLLAMA, *LLAMA_CPP, *VLLM, *LM_STUDIO]
