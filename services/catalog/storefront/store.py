"""This is where the indexes of the storefront are."""

from pymongo import IndexModel

PAGES = [IndexModel([("sections.media_ids", 1)])]
