"""This is where SF's and ZTO's interfaces are stood in for: signatures checked by code of its own, answers as theirs."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote_plus

from aiohttp import web

PARTNER, CHECKWORD = "SHOPTEST", "check*word~ 1"
APP_KEY, APP_SECRET = "a227a62c", "0e8e9457d"
SF_ACCOUNT = {
    "partner_id": PARTNER,
    "checkword": CHECKWORD,
    "monthly_card": "7551234567",
    "sender_name": "倉庫",
    "sender_phone": "02150000000",
    "sender_street": "申貴路 1500 號",
}
ZTO_ACCOUNT = {
    "app_key": APP_KEY,
    "app_secret": APP_SECRET,
    "account_id": "test",
    "account_password": "ZTO123",
    "sender_name": "倉庫",
    "sender_phone": "02150000000",
    "sender_street": "申貴路 1500 號",
}


def _md5(text: bytes) -> str:
    return base64.b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode()


@dataclass
class StandIn:
    """Both carriers. `lose` answers are lost after the work is done, `down` calls answer 500 and do nothing, `refuse` is the
    code that creations are refused with."""

    orders: dict[str, str] = field(default_factory=dict)
    contents: dict[str, Any] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    routes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lose: int = 0
    down: int = 0
    refuse: str = ""
    url: str = ""

    async def __aenter__(self) -> "StandIn":
        app = web.Application()
        app.router.add_post("/std/service", self._sf)
        app.router.add_post("/{method:zto.*}", self._zto)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def _number(self, order: str, prefix: str) -> str:
        return self.orders.setdefault(order, f"{prefix}{len(self.orders) + 1:013d}")

    def _after(self, request: web.Request, answer: Mapping[str, Any]) -> web.Response:
        if self.lose:
            self.lose -= 1
            assert request.transport
            request.transport.close()
        return web.json_response(answer)

    async def _sf(self, request: web.Request) -> web.Response:
        form = {name: values[0] for name, values in parse_qs((await request.read()).decode()).items()}
        self.calls.append(form["serviceCode"])
        if self.down:
            self.down -= 1
            return web.Response(status=500)
        said = quote_plus(form["msgData"] + form["timestamp"] + CHECKWORD, safe="*").replace("~", "%7E")
        if form["partnerID"] != PARTNER:
            return web.json_response({"apiResultCode": "A1001", "apiErrorMsg": "必传参数不可为空"})
        if form["msgDigest"] != _md5(said.encode()) or len(form["timestamp"]) != 13:
            return web.json_response({"apiResultCode": "A1006", "apiErrorMsg": "数字签名无效"})
        return self._after(request, self._sf_answer(form["serviceCode"], json.loads(form["msgData"])))

    def _sf_answer(self, service: str, message: dict[str, Any]) -> dict[str, Any]:
        code, data = getattr(self, f"_{service.rsplit('_', 2)[-2].lower()}_{service.rsplit('_', 1)[-1].lower()}")(
            message
        )
        result = {"success": code == "S0000", "errorCode": code, "errorMsg": code, "msgData": data}
        return {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": json.dumps(result)}

    def _create_order(self, message: dict[str, Any]) -> tuple[str, Any]:
        if self.refuse:
            return self.refuse, None
        if message["orderId"] in self.orders:
            return "8016", None
        self.contents[message["orderId"]] = message
        return "S0000", self._sf_order(message["orderId"], self._number(message["orderId"], "SF"))

    def _sf_order(self, order: str, number: str) -> dict[str, Any]:
        return {"orderId": order, "waybillNoInfoList": [{"waybillType": 1, "waybillNo": number}]}

    def _order_resp(self, message: dict[str, Any]) -> tuple[str, Any]:
        order = message["orderId"]
        return ("S0000", self._sf_order(order, self.orders[order])) if order in self.orders else ("8018", None)

    def _update_order(self, message: dict[str, Any]) -> tuple[str, Any]:
        order = message["orderId"]
        if order not in self.orders:
            return "8018", None
        if order in self.cancelled:
            return "8037", None
        self.cancelled.add(order)
        return "S0000", {"orderId": order, "resStatus": 2}

    def _search_routes(self, message: dict[str, Any]) -> tuple[str, Any]:
        found = [{"mailNo": number, "routes": self.routes.get(number, [])} for number in message["trackingNumber"]]
        return "S0000", {"routeResps": found}

    def _query_delivertm(self, message: dict[str, Any]) -> tuple[str, Any]:
        return "S0000", {"deliverTmDto": [{"businessType": "1", "fee": 23}, {"businessType": "2", "fee": 18.5}]}

    async def _zto(self, request: web.Request) -> web.Response:
        body, method = await request.read(), request.match_info["method"]
        self.calls.append(method)
        if self.down:
            self.down -= 1
            return web.Response(status=500)
        if request.headers["x-appKey"] != APP_KEY or request.headers["x-dataDigest"] != _md5(
            body + APP_SECRET.encode()
        ):
            return web.json_response({"status": False, "statusCode": "S211", "message": "签名错误", "result": None})
        code, result = self._zto_answer(method, json.loads(body))
        fine = code in ("0000", "SYS000")
        answer = {"status": fine, "statusCode": code, "message": "成功" if fine else code, "result": result}
        return self._after(request, answer)

    def _zto_answer(self, method: str, message: dict[str, Any]) -> tuple[str, Any]:
        if method == "zto.open.createOrder":
            order = message["partnerOrderCode"]
            if self.refuse or order in self.orders:
                return self.refuse or "E500", None
            self.contents[order] = message
            return "0000", {"billCode": self._number(order, "7310"), "partnerOrderCode": order}
        if method == "zto.open.getOrderInfo":
            order = message["partnerOrderCode"]
            live = order in self.orders and order not in self.cancelled
            return "0000", [{"billCode": self.orders[order]}] if live else []
        if method == "zto.open.cancelPreOrder":
            order = next((key for key, number in self.orders.items() if number == message["billCode"]), "")
            if not order or order in self.cancelled:
                return "E404", None
            self.cancelled.add(order)
            return "SYS000", {}
        return "SYS000", self.routes.get(message["billCode"], [])
