"""What a tab that comes late learns of answers that have not begun; and titles that a model writes."""

from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import answer, gate, head, words

TITLE_MODEL = """
from conversations.models import LanguageModel
LanguageModel.objects.update(is_title_model=False)
LanguageModel.objects.filter(pk=model).update(is_title_model=True)
"""
NO_TITLE_MODEL = "from conversations.models import LanguageModel\nLanguageModel.objects.update(is_title_model=False)"
LEDGER = """
from conversations.models import Conversation, Usage
rows = Usage.objects.filter(conversation_id=conversation).order_by("id")
result = [list(rows.values_list("status", "output_tokens")), Conversation.objects.get(pk=conversation).title]
"""


async def test_a_late_tab_learns_the_place_in_the_queue(
    shared_site: Site, models: dict[str, str], upstream: Upstream
) -> None:
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab, open_tab(shared_site, person) as late:
        running = [await tab.send("Hello", model=models["words-600-60"]) for _ in range(4)]
        waiting = [await tab.send("Hello", model=models["words-600-60"]) for _ in range(2)]
        await tab.wait_for_type("generation.queued", generation=waiting[1]["generation"], position=1)
        await late.ask("conversation.open", conversation=waiting[1]["conversation"])
        place = await late.wait_for_type("generation.queued", generation=waiting[1]["generation"])
        assert (place["position"], place["message"]) == (1, waiting[1]["answer"])
        for reply in [*waiting, *running]:
            await tab.ask("generation.stop", generation=reply["generation"])


async def test_a_late_tab_learns_why_and_how_long_the_provider_is_waited_for(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    upstream.script("scripted", [answer(429, {"error": {"message": "slow down"}}, headers={"Retry-After": "20"})])
    async with open_tab(shared_site, person) as tab, open_tab(shared_site, person) as late:
        reply = await tab.send("Hello", model=models["scripted"])
        told = await tab.wait_for_type("generation.waiting")
        await late.ask("conversation.open", conversation=reply["conversation"])
        again = await late.wait_for_type("generation.waiting", generation=reply["generation"])
        assert again["why"] == told["why"]
        assert 0 < again["seconds"] <= told["seconds"]
        await late.ask("generation.stop", generation=reply["generation"])
        assert (await tab.wait_for_end(reply["generation"]))["status"] == "stopped"


async def test_a_tab_that_has_everything_gets_no_snapshot(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        upstream.script("scripted", [head(), *words("Half a sentence"), gate("never")])
        reply = await tab.send("Hello", model=models["scripted"])
        generation = reply["generation"]
        await tab.wait_for_type("generation.delta", generation=generation)
        have = {generation: tab.shown[generation].seq}
        await tab.ask("conversation.open", conversation=reply["conversation"], have=have)
        await tab.ask("generation.stop", generation=generation)
        await tab.wait_for_end(generation)
        assert not [frame for frame in tab.frames if frame["type"] == "generation.snapshot"]


async def test_the_title_model_names_a_conversation_and_its_work_is_accounted_for(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    shared_site.run(TITLE_MODEL, model=models["words-200-400"])
    try:
        async with open_tab(shared_site, person) as tab:
            reply = await tab.send("What is a title?", model=models["words-200-400"])
            await tab.wait_for_end(reply["generation"])
            await tab.wait_for(
                lambda frame: frame["type"] == "conversation.changed" and frame["title"] != "What is a title?"
            )
    finally:
        shared_site.run(NO_TITLE_MODEL)
    rows, title = shared_site.run(LEDGER, conversation=reply["conversation"])
    assert [status for status, _ in rows] == ["complete", "title"]
    assert rows[1][1] > 0
    assert title != "What is a title?"
