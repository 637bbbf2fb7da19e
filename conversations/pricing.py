"""Tokens and prices to money, in Decimal throughout."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final, Protocol, Self

_MILLION: Final = Decimal(1_000_000)


class TokenUsage(Protocol):
    """What a provider counted; output includes reasoning, input includes cached."""

    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    @property
    def cached_tokens(self) -> int: ...


@dataclass(frozen=True)
class Prices:
    """USD per million tokens; None where nothing is known. Above ``step_tokens`` of input the whole request costs the
    ``step_`` prices, where they are known."""

    input: Decimal | None = None
    cached: Decimal | None = None
    output: Decimal | None = None
    step_tokens: int | None = None
    step_input: Decimal | None = None
    step_cached: Decimal | None = None
    step_output: Decimal | None = None

    def as_texts(self) -> dict[str, str | int]:
        """For keeping with a run: only what is known, amounts as texts."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: value if isinstance(value, int) else str(value) for name, value in known.items()}

    @classmethod
    def of_texts(cls, texts: Mapping[str, Any]) -> Self:
        """What ``as_texts`` wrote."""
        known: dict[str, Any] = {
            name: value if isinstance(value, int) else Decimal(value) for name, value in texts.items()
        }
        return cls(**known)

    def cost(self, usage: TokenUsage) -> Decimal | None:
        """USD of one answer; None if a price is missing for tokens that were used.

        Cached input costs the input price where it has none of its own. The result is exact: round where it is shown.
        """
        used = self.used_for(usage.input_tokens)
        cached = min(max(usage.cached_tokens, 0), usage.input_tokens)
        parts = (
            (usage.input_tokens - cached, used.input),
            (cached, used.input if used.cached is None else used.cached),
            (usage.output_tokens, used.output),
        )
        total = Decimal(0)
        for tokens, price in parts:
            if tokens and price is None:
                return None
            total += tokens * (price or Decimal(0))
        return None if used.input is None and used.output is None else total / _MILLION

    def used_for(self, input_tokens: int) -> Self:
        """What a request of this size costs: beyond the step its prices, where they are known."""
        if self.step_tokens is None or input_tokens <= self.step_tokens:
            return replace(self, step_tokens=None, step_input=None, step_cached=None, step_output=None)
        return type(self)(
            input=self.input if self.step_input is None else self.step_input,
            cached=self.cached if self.step_cached is None else self.step_cached,
            output=self.output if self.step_output is None else self.step_output,
        )


def estimate_tokens(text: str) -> int:
    """A guess where the provider did not count: one token for four bytes of UTF-8, at least one for any text.

    English prose and code come out within about a fifth; scripts of three bytes a character get three quarters of a
    token each, which is near what current tokenizers need. Mark what is computed from it as an estimate.
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)
