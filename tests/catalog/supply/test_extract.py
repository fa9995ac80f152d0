"""This is where it is shown what of the real data is taken for demand."""

from tests.catalog.supply.extract import demand
from tests.catalog.supply.retail import DAYS, retail


def _row(
    invoice: str, sku: str, quantity: int, day: str, customer: str = "17850", price: str = "2.55"
) -> dict[str, str]:
    return {
        "InvoiceNo": invoice,
        "StockCode": sku,
        "Quantity": str(quantity),
        "InvoiceDate": f"{day} 08:26:00",
        "UnitPrice": price,
        "CustomerID": customer,
    }


def test_goods_that_were_paid_for_are_demand_and_nothing_else() -> None:
    sold = demand(
        [
            _row("1", "85123A", 6, "2010-12-01"),
            _row("2", "85123a", 2, "2010-12-01", customer=""),  # a guest, and another way to write it
            _row("3", "85123A", 1, "2010-12-03"),
            _row("4", "POST", 3, "2010-12-01"),
            _row("5", "gift_0001_10", 3, "2010-12-01"),
            _row("6", "85123A", 9, "2010-12-02", price="0"),
            _row("7", "85123A", -9, "2010-12-02", price="0"),
        ]
    )
    assert {sku: of_sku.by_day() for sku, of_sku in sold.items()} == {"85123A": {0: 8, 2: 1}}


def test_what_is_cancelled_within_a_week_never_was_demand_and_later_it_is_a_return() -> None:
    sold = demand(
        [
            _row("1", "10001", 5, "2010-12-01"),
            _row("2", "10001", 4, "2010-12-10"),
            _row("3", "10001", 4, "2010-12-10", customer="another"),
            _row("C4", "10001", -6, "2010-12-11"),  # four of them from the day before; two came back from long ago
        ]
    )
    assert sold["10001"].by_day() == {0: 5, 9: 4}


def test_the_extract_holds_ten_months_of_it() -> None:
    real = retail()
    assert (len(real.skus), real.units.shape[1], DAYS) == (3635, 304, 304)
    assert int(real.units.sum()) == 3_795_491
    assert real.prices.min() > 0
