"""This is where addresses are judged one by one: repaired, doubted, never broken by what anybody writes (L19)."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logistics.gazetteer.addresses import FACTORS, Written, judge

MEANT = Written(province="上海市", city="上海市", district="浦東新區", street="世紀大道 100 號", phone="+8613812345678")


@pytest.mark.parametrize(
    ("given_", "code", "places"),
    [
        ({"line": "广东深圳南山科技园科苑路15号 13800138000 张三"}, "440305", "广东省 深圳市 南山区"),
        ({"line": "北京朝阳区建国路88号"}, "110105", "北京市 北京市 朝阳区"),
        ({"line": "辽宁朝阳双塔区珠江路1号"}, "211302", "辽宁省 朝阳市 双塔区"),
        ({"line": "吉林吉林市船营区河南街1号"}, "220204", "吉林省 吉林市 船营区"),
        ({"line": "湖北襄樊市樊城区长虹路1号"}, "420606", "湖北省 襄阳市 樊城区"),
        ({"line": "上海市卢湾区淮海中路300号"}, "310101", "上海市 上海市 黄浦区"),
        ({"line": "浦冬新区世纪大道100号"}, "310115", "上海市 上海市 浦东新区"),
        ({"line": "湖北仙桃市干河街道1号"}, "429004", "湖北省 仙桃市 "),
        ({"line": "广东东莞虎门镇太沙路1号"}, "441900", "广东省 东莞市 "),
        ({"line": "内蒙古呼和浩特赛罕区大学路1号"}, "150105", "内蒙古自治区 呼和浩特市 赛罕区"),
        ({"line": "新疆乌鲁木齐天山区解放路1号"}, "650102", "新疆维吾尔自治区 乌鲁木齐市 天山区"),
        ({"line": "香港中西区皇后大道中1号"}, "810001", "香港特别行政区 香港特别行政区 中西区"),
        ({"line": "上海南京西路1266号"}, "310000", "上海市 上海市 "),
        (
            {"province": "广东省", "city": "广州市", "district": "南山区", "street": "科苑路15号"},
            "440305",
            "广东省 深圳市 南山区",
        ),
        ({"province": "台灣", "city": "台北市", "street": "忠孝東路四段"}, "710000", "台湾省 台北市 "),
    ],
)
def test_places_are_found(given_: dict[str, str], code: str, places: str) -> None:
    found = judge(Written(**given_))
    assert found.code == code and 50 < found.confidence <= 100
    assert f"{found.address.province} {found.address.city} {found.address.district}" == places


def test_one_line_is_taken_apart() -> None:
    found = judge(
        Written(line="收件人:王小明 電話:138-0013-8000 地址:廣東省深圳市羅湖區深南東路5002號 邮编518000")
    ).address
    assert (found.name, found.phone, found.postcode) == ("王小明", "+8613800138000", "518000")
    assert (found.district, found.street) == ("罗湖区", "深南東路5002號")


@pytest.mark.parametrize(
    ("changed", "trusted", "reason"),
    [
        ({}, True, ""),
        ({"province": "", "city": "上海市"}, True, ""),
        ({"country": "DE", "province": "", "city": "Berlin", "street": "Unter den Linden 1"}, True, ""),
        (
            {"province": "Guangdong Province", "city": "Shenzhen", "district": "", "street": "Shennan Blvd 1"},
            True,
            "city_not_checked",
        ),
        ({"street": "test"}, True, "street_short"),  # odd, and yet it may be a place
        ({"street": "-"}, False, "street_says_nothing"),
        ({"street": "aaaaaa"}, False, "street_says_nothing"),
        ({"province": "Atlantis"}, False, "province_unknown"),
        ({"city": "???"}, False, "city_says_nothing"),
        ({"province": "浙江省"}, True, "pair_repaired"),
        ({"postcode": "100000"}, True, "postcode_mismatch"),
        ({"postcode": "200120"}, True, ""),
        ({"phone": "123"}, True, "phone_invalid"),
        ({"province": "", "city": "", "district": "朝阳区"}, False, "ambiguous"),
        ({"province": "广东省", "city": "", "district": ""}, False, "city_missing"),
    ],
)
def test_an_address_is_trusted_unless_it_cannot_be_meant(changed: dict[str, str], trusted: bool, reason: str) -> None:
    found = judge(dataclasses.replace(MEANT, **changed))
    assert (found.confidence >= 50) is trusted
    assert reason in found.reasons if reason else found.confidence >= 90


_TEXT = st.text(max_size=40) | st.text("上海市北京朝阳区广东省 深圳南山路号1380013800,-", max_size=40)


@given(st.fixed_dictionaries({name: _TEXT for name in Written.__slots__ if name != "country"}))
def test_any_text_is_judged(fields: Any) -> None:
    found = judge(Written(**fields))
    assert 0 <= found.confidence <= 100 and set(found.reasons) <= set(FACTORS)
    assert "zzz" not in repr(found) and judge(Written(**fields)) == found


@given(st.sampled_from(("上海市", "广东省", "北京")), _TEXT)
def test_what_is_repaired_stays_as_it_is(province: str, street: str) -> None:
    """Repairing twice changes nothing more."""
    once = judge(Written(province=province, street=street)).address
    again = judge(once).address
    assert (once.province, once.city) == (again.province, again.city)
