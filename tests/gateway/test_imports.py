"""This is where files of products are sent, good ones and broken ones."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1.products_pb2 import ImportProductsResponse, RowAnswer, RowError

from gateway.csvrows import Row, Rows, lines_of
from tests.gateway.gate import Answer, Gate

HEADER = "sku,title,category,price_minor,cost_minor,currency,weight_g,stock"


def line(sku: str, title: str = "Mug") -> str:
    return f"{sku},{title},kitchen,900,400,CNY,350,40"


async def send(gate: Gate, text: str | bytes, query: str = "", kind: str = "text/csv") -> Answer:
    raw = text.encode() if isinstance(text, str) else text
    return await gate.call("POST", f"/v1/products/import{query}", raw=raw, token=gate.staff("goods"), content_type=kind)


def taking(gate: Gate) -> None:
    """Catalog takes every row but those whose SKU is BAD."""

    def take(request: Any) -> ImportProductsResponse:
        rows = [
            RowAnswer(row=row.row, ok=False, errors=[RowError(message=row.problem)])
            if row.problem
            else RowAnswer(
                row=row.row, sku=row.cells["sku"], ok=row.cells["sku"] != "BAD", errors=[RowError(column="sku")]
            )
            for row in request.rows
        ]
        return ImportProductsResponse(rows=rows)

    gate.fakes["catalog"].script["ImportProducts"] = take


def read(lines: Iterable[bytes], width: int = 8) -> list[Row]:
    rows = Rows([str(n) for n in range(width)])
    taken: list[Row] = []
    for one in lines:
        rows.feed(one)
        taken += rows.ready()
    return taken + rows.ready(end=True)


async def test_good_rows_go_in_and_bad_ones_say_why(gate: Gate) -> None:
    taking(gate)
    answer = await send(gate, "\n".join([HEADER, line("A"), line("BAD"), line("C")]), "?publish=true")
    assert (answer.status, answer.body["accepted"], answer.body["rejected"]) == (200, 2, 1)
    assert [(row["row"], row["sku"], row["ok"]) for row in answer.body["rows"]] == [
        (2, "A", True),
        (3, "BAD", False),
        (4, "C", True),
    ]
    asked = gate.fakes["catalog"].asked["ImportProducts"][0]
    assert asked.publish
    assert asked.by.startswith("stf_")
    assert dict(asked.rows[0].cells)["price_minor"] == "900"


async def test_a_large_file_goes_in_batches_of_five_hundred(gate: Gate) -> None:
    taking(gate)
    answer = await send(gate, "\n".join([HEADER, *(line(f"S{n}") for n in range(1_234))]))
    assert answer.body["accepted"] == 1_234
    assert [len(asked.rows) for asked in gate.fakes["catalog"].asked["ImportProducts"]] == [500, 500, 234]
    assert [row["row"] for row in answer.body["rows"]] == list(range(2, 1_236))


async def test_what_is_broken_spoils_its_own_row_only(gate: Gate) -> None:
    taking(gate)
    text = "\r\n".join(
        [
            HEADER,
            line("A"),
            'B,"never closed,kitchen,900,400,CNY,350,40',
            line("C"),
            'D,"closed "early",kitchen,900,400,CNY,350,40',
            'E,"two\nlines, one row",kitchen,900,400,CNY,350,40',
            "F,too few",
            line("G") + ",too many",
            "",
            line("H", '"=cmd|calc!A1"'),
            'I,"quoted ""well""",kitchen,900,400,CNY,350,40',
        ]
    ).encode()
    answer = await send(gate, b"\xef\xbb\xbf" + text + b"\r\nJ,\xff\xfe,kitchen,900,400,CNY,350,40\r\n")
    rows = {row["row"]: row for row in answer.body["rows"]}
    assert [number for number, row in rows.items() if row["ok"]] == [2, 4, 6, 9, 10]
    assert rows[3]["errors"] == rows[5]["errors"] == [{"column": "", "message": "broken quoting"}]
    assert rows[7]["errors"][0]["message"] == "has 2 cells, the header 8"
    assert rows[8]["errors"][0]["message"] == "has 9 cells, the header 8"
    assert rows[11]["errors"][0]["message"] == "not UTF-8"
    cells = [dict(row.cells) for row in gate.fakes["catalog"].asked["ImportProducts"][0].rows if row.cells]
    assert cells[2]["title"] == "two\nlines, one row"
    assert cells[3]["title"] == "=cmd|calc!A1"
    assert cells[4]["title"] == 'quoted "well"'


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sku,title",
        HEADER + ",sku",
        HEADER + ",password",
        HEADER.replace("sku", "SKU;"),
        HEADER.replace(",", ";"),
        HEADER.replace(",", "\t"),
        '"' + HEADER,
        "\x00",
        "PK\x03\x04",
    ],
)
async def test_a_header_that_is_none_is_422(gate: Gate, header: str) -> None:
    answer = await send(gate, f"{header}\n{line('A')}\n")
    assert (answer.status, answer.body["code"]) == (422, "INVALID_CSV")
    assert answer.body["errors"][0]["pointer"] == "/header"


async def test_columns_may_stand_in_any_order_and_case(gate: Gate) -> None:
    taking(gate)
    names = [name.upper() for name in reversed(HEADER.split(","))]
    answer = await send(gate, ",".join([*names, "Tags"]) + "\n40,350,CNY,400,900,kitchen,Mug,A,gift\n")
    assert answer.body["accepted"] == 1
    assert dict(gate.fakes["catalog"].asked["ImportProducts"][0].rows[0].cells)["tags"] == "gift"


async def test_a_file_of_more_than_five_megabytes_is_413_however_it_comes(gate: Gate) -> None:
    big = (HEADER + "\n").encode() + b"x" * (5 * 1024 * 1024)
    assert (await send(gate, big)).status == 413

    async def parts() -> AsyncIterator[bytes]:
        for at in range(0, len(big), 65_536):
            yield big[at : at + 65_536]

    headers = {"content-type": "text/csv", "authorization": f"Bearer {gate.staff('goods')}"}
    async with gate.session.post(f"{gate.base}/v1/products/import", data=parts(), headers=headers) as response:
        assert response.status == 413
        assert (await response.json())["code"] == "BODY_TOO_LARGE"


async def test_who_may_not_import_is_told_before_the_file_is_read(gate: Gate) -> None:
    answer = await gate.call("POST", "/v1/products/import", raw=b"x" * 2_000_000, content_type="text/csv")
    assert answer.status == 401


def test_a_hostile_file_is_read_in_no_time() -> None:
    assert len(read([b'"'] * 20_000)) >= 10_000
    assert len(read([b'"a'] * 20_000)) == 20_000
    assert len(read([b'"' + b"," * 1_000] * 2_000)) >= 1_000
    assert len(read([b'"open'] + [b"x" * 500] * 5_000)) == 5_001


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
            min_size=3,
            max_size=3,
        ),
        max_size=30,
    )
)
def test_what_was_written_well_is_read_as_it_was_written(table: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    physical = "\n".join(quoted).encode().split(b"\n")
    read_back = [list(row.cells.values()) for row in read(physical, 3)]
    assert read_back == table


async def test_lines_are_the_same_however_the_file_is_cut() -> None:
    data = b"\xef\xbb\xbfa,b\r\nc\nd\r\n"
    for size in range(1, len(data) + 1):

        async def parts(size: int = size) -> AsyncIterator[bytes]:
            for at in range(0, len(data), size):
                yield data[at : at + size]

        assert [one async for one in lines_of(parts())] == [b"a,b", b"c", b"d"]
