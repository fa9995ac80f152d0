"""This is where live listings are looked at again because a rule has changed."""

from shop.catalog.v1 import compliance_pb2, jobs_pb2
from shop.catalog.v1 import products_pb2 as pb

from services.kit.rpc import call
from tests.catalog.compliance.office import Office
from tests.catalog.counter import Counter, cells
from tests.catalog.test_products import patch, show, step


def counts(job: jobs_pb2.Job) -> dict[str, int]:
    return {each.name: each.count for each in job.counts}


async def test_a_changed_list_takes_down_what_says_the_word_and_tells_staff(counter: Counter, office: Office) -> None:
    rows = [cells(f"S{n}", title="Glorious mug" if n % 50 == 7 else f"Mug {n}") for n in range(130)]
    assert all(answer.ok for answer in await counter.take_in(*rows))
    await office.add("glorious", suggestions=["fine"])
    (scan,) = await office.scanned()
    assert (scan.kind, scan.done, scan.total) == ("rescan", 130, 130)
    assert counts(scan) == {"looked_at": 130, "taken_down": 3}
    down = await show(counter, "S7", staff=True)
    assert (down.state, down.taken_down.code, down.taken_down.by) == (pb.LISTING_STATE_DELISTED, "BANNED_WORD", scan.id)
    assert down.taken_down.en.startswith('/title: "Glorious" is a superlative')
    assert "建议改为“fine”" in down.taken_down.zh
    told = await office.told()
    assert len(told) == 3
    assert down.id in {notice.subject for notice in told}
    assert (await show(counter, "S8")).state == pb.LISTING_STATE_LIVE


async def test_what_was_mended_returns_by_review(counter: Counter, office: Office) -> None:
    await counter.sell("A", title="Glorious mug")
    word = (await office.add("glorious")).word
    await office.scanned()
    product = await show(counter, "A", staff=True)
    await office.remove(word.id)  # nothing is against it any more: it may be published as it is
    await office.scanned(2)
    assert (await step(counter, product.id, "publish")).state == pb.LISTING_STATE_LIVE
    await office.add("glorious")
    await office.scanned(3)
    await patch(counter, product.id, {"title": "Fine mug"})
    for name in ("submit", "approve", "publish"):
        product = await step(counter, product.id, name)
    assert (product.state, product.taken_down.code) == (pb.LISTING_STATE_LIVE, "")


async def test_changes_that_come_together_make_few_scans_and_none_is_missed(counter: Counter, office: Office) -> None:
    titles = [f"Mug of kind{n}" for n in range(8)]
    assert all(row.ok for row in await counter.take_in(*(cells(f"K{n}", title=t) for n, t in enumerate(titles))))
    for n in range(8):
        await office.add(f"kind{n}")
    while any([(await show(counter, f"K{n}", staff=True)).state == pb.LISTING_STATE_LIVE for n in range(8)]):
        await counter.house.settled()
    scans = await office.scanned()
    assert len(scans) < 8
    assert sum(counts(scan).get("taken_down", 0) for scan in scans) == 8


async def test_a_policy_that_gives_less_takes_down_what_promises_more(counter: Counter, office: Office) -> None:
    await office.set_policy(text="Ours", return_days=7, freight_insurance=True)
    product = await office.draft(trust_blocks=[pb.TrustBlock(kind=pb.TRUST_KIND_FREIGHT_INSURANCE)])
    for name in ("submit", "approve", "publish"):
        product = await step(counter, product.id, name)
    await office.scanned()
    await office.set_policy(text="Ours", return_days=7)
    await office.scanned(2)
    assert (await show(counter, product.id, staff=True)).taken_down.code == "CLAIM_UNTRUE"


async def test_staff_ask_for_a_scan(counter: Counter, office: Office) -> None:
    await counter.sell("A")
    asked = compliance_pb2.StartRescanRequest(by="stf_1")
    job = (await call(office.compliance.StartRescan, asked)).job
    assert job.by == "stf_1"
    (scan,) = await office.scanned()
    assert (scan.id, counts(scan)) == (job.id, {"looked_at": 1, "taken_down": 0})
    assert await office.told() == []
