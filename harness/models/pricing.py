"""What a call costs, from the price list that genai-prices ships; nothing is ever looked up on the network."""

from dataclasses import dataclass
from decimal import Decimal

from harness.models.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class TokenCount:
    """What genai-prices needs to know of a request."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    """Part of ``input_tokens``."""
    cache_write_tokens: int = 0
    """Part of ``input_tokens``."""


def cost_usd(spec: ModelSpec, tokens: TokenCount) -> float | None:
    """Return the list price in US dollars; None where it is unknown.

    A server is priced by its host, never by the model's name alone: what runs at your own address is not billed
    by the company whose model it resembles.
    """
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.input_tokens,
        output_tokens=tokens.output_tokens,
        cache_read_tokens=tokens.cache_read_tokens,
        cache_write_tokens=tokens.cache_write_tokens,
    )
    try:
        if spec.kind == "bedrock":
            price = calc_price(usage, spec.model, provider_id="aws")
        elif spec.kind == "openai":
            price = calc_price(usage, spec.model, provider_api_url=spec.base_url)
        else:
            return 0.0
    except (LookupError, ValueError):
        # ValueError: the list has the model but no price for one of the counts.
        return None
    return float(Decimal(price.total_price))
