"""This is where calls about scorecards and the control tower come in."""

from typing import Any

from shop.logistics.v1 import scorecards_pb2 as pb
from shop.logistics.v1 import scorecards_pb2_grpc

from . import messages
from .counting import Counting
from .tower import Tower


class ScorecardsApi(scorecards_pb2_grpc.ScorecardsServiceServicer):
    """Answers shop.logistics.v1.ScorecardsService."""

    def __init__(self, counting: Counting, tower: Tower) -> None:
        self._counting, self._tower = counting, tower

    async def ListScorecards(self, request: pb.ListScorecardsRequest, context: Any) -> pb.ListScorecardsResponse:
        """Who did how well."""
        cards, after = await self._counting.page(request.by, request.window, request.page.limit, request.page.cursor)
        return pb.ListScorecardsResponse(scorecards=[messages.card_message(card) for card in cards], next_cursor=after)

    async def GetTower(self, request: pb.GetTowerRequest, context: Any) -> pb.GetTowerResponse:
        """Where everything is."""
        return pb.GetTowerResponse(rows=[messages.row_message(row) for row in await self._tower.look()])
