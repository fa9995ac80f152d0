"""This is where places are found without a network, and where routes are drawn."""

from xml.etree import ElementTree

import pytest

from services.logistics.fleet.geography import CIRCUITY, CITY, DISTRICT, Position, metres, placed, ways
from services.logistics.fleet.maps import Line, drawn
from services.logistics.regions import Region

SHANGHAI, HANGZHOU = Position(31.2304, 121.4737), Position(30.2741, 120.1551)


@pytest.mark.parametrize("district", ["浦東新區", "浦东新区", "浦东新"])
def test_a_district_is_found_however_it_is_written(district: str) -> None:
    found = placed(Region("CN", "上海市", "上海市", district))
    assert found == (Position(31.2215, 121.5447), DISTRICT)


def test_where_nobody_knows_the_district_the_city_serves_and_elsewhere_nothing() -> None:
    assert placed(Region("CN", "浙江省", "杭州市", "桃花岛")) == (HANGZHOU, CITY)
    assert placed(Region("CN", "Zhejiang", "杭州", "西湖区")) == (Position(30.2595, 120.1297), DISTRICT)
    assert placed(Region("CN", "浙江", "桃花岛", "")) is None
    assert placed(Region("DE", "Berlin", "Berlin", "")) is None


def test_the_way_is_the_great_circle_and_its_detours() -> None:
    assert metres(SHANGHAI, HANGZHOU) == pytest.approx(164_700 * CIRCUITY, rel=0.01)
    assert metres(SHANGHAI, SHANGHAI) == 0
    far, long = ways([SHANGHAI, HANGZHOU], 36)
    assert far[0][1] == far[1][0] and long[0][1] == -(-far[0][1] // 10)


def test_a_route_is_drawn_to_scale_with_its_stops_in_order_and_titles_are_text() -> None:
    stops = [Position(31.24, 121.48), Position(31.25, 121.50), Position(31.21, 121.45)]
    picture = drawn(SHANGHAI, [Line("van <1>", stops, [True, False, False]), Line("van 2", [HANGZHOU])])
    root = ElementTree.fromstring(picture)
    name = "{http://www.w3.org/2000/svg}"
    circles = root.findall(f"{name}circle")
    assert len(circles) == 4 and len(root.findall(f"{name}polyline")) == 2
    assert [circle.get("fill") == "#fff" for circle in circles[:3]] == [False, True, True]
    texts = [text.text for text in root.findall(f"{name}text")]
    assert texts[:3] == ["1", "2", "3"] and "van <1>" in texts
    scale = next(text for text in root.findall(f"{name}text") if text.get("class") == "scale")
    bar = next(path for path in root.findall(f"{name}path")).get("d") or ""
    pixels_a_km = float(bar.split("h")[1]) / float((scale.text or "").split()[0])
    depot, first = root.findall(f"{name}rect[@class='depot']")[0], circles[3]
    across = float(first.get("cx") or 0) - float(depot.get("x") or 0) - 7
    down = float(first.get("cy") or 0) - float(depot.get("y") or 0) - 7
    assert (across**2 + down**2) ** 0.5 / pixels_a_km == pytest.approx(164.7, rel=0.02)
    assert b"http" not in picture.replace(b"http://www.w3.org/2000/svg", b"")


def test_one_place_alone_is_drawn_too() -> None:
    assert drawn(SHANGHAI, [Line("here", [SHANGHAI])]).count(b"<circle") == 1
    assert drawn(SHANGHAI, []).count(b"<circle") == 0
