"""This is where a customer's text is looked at before others read it: what names a person, advertises or insults waits for
somebody to look. Pure."""

import re

from services.catalog.words import normalised

# Contacts and advertising, in any width; digits may be spelt apart.
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w+|https?://|www\.|(?:\d[\s.-]?){8,}")
_LURES = ("加微信", "加我微信", "vx", "v信", "微信号", "qq群", "刷单", "返现", "whatsapp", "telegram", "promo code")
_INSULTS = ("傻逼", "他妈", "操你", "去死", "fuck", "bitch", "asshole")
_SHOUTED = re.compile(r"(.)\1{7,}")


def reasons_to_wait(*texts: str) -> list[str]:
    """Why somebody should look first: `contact`, `advertising`, `insult`, `gibberish`; none when it may be read at once."""
    reasons = []
    text = normalised(" ".join(texts))
    if _CONTACT.search(text):
        reasons.append("contact")
    if any(lure in text for lure in _LURES):
        reasons.append("advertising")
    if any(insult in text for insult in _INSULTS):
        reasons.append("insult")
    if _SHOUTED.search(text):
        reasons.append("gibberish")
    return reasons
