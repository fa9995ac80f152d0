"""This is where it is shown that one place with many spellings is one place."""

import pytest

from services.logistics.regions import DISTANCES, PROVINCES, Region, city, distance, province


@pytest.mark.parametrize(
    ("names", "canonical"),
    [
        (
            [
                "新疆",
                "新疆維吾爾自治區",
                "新疆维吾尔自治区",
                "Xinjiang",
                "XINJIANG UYGUR AUTONOMOUS REGION",
                "xīnjiāng",
            ],
            "新疆",
        ),
        (["西藏", "西藏自治區", "Tibet", "Xizang", "Tibet Autonomous Region"], "西藏"),
        (["內蒙古", "内蒙古自治区", "Inner Mongolia", "Nei Menggu", "inner-mongolia"], "内蒙古"),
        (["上海", "上海市", "Shanghai", "Shanghai Shi", "shanghai municipality"], "上海"),
        (["廣東省", "广东", "Guangdong Province", "guangdong"], "广东"),
        (["陝西", "陕西省", "Shaanxi"], "陕西"),
        (["山西省", "Shanxi"], "山西"),
    ],
)
def test_a_province_is_one_however_it_is_written(names: list[str], canonical: str) -> None:
    assert {province(name) for name in names} == {canonical}


def test_there_are_thirty_four_provinces() -> None:
    assert len(PROVINCES) == 34
    assert {province(name) for name in PROVINCES} == set(PROVINCES)


def test_an_unknown_province_is_itself() -> None:
    assert province("Île-de-France") == province("ile de france") != province("Bretagne")


def test_distance_is_a_class() -> None:
    here = Region("CN", "浙江省", "杭州市")
    classes = [
        distance(here, Region("CN", "Zhejiang", "杭州")),
        distance(here, Region("CN", "浙江", "宁波")),
        distance(here, Region("CN", "上海", "上海")),
        distance(here, Region("DE", "Bayern", "München")),
    ]
    assert [DISTANCES[one] for one in classes] == ["same city", "same province", "same country", "another country"]
    assert city("Shanghai") == city("上海市")
