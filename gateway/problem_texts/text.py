"""This is where it is defined what there is to say about a problem."""

from typing import NamedTuple


class Text(NamedTuple):
    """What there is to say. `status` None: the status of the refusal's kind."""

    status: int | None
    title: str
    title_zh: str
    todo: str
