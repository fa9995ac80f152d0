"""This is where it is judged whether an address can be meant as it is written (L19 feeds O16). Pure.

Points off a hundred for what carriers come back with: a province there is none of, a street that says nothing.
"""

from services.orders.addresses import Address

_NAMES = """
北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东
广西 海南 重庆 四川 贵州 云南
西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门
內蒙古 遼寧 黑龍江 江蘇 山東 廣東 廣西 重慶 貴州 雲南 陝西 甘肅 寧夏 臺灣 台灣 澳門
beijing tianjin hebei shanxi neimenggu innermongolia liaoning jilin heilongjiang shanghai jiangsu zhejiang anhui fujian
jiangxi shandong henan hubei hunan guangdong guangxi hainan chongqing sichuan guizhou yunnan xizang tibet shaanxi gansu
qinghai ningxia xinjiang taiwan hongkong macau macao
"""
_PROVINCES = tuple(_NAMES.split())
_SAYS_WHERE = frozenset("路街道巷弄号號村楼樓室栋棟幢苑园園城镇鎮乡鄉区區座里")
_LITTLE, _MUCH = 20, 60


def confidence(address: Address) -> int:
    """0 to 100."""
    points = 100
    street = [c.casefold() for c in address.street if c.isalnum()]
    if len(street) < 2 or len(set(street)) < 2:
        points -= _MUCH
    elif len(street) < 4 or not any(c.isdigit() or c in _SAYS_WHERE for c in street):
        points -= _LITTLE
    if not any(c.isalpha() for c in address.city):
        points -= _MUCH
    if address.country == "CN":
        points -= _province(address)
    return max(0, points)


def _province(address: Address) -> int:
    named = "".join((address.province or address.city).casefold().split())
    if any(named.startswith(province) for province in _PROVINCES):
        return 0
    return _MUCH if address.province else _LITTLE
