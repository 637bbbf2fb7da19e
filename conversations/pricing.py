"""Tokens and prices to money, in Decimal throughout."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
        input_price, cached_price, output_price = self._for(usage.input_tokens)
        cached = min(max(usage.cached_tokens, 0), usage.input_tokens)
        parts = (
            (usage.input_tokens - cached, input_price),
            (cached, input_price if cached_price is None else cached_price),
            (usage.output_tokens, output_price),
        )
        total = Decimal(0)
        for tokens, price in parts:
            if tokens and price is None:
                return None
            total += tokens * (price or Decimal(0))
        return None if input_price is None and output_price is None else total / _MILLION

    def _for(self, input_tokens: int) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        if self.step_tokens is None or input_tokens <= self.step_tokens:
            return self.input, self.cached, self.output
        steps = (self.step_input, self.input), (self.step_cached, self.cached), (self.step_output, self.output)
        return tuple(plain if step is None else step for step, plain in steps)  # type: ignore[return-value]


def estimate_tokens(text: str) -> int:
    """A guess where the provider did not count: one token for four bytes of UTF-8, at least one for any text.

    English prose and code come out within about a fifth; scripts of three bytes a character get three quarters of a
    token each, which is near what current tokenizers need. Mark what is computed from it as an estimate.
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)
