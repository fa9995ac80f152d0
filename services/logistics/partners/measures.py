"""This is where it is measured how webhooks fare."""

from services.kit.telemetry import Metrics

from .deliveries import Delivery


class WebhookMetrics:
    """The wing's metrics, on a process's registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._attempts = metrics.counter(
            "shop_webhook_attempts_total", "Attempts to deliver, by outcome.", ("outcome",)
        )
        self._deliveries = metrics.counter(
            "shop_webhook_deliveries_total", "Deliveries that came to an end: delivered or failed.", ("outcome",)
        )
        self._oldest = metrics.gauge("shop_webhook_oldest_waiting_seconds", "Age of the oldest that is not delivered.")
        self._overdue = metrics.gauge("shop_webhook_overdue_seconds", "How long the next attempt has been due.")

    def count(self, what: str, outcome: str) -> None:
        """An `attempt` or a `delivery`."""
        (self._attempts if what == "attempt" else self._deliveries).labels(outcome).inc()

    def show(self, oldest: Delivery | None, due: Delivery | None, now: float) -> None:
        """What waits; `now` in seconds since 1970."""
        self._oldest.set(now - oldest.created_at.timestamp() if oldest else 0)
        since = due.next_at.timestamp() if due and due.next_at else now
        self._overdue.set(max(0.0, now - since))
