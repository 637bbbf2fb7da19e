"""From the provider's count on the wire to the money in the ledger, on a running site."""

from decimal import Decimal

import pytest

from tests import stored
from tests.site import Person, Site
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import Step, chunk, close, done, event, head, words

_PRICE = """
from conversations.models import LanguageModel
LanguageModel.objects.filter(pk=model).update(
    input_price="2.50", cached_price="0.25", output_price="15",
    step_tokens=272_000, step_input_price="5", step_cached_price="0.50", step_output_price="22.50")
"""


def _counted(asked: int, answered: int, cached: int, reasoned: int) -> list[Step]:
    usage = {
        "prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoned},
    }  # fmt: skip
    last = event({**chunk(), "choices": [], "usage": usage})
    return [head(headers={"x-request-id": "req_1"}), *words("Yes."), *done()[:1], last, event("[DONE]")]


@pytest.fixture(scope="module")
def model(shared_site: Site, models: dict[str, str]) -> str:
    shared_site.run(_PRICE, model=models["scripted"])
    return models["scripted"]


@pytest.mark.parametrize(
    ("counted", "cost"),
    [
        ((1000, 100, 400, 60), "0.0031"),  # 600 x 2.50 + 400 x 0.25 + 100 x 15
        ((272_000, 1000, 0, 0), "0.695"),  # 272,000 x 2.50 + 1,000 x 15
        ((300_000, 2000, 100_000, 1500), "1.095"),  # 200,000 x 5 + 100,000 x 0.50 + 2,000 x 22.50
    ],
)
async def test_cached_reasoning_and_long_context_cost_what_they_cost(
    shared_site: Site, person: Person, model: str, upstream: Upstream, counted: tuple[int, ...], cost: str
) -> None:
    upstream.script("scripted", _counted(*counted))
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("How much?", model=model)
        await tab.wait_for_end(reply["generation"])
    run = stored.generation(shared_site, reply["generation"])
    (entry,) = stored.usages(shared_site, reply["generation"])
    names = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    assert tuple(run[name] for name in names) == tuple(entry[name] for name in names) == counted
    assert Decimal(str(run["cost"])) == Decimal(str(entry["cost"])) == Decimal(cost)
    assert not entry["is_estimated"]
    assert run["request_id"] == "req_1"


async def test_a_broken_answer_is_estimated_and_marked(
    shared_site: Site, person: Person, model: str, upstream: Upstream
) -> None:
    upstream.script("scripted", [head(), *words("y" * 40), close()])
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("x" * 400, model=model)
        end = await tab.wait_for_end(reply["generation"])
    (entry,) = stored.usages(shared_site, reply["generation"])
    assert end["status"] == entry["status"] == "interrupted"
    assert (entry["input_tokens"], entry["output_tokens"], entry["is_estimated"]) == (104, 10, 1)
    assert Decimal(str(entry["cost"])) == Decimal("0.00041")  # 104 x 2.50 + 10 x 15
    assert "estimated" in end["html"]


async def test_an_answer_that_was_all_reasoning_says_so(
    shared_site: Site, person: Person, model: str, upstream: Upstream
) -> None:
    usage = {
        "prompt_tokens": 10, "completion_tokens": 1024, "total_tokens": 1034,
        "completion_tokens_details": {"reasoning_tokens": 1024},
    }  # fmt: skip
    last = event({**chunk(), "choices": [], "usage": usage})
    upstream.script("scripted", [head(), event(chunk(finish="length")), last, event("[DONE]")])
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Think", model=model)
        await tab.wait_for_end(reply["generation"])
    run = stored.generation(shared_site, reply["generation"])
    assert "all 1,024 tokens went into reasoning" in run["error_message"]
    assert run["reasoning_tokens"] == 1024
