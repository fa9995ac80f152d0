"""This is where places are told alike: 新疆, 新疆維吾爾自治區 and Xinjiang are one province. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Canonical name: how else it is written once the endings below are gone (simplified, traditional, pinyin, English).
_PROVINCES = """
北京 beijing|天津 tianjin|河北 hebei|山西 shanxi|内蒙古 neimenggu innermongolia neimongol|辽宁 liaoning|吉林 jilin
黑龙江 heilongjiang|上海 shanghai|江苏 jiangsu|浙江 zhejiang|安徽 anhui|福建 fujian|江西 jiangxi|山东 shandong|河南 henan
湖北 hubei|湖南 hunan|广东 guangdong canton|广西 guangxi|海南 hainan|重庆 chongqing|四川 sichuan|贵州 guizhou|云南 yunnan
西藏 xizang tibet|陕西 shaanxi|甘肃 gansu|青海 qinghai|宁夏 ningxia|新疆 xinjiang sinkiang|台湾 taiwan
香港 hongkong xianggang|澳门 macau macao aomen
"""
_ALIASES = {
    alias: names[0] for entry in re.split(r"[|\n]", _PROVINCES.strip()) for names in [entry.split()] for alias in names
}
PROVINCES = tuple(dict.fromkeys(_ALIASES.values()))
# Only the characters that the names of provinces and large cities need.
_SIMPLER = str.maketrans(
    "內遼龍蘇東廣慶貴雲陝肅寧臺灣門維爾區縣壯濟瀋陽長連齊鄭漢貢襄溫紹興無錫揚鎮濰煙島蕪廈晉惠義烏蘭羅濱鞍撫錦營盤鐵嶺葫蘆",
    "内辽龙苏东广庆贵云陕肃宁台湾门维尔区县壮济沈阳长连齐郑汉贡襄温绍兴无锡扬镇潍烟岛芜厦晋惠义乌兰罗滨鞍抚锦营盘铁岭葫芦",
)
_ENDINGS = re.compile(
    r"(?:(?:维吾尔|回族|壮族|uygh?ur|hui|zhuang)?(?:特别行政区|自治区|autonomousregion|zizhiqu)|省|市|province|municipality|sheng|(?<=[a-z]{4})shi|sar)$"
)
_NOISE = re.compile(r"[\s'’·.,-]+")

SAME_CITY, SAME_PROVINCE, SAME_COUNTRY, ABROAD = range(4)
DISTANCES = ("same city", "same province", "same country", "another country")


@dataclass(frozen=True, slots=True)
class Region:
    """A place that names nobody. `country` is an ISO 3166-1 alpha-2 code; the rest as people write it."""

    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""


def _plain(name: str) -> str:
    toneless = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    text = _NOISE.sub("", toneless.casefold()).translate(_SIMPLER)
    return _ENDINGS.sub("", text) or text


@lru_cache(4096)
def province(name: str) -> str:
    """The one name of a province, however it is written; an unknown one is only tidied up."""
    plain = _plain(name)
    return _ALIASES.get(plain, plain)


@lru_cache(4096)
def city(name: str) -> str:
    """The one name of a city; 上海市 and 上海 are one."""
    plain = _plain(name)
    return _ALIASES.get(plain, plain)


@lru_cache(4096)
def district(name: str) -> str:
    """The one name of a district: 西湖區, 西湖区 and 西湖 are one."""
    plain = city(name)
    return plain[:-1] if len(plain) > 2 and plain[-1] in "区县" else plain


def distance(one: Region, other: Region) -> int:
    """How far apart two places are, as a class: an index into `DISTANCES`."""
    if one.country != other.country:
        return ABROAD
    if not one.province or province(one.province) != province(other.province):
        return SAME_COUNTRY
    return SAME_CITY if one.city and city(one.city) == city(other.city) else SAME_PROVINCE
