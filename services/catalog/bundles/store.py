"""This is where the indexes are of what is bought together and of what is past its best."""

from pymongo import IndexModel

PAIRS = [
    IndexModel([("score_ppm", -1), ("_id", 1)]),
    IndexModel([("products", 1), ("score_ppm", -1), ("_id", 1)]),
    IndexModel([("categories", 1), ("score_ppm", -1), ("_id", 1)]),
    IndexModel([("run", 1)]),
]
RULES = [IndexModel([("sure_ppm", -1), ("_id", 1)]), IndexModel([("run", 1)])]
LIFECYCLE = [
    IndexModel([("rank", 1), ("_id", 1)]),
    IndexModel([("action", 1), ("rank", 1), ("_id", 1)]),
    IndexModel([("run", 1)]),
]
