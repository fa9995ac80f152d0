"""This is where the lag of events is read: from the commit to the effect in the slowest listener, out of the histograms."""

from collections import defaultdict
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from services.kit.settings import PORTS
from tests.shop import Shop

Buckets = dict[float, float]


@dataclass
class Lag:
    """What the listeners' histograms held at the start."""

    before: dict[str, Buckets]

    @classmethod
    async def start(cls, shop: Shop) -> "Lag":
        """Begins to count."""
        return cls(await _buckets(shop))

    async def quantiles(self, shop: Shop) -> tuple[float, float]:
        """p50 and p99 in seconds of the listener that is slowest at p99."""
        after = await _buckets(shop)
        found = [
            (_quantile(counts, 0.5), _quantile(counts, 0.99))
            for name, buckets in after.items()
            if (counts := {le: n - self.before.get(name, {}).get(le, 0) for le, n in buckets.items()}).get(float("inf"))
        ]
        return max(found, key=lambda pair: pair[1], default=(0.0, 0.0))


async def _buckets(shop: Shop) -> dict[str, Buckets]:
    found: dict[str, Buckets] = defaultdict(lambda: defaultdict(float))
    for name in PORTS:
        async with shop.session.get(shop.local.urls[f"metrics of {name}"]) as response:
            text = await response.text()
        for family in text_string_to_metric_families(text):
            if family.name == "shop_event_lag_seconds":
                for sample in family.samples:
                    if sample.name.endswith("_bucket"):
                        found[name][float(sample.labels["le"])] += sample.value
    return found


def _quantile(buckets: Buckets, share: float) -> float:
    """Linear within a bucket, as Prometheus' histogram_quantile."""
    wanted, below, low = share * buckets[float("inf")], 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= wanted:
            return low if bound == float("inf") else low + (bound - low) * (wanted - below) / max(count - below, 1e-9)
        below, low = count, bound
    return low
