"""Chat Completions as gateways and other vendors send them."""

from conversations.providers.base import UsageReport
from tests.providers.recorded.chat_shapes import ARGUMENTS, DONE, call, chunk, function, last, tools, usage
from tests.providers.recorded.recording import chat

LITELLM = [
    chat(
        "LiteLLM",
        "thinking blocks before a call",
        chunk(
            {
                "role": "assistant",
                "content": "",
                "reasoning_content": "I need ",
                "thinking_blocks": [{"type": "thinking", "thinking": "I need ", "signature": None}],
            }
        ),
        chunk(
            {
                "reasoning_content": "the weather.",
                "thinking_blocks": [{"type": "thinking", "thinking": "the weather.", "signature": None}],
            }
        ),
        chunk({"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "sig=="}]}),
        tools(call(0, "toolu_1", "weather")),
        tools({"index": 0, "id": None, "function": {"name": None, "arguments": ARGUMENTS}}),
        chunk(finish="tool_calls"),
        last(60, 30),
        DONE,
        reason="tool_calls",
        reasoning="I need the weather.",
        calls=(("toolu_1", "weather", ARGUMENTS),),
        usage=UsageReport(60, 30),
        items=("thinking_blocks",),
    ),
    chat(
        "LiteLLM",
        "text",
        chunk({"role": "assistant", "content": "Sure"}),
        chunk({"content": ", yes"}),
        chunk(finish="stop"),
        last(3, 2),
        DONE,
        text="Sure, yes",
        usage=UsageReport(3, 2),
    ),
]

OPENROUTER = [
    chat(
        "OpenRouter",
        "reasoning details before a call",
        ": OPENROUTER PROCESSING\n\n",
        ": OPENROUTER PROCESSING\n\n",
        chunk(
            {
                "role": "assistant",
                "content": "",
                "reasoning": "Let me ",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "Let me ", "format": "anthropic-claude-v1", "index": 0}
                ],
            },
            provider="P",
        ),
        chunk(
            {
                "content": "",
                "reasoning": "look.",
                "reasoning_details": [{"type": "reasoning.text", "text": "look.", "index": 0}],
            }
        ),
        chunk(
            {
                "content": "",
                "reasoning_details": [{"type": "reasoning.encrypted", "data": "ZW5j", "id": "rs_1", "index": 1}],
            }
        ),
        tools(call(0, "toolu_9", "weather", "")),
        tools({"index": 0, "function": {"arguments": ARGUMENTS}}),
        chunk({"content": ""}, "tool_calls", native_finish_reason="tool_use"),
        {
            **chunk({"role": "assistant", "content": ""}),
            "usage": usage(20, 15, cost=0.0001, is_byok=False, cost_details={}),
        },
        DONE,
        reason="tool_calls",
        reasoning="Let me look.",
        calls=(("toolu_9", "weather", ARGUMENTS),),
        usage=UsageReport(20, 15),
        items=("reasoning_details",),
    ),
    chat(
        "OpenRouter",
        "citations",
        ": OPENROUTER PROCESSING\n\n",
        chunk({"role": "assistant", "content": "It rains."}),
        chunk(
            {
                "annotations": [
                    {"type": "url_citation", "url_citation": {"url": "https://example.org/rain", "title": "Rain"}},
                    {"type": "url_citation", "url_citation": {"url": "javascript:alert(1)", "title": "No"}},
                ]
            }
        ),
        chunk(finish="stop"),
        {**chunk(), "usage": usage(4, 3, cost=0.1)},
        DONE,
        text="It rains.",
        usage=UsageReport(4, 3),
        citations=("https://example.org/rain",),
    ),
]

