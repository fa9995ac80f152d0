"""This is where an order's parcels are numbered: the same whenever they are planned. Pure."""

import hashlib

from services.kit.ids import ALPHABET

MOST_PARTS = 12


def shipment_id(order_id: str, part: int) -> str:
    """The id of an order's parcel: the same whenever it is planned, so that it is planned once. Sorts as the order does."""
    digest = int.from_bytes(hashlib.sha256(f"{order_id}/{part}".encode()).digest()[:16])
    random = "".join(ALPHABET[(digest >> (5 * i)) & 31] for i in range(25, -1, -1))
    time = order_id.removeprefix("ord_")[:10]
    sortable = len(time) == 10 and all(letter in ALPHABET for letter in time)
    return f"shp_{time if sortable else random[:10]}{random[10:]}"


def ids_of(order_id: str) -> list[str]:
    """The ids its parcels can have."""
    return [shipment_id(order_id, part) for part in range(1, MOST_PARTS + 1)]
