"""This is where tests make bundles."""

from collections.abc import Mapping
from typing import Any

from shop.catalog.v1 import bundles_pb2 as pb
from shop.catalog.v1 import bundles_pb2_grpc

from services.kit.rpc import call
from tests.catalog.counter import Counter


def stub(counter: Counter) -> Any:
    return bundles_pb2_grpc.BundlesServiceStub(counter.started.channel)


async def sell(counter: Counter, *skus: str, **more: object) -> None:
    """Puts SKUs on sale that cost the shop little: whatever is made of a few of them keeps the margin floor."""
    await counter.sell(*skus, **{"cost_minor": 50} | more)


async def bundle(counter: Counter, sku: str, parts: Mapping[str, int], **more: object) -> pb.Bundle:
    """Puts a fresh SKU on sale and makes a bundle of it."""
    await sell(counter, sku, **{"stock": 0} | more)
    return await put(counter, sku, parts)


async def put(counter: Counter, sku: str, parts: Mapping[str, int], if_version: int = 0) -> pb.Bundle:
    wanted = [pb.BundlePart(sku=part, quantity=quantity) for part, quantity in parts.items()]
    request = pb.PutBundleRequest(sku=sku, parts=wanted, by="staff", if_version=if_version)
    return await _bundle(stub(counter).PutBundle, request)


async def seen(counter: Counter, sku: str) -> pb.Bundle:
    return await _bundle(stub(counter).GetBundle, pb.GetBundleRequest(sku=sku))


async def _bundle(method: Any, request: object) -> pb.Bundle:
    answered: pb.Bundle = (await call(method, request)).bundle
    return answered


async def available(counter: Counter, *skus: str) -> list[int]:
    return [(await counter.there(sku))[2] for sku in skus]
