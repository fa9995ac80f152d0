"""This is where amounts are written in Chinese capitals, as invoices have them (《支付结算办法》附件一). Pure."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


def _group(number: int) -> str:
    """Up to four digits; 零 for a gap between two of them."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words


def whole(number: int) -> str:
    """A whole number from 1 on."""
    for size, word in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            # 零 where what follows does not begin right behind the word.
            behind = ("零" if low < size // 10 else "") + whole(low) if low else ""
            return whole(high) + word + behind
    return _group(number)


def capitals(minor: int) -> str:
    """Fen as 元角分: 1409.50 is 壹仟肆佰零玖圆伍角整; below zero it begins with （负数）."""
    yuan, jiao, fen = abs(minor) // 100, abs(minor) // 10 % 10, abs(minor) % 10
    words = whole(yuan) + "圆" if yuan else ""
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif fen and yuan:
        words += "零"
    words += _DIGITS[fen] + "分" if fen else "整"
    sign = "（负数）" if minor < 0 else ""
    return sign + (words if yuan or jiao or fen else "零圆整")
