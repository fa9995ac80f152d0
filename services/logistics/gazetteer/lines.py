"""This is where one line is taken apart: phone, postcode and name out of it, the rest is the place. Pure."""

import re
from typing import TYPE_CHECKING

from .places import places

if TYPE_CHECKING:
    from .addresses import Written

_PHONE = re.compile(
    r"(?<![0-9])(?:\+?86[\s-]?)?(1[3-9][0-9](?:[\s-]?[0-9]{4}){2})(?![0-9])|(?<![0-9])(0[0-9]{2,3}-[0-9]{7,8})"
)
_POSTCODE = re.compile(r"(?:邮编|邮政编码|郵編)?[:\s]*(?<![0-9-])([0-9]{6})(?![0-9号號栋棟室弄-])")
_LABEL = re.compile(
    r"(?:收件人|收货人|收貨人|联系人|姓名|联系电话|电话|電話|手机|手機|收货地址|详细地址|地址|所在地区)\s*:\s*"
)
_NAME_LABEL = re.compile(r"(?:收件人|收货人|收貨人|联系人|姓名)\s*:\s*([^\s,;0-9]{1,20})")
_APART = re.compile(r"[\s,;|、]+")
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}(?:先生|女士|小姐|收)?")
_NOT_NAMES = re.compile(r"[路街道巷弄号號村楼樓室栋棟幢苑园園镇鎮乡鄉区區座省市县縣州旗盟]$")


def taken_apart(given: "Written") -> "Written":
    """The same with its line in fields; what was given beside the line stays."""
    from dataclasses import replace

    line, name = given.line, given.name
    if not name and (labelled := _NAME_LABEL.search(line)):
        name, line = labelled.group(1), line.replace(labelled.group(0), " ", 1)
    line = _LABEL.sub(" ", line)
    line, phone = _cut(_PHONE, line)
    line, postcode = _cut(_POSTCODE, line)
    words = [word for word in _APART.split(line) if word]
    if not name and len(words) > 1:
        name = next((words.pop(at) for at in (-1, 0) if _is_name(words[at])), "")
    return replace(
        given,
        street=" ".join([*words, *filter(None, [given.street])]),
        name=name.removesuffix("收"),
        phone=given.phone or phone,
        postcode=given.postcode or postcode,
        line="",
    )


def _cut(what: re.Pattern[str], line: str) -> tuple[str, str]:
    found = what.search(line)
    if found is None:
        return line, ""
    return f"{line[: found.start()]} {line[found.end() :]}", next(filter(None, found.groups()))


def _is_name(word: str) -> bool:
    if not _NAME.fullmatch(word) or _NOT_NAMES.search(word):
        return False
    return places().simplified(word) not in places().named