AZURE = [
    chat(
        "Azure OpenAI",
        "text under the filter",
        {
            "choices": [],
            "created": 0,
            "id": "",
            "model": "",
            "object": "",
            "prompt_filter_results": [{"prompt_index": 0}],
        },
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Fine"}),
        {
            **chunk(),
            "choices": [
                {
                    "index": 0,
                    "finish_reason": None,
                    "content_filter_results": {"hate": {"filtered": False}},
                    "content_filter_offsets": {"check_offset": 44},
                    "delta": {},
                }
            ],
        },
        chunk(finish="stop"),
        last(6, 1),
        DONE,
        text="Fine",
        usage=UsageReport(6, 1),
    ),
    chat(
        "Azure OpenAI",
        "cut by the filter",
        {"choices": [], "model": "", "prompt_filter_results": []},
        chunk({"role": "assistant", "content": "Beginning"}),
        chunk(finish="content_filter"),
        last(6, 1),
        DONE,
        text="Beginning",
        reason="content_filter",
        usage=UsageReport(6, 1),
    ),
]

ANTHROPIC = [
    chat(
        "Anthropic",
        "text",
        chunk({"role": "assistant", "content": "Well"}),
        chunk({"content": " said."}),
        chunk({"content": ""}, "stop"),
        last(12, 4),
        DONE,
        text="Well said.",
        usage=UsageReport(12, 4),
    ),
    chat(
        "Anthropic",
        "a call",
        chunk({"role": "assistant", "content": "Looking."}),
        tools(call(0, "toolu_01", "weather")),
        tools({"index": 0, "function": {"arguments": '{"city":'}}),
        tools({"index": 0, "function": {"arguments": '"Köln"}'}}),
        chunk(finish="tool_calls"),
        last(70, 33),
        DONE,
        text="Looking.",
        reason="tool_calls",
        calls=(("toolu_01", "weather", ARGUMENTS),),
        usage=UsageReport(70, 33),
    ),
]

SIGNATURE = {"google": {"thought_signature": "CsYB"}}
GEMINI = [
    chat(
        "Gemini",
        "a signed call without index",
        chunk(
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "function-call-1",
                        "type": "function",
                        "function": function("weather", ARGUMENTS),
                        "extra_content": SIGNATURE,
                    }
                ],
            }
        ),
        chunk({"role": "assistant"}, "stop", usage=usage(20, 8)),
        DONE,
        reason="tool_calls",
        calls=(("function-call-1", "weather", ARGUMENTS),),
        usage=UsageReport(20, 8),
        items=("extra_content",),
    ),
    chat(
        "Gemini",
        "text without DONE",
        chunk({"role": "assistant", "content": "Grün"}),
        chunk({"content": " ist"}),
        chunk({"role": "assistant", "content": " gut"}, "stop", usage=usage(5, 3)),
        text="Grün ist gut",
        usage=UsageReport(5, 3),
    ),
]

DEEPSEEK = [
    chat(
        "DeepSeek",
        "reasoning after keep-alives",
        ": keep-alive\n\n",
        ": keep-alive\n\n",
        chunk({"role": "assistant", "content": None, "reasoning_content": "Count"}),
        chunk({"content": None, "reasoning_content": "ing."}),
        chunk({"content": "42", "reasoning_content": None}),
        chunk(
            {"content": "", "reasoning_content": None},
            "stop",
            usage=usage(
                10,
                5,
                prompt_tokens_details={"cached_tokens": 4},
                completion_tokens_details={"reasoning_tokens": 3},
                prompt_cache_hit_tokens=4,
                prompt_cache_miss_tokens=6,
            ),
        ),
        DONE,
        text="42",
        reasoning="Counting.",
        usage=UsageReport(10, 5, 4, 3),
    ),
    chat(
        "DeepSeek",
        "a call",
        chunk({"role": "assistant", "content": "", "reasoning_content": "Tool."}),
        tools(call(0, "call_00_x", "weather")),
        tools({"index": 0, "function": {"arguments": ARGUMENTS}}),
        chunk({"content": ""}, "tool_calls", usage=usage(9, 9)),
        DONE,
        reason="tool_calls",
        reasoning="Tool.",
        calls=(("call_00_x", "weather", ARGUMENTS),),
        usage=UsageReport(9, 9),
    ),
]

RECORDINGS = [*LITELLM, *OPENROUTER, *AZURE, *ANTHROPIC, *GEMINI, *DEEPSEEK]
