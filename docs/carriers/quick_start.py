"""This is where a carrier's first ten minutes are lived in Python, standard library only: `python quick_start.py`.

Against a shop on this machine; elsewhere set SHOP, KEY and SECRET, and leave out `be_told`, which listens on 127.0.0.1.
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

SHOP = os.environ.get("SHOP", "http://127.0.0.1:8080")
KEY = os.environ.get("KEY", "dev-carrier")
SECRET = os.environ.get("SECRET", "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA==")


def signature(secret: str, call_id: str, timestamp: str, body: bytes) -> str:
    """As Standard Webhooks 1.0 has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{call_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def carrier(method: str, path: str, body: object = None) -> Any:
    """A signed call; the answer's JSON, or its bytes for a label."""
    raw = json.dumps(body).encode() if body is not None else b""
    call_id, timestamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    headers = {
        "X-Carrier-Key": KEY,
        "webhook-id": call_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(SECRET, call_id, timestamp, raw),
    }
    if raw:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(f"{SHOP}/carrier/v1{path}", raw or None, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            content = answer.read()
            return json.loads(content) if answer.headers["Content-Type"] == "application/json" else content
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{refused.code} {refused.read().decode()}") from None


def every_waybill() -> list[str]:
    """A whole list, page by page."""
    found, cursor = [], ""
    while True:
        page = carrier("GET", f"/waybills?limit=100&cursor={cursor}")
        found += [row["waybill"] for row in page["items"]]
        if not (cursor := page["next_cursor"]):
            return found


def genuine(secret: str, headers: Any, body: bytes) -> bool:
    """Whether a delivery comes from the shop, and is not an old one."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return False
    expected = signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split(" "))


def be_told() -> Any:
    """Registers an endpoint on this machine, asks for a test, and gives back what came."""
    came: queue.Queue[tuple[Any, bytes]] = queue.Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answers first: what it means can be thought about later."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            came.put((self.headers, body))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    mine = [one for one in carrier("GET", "/webhooks")["items"] if one["url"].startswith("http://127.0.0.1")]
    if mine:  # there are ten at most: the one of the last time is used again
        endpoint = carrier("PATCH", f"/webhooks/{mine[0]['id']}", {"url": url, "state": "enabled"})
        secret = carrier("POST", f"/webhooks/{endpoint['id']}/rotate", {"overlap_hours": 0})["secret"]
    else:
        endpoint = carrier("POST", "/webhooks", {"url": url, "types": ["shipment.planned"]})
        secret = endpoint["secret"]
    test = carrier("POST", f"/webhooks/{endpoint['id']}/test", {})
    while True:
        headers, body = came.get(timeout=15)
        if headers["webhook-id"] == test["id"]:
            break
    carrier("PATCH", f"/webhooks/{endpoint['id']}", {"state": "disabled"})
    server.shutdown()
    if not genuine(secret, headers, body):
        raise SystemExit("the signature is not right")
    return json.loads(body)


def main() -> None:
    """The ten minutes."""
    print("yours:", len(every_waybill()), "waybills")
    print("to be picked up:", carrier("GET", "/pickups")["items"])
    print("a parcel:", carrier("GET", "/waybills/SBMAGIC-OUT-FOR-DELIVERY")["tracking_state"])
    print("its label:", carrier("GET", "/labels/SBMAGIC-OUT-FOR-DELIVERY")[:4])
    now = datetime.now(UTC).isoformat(timespec="seconds")
    scan = {"waybill": "SBMAGIC-IN-TRANSIT", "code": "delivered", "occurred_at": now, "event_id": "e-1"}
    print("a scan:", carrier("POST", "/scans", {"scans": [scan]})["answers"])
    print("told:", be_told()["type"])


if __name__ == "__main__":
    main()
