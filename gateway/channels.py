"""This is where channels are opened beside the storefront, and how they call our SKUs is kept."""

from typing import Annotated, Any, Literal

from fastapi import Path, Request, Response
from pydantic import Field
from shop.orders.v1 import channels_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, MoneyBody, Name, PathSlug, Sku, page_of
from gateway.neighbours import ask, ask_again
from gateway.preconditions import if_version

router = feature("channels")
ChannelSkuName = Annotated[str, Path(min_length=1, max_length=128, pattern=ONE_LINE)]
CHANNEL = {
    "code": "taobao",
    "title": "淘宝旗舰店",
    "kind": "marketplace",
    "customer_type": "b2c",
    "warehouse": None,
    "open": True,
    "keys": 1,
    "version": 2,
}
_SKU = {
    "channel": "taobao",
    "channel_sku": "tb-6201",
    "sku": "MUG-01",
    "price": {"currency": "CNY", "minor": 2900},
}


class ChannelBody(Body):
    """A channel as it is to be. A store has the warehouse its till sells from."""

    title: Name
    kind: Literal["mini_program", "live", "social", "marketplace", "store"]
    customer_type: Literal["b2c", "b2b", "c2c"] = "b2c"
    warehouse: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?$")] = ""
    open: bool = True


class ChannelSkuBody(Body):
    """Our SKU, and what it was agreed to cost there; left out: as in our own price list."""

    sku: Sku
    price: MoneyBody | None = None


def _channel(of: pb.Channel) -> Json:
    plain = {name: getattr(of, name) for name in CHANNEL if name != "warehouse"}
    return {**plain, "warehouse": of.warehouse or None}


def _row(of: pb.ChannelSku) -> Json:
    return {"channel": of.channel, "channel_sku": of.channel_sku, "sku": of.sku, "price": money_if_any(of.price)}


def _channels(request: Request) -> Any:
    return request.app.state.gateway.neighbours.sales_channels


@router.get("/v1/channels", summary="Channels", responses=shown({"items": [CHANNEL]}))
async def list_channels(request: Request) -> Response:
    """All but the storefront, by code."""
    answered = await ask_again(_channels(request).ListChannels, pb.ListChannelsRequest())
    return answer({"items": [_channel(each) for each in answered.channels]})


@router.put(
    "/v1/channels/{channel}",
    summary="Open or change a channel",
    responses=shown(CHANNEL, "INVALID_CHANNEL", "VERSION_MISMATCH", body=True),
)
async def put_channel(request: Request, channel: PathSlug, body: ChannelBody) -> Response:
    """Its kind says how its orders may be paid: `card` through us (mini_program, live, social), `external` (live, social,
    marketplace), `cash` or `till_card` (store)."""
    asked = pb.PutChannelRequest(channel=pb.Channel(code=channel, **body.model_dump()), if_version=if_version(request))
    kept = (await ask_again(_channels(request).PutChannel, asked)).channel
    return tagged(_channel(kept), kept.version)


@router.post(
    "/v1/channels/{channel}/keys",
    status_code=201,
    summary="A new key for a channel",
    responses=shown({"key": "chk_…"}, "CHANNEL_NOT_FOUND", status=201, text="Shown this once."),
)
async def make_channel_key(request: Request, channel: PathSlug) -> Response:
    """What the channel shows as `X-Channel-Key`. The key before it stays good, so that it can go over; older ones do not."""
    made = await ask(_channels(request).MakeChannelKey, pb.MakeChannelKeyRequest(code=channel))
    return answer({"key": made.key}, 201)


@router.get(
    "/v1/channels/{channel}/skus",
    summary="How a channel calls our SKUs",
    responses=shown({"items": [_SKU], "next_cursor": None}, "CHANNEL_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_channel_skus(request: Request, channel: PathSlug, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By the channel's own names."""
    asked = pb.ListChannelSkusRequest(channel=channel, page=page_of(limit, cursor))
    answered = await ask_again(_channels(request).ListChannelSkus, asked)
    return paged(request, "items", [_row(row) for row in answered.rows], answered.next_cursor)


@router.put(
    "/v1/channels/{channel}/skus/{channel_sku}",
    summary="Which SKU of ours a channel means",
    responses=shown(_SKU, "CHANNEL_NOT_FOUND", "INVALID_CHANNEL_SKU", body=True),
)
async def put_channel_sku(
    request: Request, channel: PathSlug, channel_sku: ChannelSkuName, body: ChannelSkuBody
) -> Response:
    """With the price agreed there, sales at that price are no mismatch."""
    row = pb.ChannelSku(
        channel=channel, channel_sku=channel_sku, sku=body.sku, price=body.price.told() if body.price else None
    )
    kept = (await ask_again(_channels(request).PutChannelSku, pb.PutChannelSkuRequest(row=row))).row
    return answer(_row(kept))


@router.delete(
    "/v1/channels/{channel}/skus/{channel_sku}",
    status_code=204,
    summary="Forget what a channel means",
    responses=shown(None, status=204, text="Forgotten."),
)
async def drop_channel_sku(request: Request, channel: PathSlug, channel_sku: ChannelSkuName) -> Response:
    """Orders that name it wait in GET /v1/intake from then on."""
    await ask_again(
        _channels(request).DropChannelSku, pb.DropChannelSkuRequest(channel=channel, channel_sku=channel_sku)
    )
    return Response(status_code=204)
