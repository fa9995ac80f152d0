"""This is where a postcode is held against a province: its first two digits name the postal region. Pure."""

_REGIONS = """
10:11 20:31 30:12 40:50 01:15 02:15 03:14 04:14 05:13 06:13 07:13 11:21 12:21 13:22 15:23 16:23 21:32 22:32 23:34 24:34
25:37 26:37 27:37 31:33 32:33 33:36 34:36 35:35 36:35 41:43 42:43 43:42 44:42 45:41 46:41 47:41 51:44 52:44 53:45 54:45
55:52 56:52 57:46 61:51 62:51 63:51 64:51 65:53 66:53 67:53 71:61 72:61 73:62 74:62 75:64 81:63 83:65 84:65 85:54 86:54
"""
_PROVINCE_OF = dict(pair.split(":") for pair in _REGIONS.split())


def fits(postcode: str, province_code: str) -> bool:
    """Whether both can be of one place; nothing given, and what is no six digits, says nothing."""
    if len(postcode) != 6 or not postcode.isdigit():
        return True
    meant = _PROVINCE_OF.get(postcode[:2])
    return meant is None or province_code.startswith(meant)
