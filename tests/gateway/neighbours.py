"""This is where the gateway's neighbours are faked: every rpc of a contract answers; a test may script any of them."""

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import grpc.aio
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

ROOMS = {
    "catalog": (
        "affinity",
        "assortment",
        "bulk",
        "bundles",
        "classes",
        "competitors",
        "compliance",
        "counts",
        "discovery",
        "forecasts",
        "grades",
        "jobs",
        "lifecycle",
        "lowstock",
        "margins",
        "media",
        "merchant_applications",
        "merchants",
        "notices",
        "pages",
        "policies",
        "price_proposals",
        "price_rules",
        "prices",
        "products",
        "purchase_orders",
        "replenishment",
        "requirements",
        "reviews",
        "scarcity",
        "readings",
        "spec_tables",
        "stock",
        "stockhealth",
        "store",
        "storefront",
        "suppliers",
        "traces",
        "transfers",
        "trends",
    ),
    "orders": (
        "accounts",
        "aftersales",
        "carts",
        "channels",
        "checkout",
        "invoices",
        "ledger",
        "deadlines",
        "exceptions",
        "holds",
        "triage",
        "erp",
        "intake",
        "fraud",
        "lookups",
        "orders",
        "payment_methods",
        "settlements",
        "payments",
        "pickups",
        "preorders",
        "price_protection",
        "returns",
        "slots",
        "subscriptions",
    ),
    "logistics": (
        "addresses",
        "customs",
        "returns",
        "shipments",
        "carriers",
        "fleet",
        "connections",
        "freight",
        "reroutes",
        "partner_keys",
        "partner_parcels",
        "inserts",
        "manifests",
        "packing",
        "quality",
        "waves",
        "scorecards",
        "slots",
        "telemetry",
        "tracking",
        "warehouses",
        "webhooks",
    ),
    "crm": ("customers", "groups", "points", "sessions", "staff"),
    "marketing": ("promotions", "coupons", "wallets", "shown_prices", "simulations"),
    "metrics": ("behaviour", "kpis"),
}
_WORDS = {
    "currency": "CNY",
    "country": "CN",
    "at": "2026-11-22T08:00:00.000Z",
    "sku": "MUG-01",
    "document": '{"shipment_id": "shp_1", "form": "CN22", "value_minor": 9900, "pieces": []}',
    "media_type": "application/pdf",
    "next_cursor": "",
    "outcome": "",
    "refusal": "",
}


def filled(descriptor: Descriptor, depth: int = 0) -> Message:
    """A message with something in every field, so that every shape is walked through."""
    message = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if field.message_type is not None and depth < 6 and not field.message_type.GetOptions().map_entry:
            inner = filled(field.message_type, depth + 1)
            if field.is_repeated:
                getattr(message, field.name).append(inner)
            else:
                getattr(message, field.name).CopyFrom(inner)
        elif field.message_type is None:
            value = _value(field)
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
    return message


def _value(field: FieldDescriptor) -> object:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = _WORDS.get(field.name, "x")
        return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return False
    return 1.0 if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE else 1


class Neighbour:
    """A service that answers every rpc; `script` replaces an answer, `asked` remembers what it was asked."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.asked: dict[str, list[Any]] = defaultdict(list)
        self.script: dict[str, Callable[[Any], Any]] = {}
        for file, _ in self._files():
            for described in file.DESCRIPTOR.services_by_name.values():
                for method in described.methods:
                    setattr(self, method.name, self._answering(method.name, method.output_type))
        self.Check = self._healthy

    def _files(self) -> Iterator[tuple[Any, Any]]:
        for room in ROOMS[self.service]:
            name = f"shop.{self.service}.v1.{room}_pb2"
            yield importlib.import_module(name), importlib.import_module(f"{name}_grpc")

    def _answering(self, name: str, output: Descriptor) -> Callable[[Any, Any], Any]:
        async def answer(request: Any, _context: Any) -> Any:
            self.asked[name].append(request)
            if name in self.script:
                answered = self.script[name](request)
                return await answered if hasattr(answered, "__await__") else answered
            return filled(output)

        return answer

    async def _healthy(self, _request: Any, _context: Any) -> Any:
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)

    def add(self, servicer: Any, server: grpc.aio.Server) -> None:
        """Puts every service of the contract on a server."""
        for file, grpc_file in self._files():
            for name in file.DESCRIPTOR.services_by_name:
                getattr(grpc_file, f"add_{name}Servicer_to_server")(servicer, server)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)

    def forget(self) -> None:
        """As new."""
        self.asked.clear()
        self.script.clear()
