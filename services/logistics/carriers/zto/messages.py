"""This is where ZTO's format is: JSON with a digest in the headers, JSON back (open.zto.com). Pure."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.kit.clock import rfc3339
from services.logistics.addresses import Address
from services.logistics.carriers import CarrierRefused, Parcel, Told
from services.logistics.regions import Region

CREATE, FIND, CANCEL = "zto.open.createOrder", "zto.open.getOrderInfo", "zto.open.cancelPreOrder"
TRACK = "zto.merchant.waybill.track.query"
BUSY = frozenset({"S200", "S202", "S203", "S206", "S221"})  # ZTO's own trouble, and too many calls: it passes
_ORDERED_WRONG = "2"
_SAME_ACCOUNT, _WITH_NUMBER = "2", "1"


def digest(body: bytes, secret: str) -> str:
    """`x-dataDigest`: base64(MD5(body + secret))."""
    return base64.b64encode(hashlib.md5(body + secret.encode(), usedforsecurity=False).digest()).decode()


def call(message: Mapping[str, Any], account: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a call, signed."""
    body = msgspec.json.encode(message)
    headers = {
        "content-type": "application/json;charset=UTF-8",
        "x-appKey": account["app_key"],
        "x-dataDigest": digest(body, account["app_secret"]),
    }
    return headers, body


def answered(body: bytes) -> Any:
    """A call's `result`. Refuses with `CarrierRefused`, its `meta` ZTO's code. Raises ValueError for no such answer."""
    answer = msgspec.json.decode(body)
    if not isinstance(answer, dict) or "status" not in answer:
        raise ValueError("ZTO's answer has no status")
    if not answer["status"]:
        code, text = str(answer.get("statusCode"))[:32], answer.get("message")
        raise CarrierRefused(f"ZTO: {code} {text}"[:300], carrier="zto", code=code)
    return answer.get("result")


def order(parcel: Parcel, to: Address, account: Mapping[str, str]) -> dict[str, Any]:
    """A parcel with a waybill number; `partnerOrderCode` is the shipment's id, once. Weights in grams."""
    return {
        "partnerType": _SAME_ACCOUNT,
        "orderType": _WITH_NUMBER,
        "partnerOrderCode": parcel.shipment_id,
        "accountInfo": {"accountId": account["account_id"], "accountPassword": account["account_password"], "type": 1},
        "senderInfo": _sender(parcel.origin, account),
        "receiveInfo": _receiver(to),
        "summaryInfo": {"quantity": parcel.pieces},
        "orderItems": [{"name": "商品", "weight": parcel.weight_g, "quantity": 1}],
    }


def _sender(origin: Region, account: Mapping[str, str]) -> dict[str, str]:
    return {
        "senderName": account["sender_name"],
        "senderMobile": account["sender_phone"],
        "senderProvince": origin.province,
        "senderCity": origin.city,
        "senderDistrict": origin.district,
        "senderAddress": account["sender_street"],
    }


def _receiver(to: Address) -> dict[str, str]:
    return {
        "receiverName": to.name,
        "receiverMobile": to.phone.removeprefix("+86"),
        "receiverProvince": to.province,
        "receiverCity": to.city,
        "receiverDistrict": to.district,
        "receiverAddress": to.street,
    }


def bill(result: Any) -> str:
    """The waybill number of an order; of several the first. Raises ValueError when there is none."""
    rows = result if isinstance(result, list) else [result]
    for row in rows:
        if isinstance(row, dict) and row.get("billCode"):
            return str(row["billCode"])
    raise ValueError("ZTO's answer has no billCode")


def finding(shipment_id: str) -> dict[str, Any]:
    """An order by our own number."""
    return {"type": 1, "partnerOrderCode": shipment_id, "orderCode": "", "billCode": ""}


def cancelling(waybill: str) -> dict[str, str]:
    """The parcel will not come."""
    return {"cancelType": _ORDERED_WRONG, "billCode": waybill}


def track_wanted(waybill: str, phone: str) -> dict[str, str]:
    """What happened to a waybill; the last four digits of a phone prove that we may know."""
    return {"billCode": waybill, "mobilePhone": phone} if phone else {"billCode": waybill}


def track(waybill: str, result: Any) -> list[Told]:
    """Every scan of a waybill."""
    return [_told(waybill, row) for row in result or () if isinstance(row, dict)]


def _told(waybill: str, row: Mapping[str, Any]) -> Told:
    site = row.get("scanSite") or {}
    return Told(
        waybill=waybill,
        code=str(row.get("scanType") or row.get("action") or ""),
        occurred_at=_moment(row.get("scanDate") or row.get("actionTime")),
        location=" ".join(str(part) for part in (site.get("city"), site.get("name")) if part),
        text=str(row.get("desc") or ""),
    )


def _moment(said: Any) -> str:
    """ZTO's milliseconds as RFC 3339; anything else as it is, to be refused as any other."""
    try:
        return rfc3339(datetime.fromtimestamp(int(said) / 1000, UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        return str(said)
