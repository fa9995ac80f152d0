"""This is where requests are counted and timed, by route template and never by path."""

from services.kit.telemetry import Metrics


class HttpMetrics(Metrics):
    """The gateway's metrics beside those every process has."""

    def __init__(self) -> None:
        super().__init__("gateway")
        self._requests = self.counter("shop_http_requests_total", "Requests answered.", ("route", "method", "code"))
        self._seconds = self.histogram("shop_http_request_seconds", "Time to answer a request.", ("route",))
        self._ready = self.counter("shop_http_shelf_hits_total", "Catalogue reads answered from the shelf.")
        self._counters: dict[tuple[str, str, int], object] = {}
        self._times: dict[str, object] = {}

    def answered(self, route: str, method: str, code: int, seconds: float) -> None:
        """One request answered."""
        key = (route, method, code)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(route, method, str(code))
        counter.inc()  # type: ignore[attr-defined]
        timer = self._times.get(route)
        if timer is None:
            timer = self._times[route] = self._seconds.labels(route)
        timer.observe(seconds)  # type: ignore[attr-defined]

    def shelved(self, path: str, code: int, seconds: float) -> None:
        """One request answered from the shelf."""
        route = path if path in ("/v1/products", "/v1/categories") else "/v1/products/{product_id}"
        self._ready.inc()
        self.answered(route, "GET", code, seconds)
