"""This is where SF's format is: forms with a digest out, JSON in JSON back (open.sf-express.com, `/std/service`). Pure."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec

from services.kit.clock import rfc3339
from services.kit.money import Money
from services.logistics.addresses import Address
from services.logistics.carriers import CarrierRefused, Offer, Parcel, Told
from services.logistics.regions import Region

CREATE, SEARCH, UPDATE = "EXP_RECE_CREATE_ORDER", "EXP_RECE_SEARCH_ORDER_RESP", "EXP_RECE_UPDATE_ORDER"
ROUTES, PRICES = "EXP_RECE_SEARCH_ROUTES", "EXP_RECE_QUERY_DELIVERTM"
_TAKEN, _DONE = "A1000", "S0000"
ALREADY_ORDERED = "8016"  # the order id was used before
NOT_THERE = frozenset({"8018", "8024", "8037"})  # no such order; cancelled already
_CHINA = timezone(timedelta(hours=8))
_PAID_BY_SENDER, _CANCEL = 1, 2
_SERVICE = 2  # SF's standard express: what is ordered, and so what is priced


def digest(data: str, timestamp: str, checkword: str) -> str:
    """`msgDigest`, standard MD5: base64(MD5(URLEncode(msgData + timestamp + checkword))), encoded as Java does."""
    encoded = quote_plus(data + timestamp + checkword, safe="*").replace("~", "%7E")
    return base64.b64encode(hashlib.md5(encoded.encode(), usedforsecurity=False).digest()).decode()


def form(service: str, message: Mapping[str, Any], account: Mapping[str, str], request_id: str, at: datetime) -> bytes:
    """A call of a service, signed."""
    data = msgspec.json.encode(message).decode()
    timestamp = str(int(at.timestamp() * 1000))
    fields = {
        "partnerID": account["partner_id"],
        "requestID": request_id,
        "serviceCode": service,
        "timestamp": timestamp,
        "msgDigest": digest(data, timestamp, account["checkword"]),
        "msgData": data,
    }
    return urlencode(fields).encode()


def answered(body: bytes) -> dict[str, Any]:
    """What a service answers. Refuses with `CarrierRefused`, its `meta` SF's code. Raises ValueError for no such answer."""
    outer = _object(body)
    if outer.get("apiResultCode") != _TAKEN:
        raise _refused(outer.get("apiResultCode"), outer.get("apiErrorMsg"))
    inner = outer.get("apiResultData")
    result = _object(inner.encode()) if isinstance(inner, str) else inner
    if not isinstance(result, dict):
        raise ValueError("SF's answer has no apiResultData")  # noqa: TRY004
    if not result.get("success") or result.get("errorCode") != _DONE:
        raise _refused(result.get("errorCode"), result.get("errorMsg"))
    data = result.get("msgData") or result.get("obj") or {}
    return data if isinstance(data, dict) else {"rows": data}


def _object(body: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(body)
    if not isinstance(found, dict):
        raise ValueError("SF's answer is no object")  # noqa: TRY004 - what came over a line is no type error
    return found


def _refused(code: Any, text: Any) -> CarrierRefused:
    return CarrierRefused(f"SF: {code} {text}"[:300], carrier="sf", code=str(code)[:32])


def order(parcel: Parcel, to: Address, account: Mapping[str, str]) -> dict[str, Any]:
    """A parcel to be fetched at ours and brought to a customer; `orderId` is the shipment's id, once."""
    return {
        "language": "zh-CN",
        "orderId": parcel.shipment_id,
        "monthlyCard": account["monthly_card"],
        "payMethod": _PAID_BY_SENDER,
        "expressTypeId": _SERVICE,
        "isReturnRoutelabel": 1,
        "parcelQty": 1,
        "totalWeight": round(parcel.weight_g / 1000, 3),
        "cargoDetails": [{"name": "商品", "count": parcel.pieces}],
        "contactInfoList": [_sender(parcel.origin, account), _receiver(to)],
    }


def _sender(origin: Region, account: Mapping[str, str]) -> dict[str, Any]:
    return {
        "contactType": 1,
        "contact": account["sender_name"],
        "mobile": account["sender_phone"],
        "country": origin.country or "CN",
        "province": origin.province,
        "city": origin.city,
        "county": origin.district,
        "address": account["sender_street"],
    }


def _receiver(to: Address) -> dict[str, Any]:
    return {
        "contactType": 2,
        "contact": to.name,
        "mobile": to.phone.removeprefix("+86"),
        "country": to.country,
        "province": to.province,
        "city": to.city,
        "county": to.district,
        "address": to.street,
    }


def waybill(data: Mapping[str, Any]) -> str:
    """The mother number of an order. Raises ValueError when there is none."""
    for row in data.get("waybillNoInfoList") or ():
        if row.get("waybillType", 1) in (1, "1") and row.get("waybillNo"):
            return str(row["waybillNo"])
    raise ValueError("SF's answer has no waybillNo")


def cancelling(shipment_id: str) -> dict[str, Any]:
    """The order is cancelled."""
    return {"orderId": shipment_id, "dealType": _CANCEL, "language": "zh-CN"}


def routes_wanted(waybills: Sequence[str], phones: Mapping[str, str]) -> dict[str, Any]:
    """What happened to waybills; the last four digits of a phone prove that we may know."""
    wanted: dict[str, Any] = {"language": "zh-CN", "trackingType": 1, "trackingNumber": list(waybills), "methodType": 1}
    if len(waybills) == 1 and phones.get(waybills[0]):
        wanted["checkPhoneNo"] = phones[waybills[0]]
    return wanted


def routes(data: Mapping[str, Any]) -> list[Told]:
    """Every route of every waybill. SF's times are China's."""
    return [
        Told(
            waybill=str(each.get("mailNo", "")),
            code=str(route.get("opCode", "")),
            occurred_at=china_time(str(route.get("acceptTime", ""))),
            location=str(route.get("acceptAddress") or ""),
            text=str(route.get("remark") or ""),
            reason=str(route.get("reasonCode") or ""),
        )
        for each in data.get("routeResps") or ()
        for route in each.get("routes") or ()
    ]


def china_time(text: str) -> str:
    """`2026-11-22 08:00:00` in China as RFC 3339 UTC; unchanged when it is none, to be refused as any other."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA)
    except ValueError:
        return text
    return rfc3339(at)


def prices_wanted(parcel: Parcel, account: Mapping[str, str]) -> dict[str, Any]:
    """What a parcel costs and how long it takes."""
    ends = {"srcAddress": parcel.origin, "destAddress": parcel.region}
    places = {
        name: {"province": at.province, "city": at.city, "district": at.district, "address": ""}
        for name, at in ends.items()
    }
    wanted = {"searchPrice": "1", "weight": round(parcel.weight_g / 1000, 3), "monthlyCard": account["monthly_card"]}
    return wanted | places


def offers(data: Mapping[str, Any]) -> list[Offer]:
    """SF's prices are yuan with decimals; of services that are not ordered, or have no price, nothing is said."""
    return [
        Offer(str(_SERVICE), Money("CNY", round(float(row["fee"]) * 100)))
        for row in data.get("deliverTmDto") or ()
        if row.get("fee") and str(row.get("businessType")) == str(_SERVICE)
    ]
