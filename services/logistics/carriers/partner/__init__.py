"""A carrier that has no interface of its own: it lives on ours, fetches what is for it and tells us its scans."""

from .carrier import Partner

__all__ = ["Partner"]
