"""This is where calls about customs come in."""

import json
from typing import Any

from shop.logistics.v1 import customs_pb2, customs_pb2_grpc

from . import messages
from .clearance import Clearance
from .papers import Papers, exported


class CustomsApi(customs_pb2_grpc.CustomsServiceServicer):
    """Answers shop.logistics.v1.CustomsService."""

    def __init__(self, clearance: Clearance, papers: Papers) -> None:
        self._clearance, self._papers = clearance, papers
        self._goods, self._restrictions, self._duties = clearance.goods, clearance.restrictions, clearance.duties

    async def PutCustomsGoods(
        self, request: customs_pb2.PutCustomsGoodsRequest, context: Any
    ) -> customs_pb2.PutCustomsGoodsResponse:
        """Describes a SKU."""
        kept = await self._goods.put(messages.goods(request.goods), request.by, request.if_version)
        return customs_pb2.PutCustomsGoodsResponse(goods=messages.goods_message(kept))

    async def ImportCustomsGoods(
        self, request: customs_pb2.ImportCustomsGoodsRequest, context: Any
    ) -> customs_pb2.ImportCustomsGoodsResponse:
        """Describes many."""
        taken = await self._goods.put_many([messages.goods(one) for one in request.goods], request.by)
        return customs_pb2.ImportCustomsGoodsResponse(taken=map(messages.taken_message, taken))

    async def GetCustomsGoods(
        self, request: customs_pb2.GetCustomsGoodsRequest, context: Any
    ) -> customs_pb2.GetCustomsGoodsResponse:
        """One."""
        return customs_pb2.GetCustomsGoodsResponse(goods=messages.goods_message(await self._goods.get(request.sku)))

    async def ListCustomsGoods(
        self, request: customs_pb2.ListCustomsGoodsRequest, context: Any
    ) -> customs_pb2.ListCustomsGoodsResponse:
        """A page."""
        found, cursor = await self._goods.page(request.page.limit, request.page.cursor)
        return customs_pb2.ListCustomsGoodsResponse(goods=map(messages.goods_message, found), next_cursor=cursor)

    async def PutRestriction(
        self, request: customs_pb2.PutRestrictionRequest, context: Any
    ) -> customs_pb2.PutRestrictionResponse:
        """Makes or changes one."""
        kept = await self._restrictions.put(messages.restriction(request.restriction), request.if_version)
        return customs_pb2.PutRestrictionResponse(restriction=messages.restriction_message(kept))

    async def ListRestrictions(
        self, request: customs_pb2.ListRestrictionsRequest, context: Any
    ) -> customs_pb2.ListRestrictionsResponse:
        """All."""
        known = await self._restrictions.all()
        return customs_pb2.ListRestrictionsResponse(restrictions=map(messages.restriction_message, known))

    async def RemoveRestriction(
        self, request: customs_pb2.RemoveRestrictionRequest, context: Any
    ) -> customs_pb2.RemoveRestrictionResponse:
        """Takes one out."""
        await self._restrictions.remove(request.id)
        return customs_pb2.RemoveRestrictionResponse()

    async def PutDutyTable(
        self, request: customs_pb2.PutDutyTableRequest, context: Any
    ) -> customs_pb2.PutDutyTableResponse:
        """Makes or changes a country's."""
        kept = await self._duties.put(messages.table(request.table), request.if_version)
        return customs_pb2.PutDutyTableResponse(table=messages.table_message(kept))

    async def ListDutyTables(
        self, request: customs_pb2.ListDutyTablesRequest, context: Any
    ) -> customs_pb2.ListDutyTablesResponse:
        """All."""
        return customs_pb2.ListDutyTablesResponse(tables=map(messages.table_message, await self._duties.all()))

    async def JudgeCrossing(
        self, request: customs_pb2.JudgeCrossingRequest, context: Any
    ) -> customs_pb2.JudgeCrossingResponse:
        """What stands against it, and what it costs."""
        currency = request.lines[0].unit.currency if request.lines else ""
        judged = await self._clearance.crossing(
            request.country, messages.going(request), currency, request.freight.minor
        )
        return messages.crossing_message(judged, self._clearance.abroad(request.country))

    async def GetDeclaration(
        self, request: customs_pb2.GetDeclarationRequest, context: Any
    ) -> customs_pb2.GetDeclarationResponse:
        """As data."""
        told = exported(await self._papers.declaration(request.shipment_id))
        return customs_pb2.GetDeclarationResponse(document=json.dumps(told, ensure_ascii=False).encode())

    async def PrintCustomsPaper(
        self, request: customs_pb2.PrintCustomsPaperRequest, context: Any
    ) -> customs_pb2.PrintCustomsPaperResponse:
        """As PDF."""
        document = await self._papers.paper(request.shipment_id, request.kind)
        return customs_pb2.PrintCustomsPaperResponse(document=document, media_type="application/pdf")
