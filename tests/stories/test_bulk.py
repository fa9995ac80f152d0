"""This is where a merchant brings a large file, broken in places, and watches it go in."""

from deploy.local.bring import bring, stayed_out
from tests.shop import Shop

_HEADER = "sku,title,category,price_minor,cost_minor,currency,weight_g,stock"


async def test_a_large_file_goes_in_with_an_answer_a_row(shop: Shop) -> None:
    staff = await shop.owner()
    lines = [_HEADER, *(f"BULK-{n},Bulk thing {n},Bulk,1900,600,CNY,100,5" for n in range(2, 2_002))]
    lines[9] = 'BULK-10,"never closed,Bulk,1900,600,CNY,100,5'
    lines[700] = "BULK-701,Bulk thing,Bulk,none,600,CNY,100,5"
    file = "\n".join(lines).encode()
    job = await bring(staff, file, publish=True, look_s=0.05)
    assert (job["state"], job["done"], job["total"]) == ("done", 2_000, 2_000)
    assert {row["name"]: row["count"] for row in job["counts"]} == {"accepted": 1_998, "rejected": 2}
    out = await stayed_out(staff, job["id"])
    assert [(row["row"], row["errors"][0]["column"]) for row in out] == [(10, ""), (701, "price_minor")]
    again = await bring(staff, file, publish=True, look_s=0.05)
    assert again["id"] == job["id"]
    assert (await shop.visitor().get("/v1/products/BULK-2001"))["title"] == "Bulk thing 2001"
