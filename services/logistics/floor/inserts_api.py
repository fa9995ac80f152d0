"""This is where calls about the cards in parcels come in."""

from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import inserts_pb2, inserts_pb2_grpc

from services.kit.clock import rfc3339
from services.logistics.inserts import Card, Inserts, Offer


@dataclass
class InsertsApi(inserts_pb2_grpc.InsertsServiceServicer):
    """Answers shop.logistics.v1.InsertsService."""

    inserts: Inserts

    async def GetInsertOffer(
        self, request: inserts_pb2.GetInsertOfferRequest, context: Any
    ) -> inserts_pb2.GetInsertOfferResponse:
        """What they promise."""
        return inserts_pb2.GetInsertOfferResponse(offer=_offer(await self.inserts.offer()))

    async def PutInsertOffer(
        self, request: inserts_pb2.PutInsertOfferRequest, context: Any
    ) -> inserts_pb2.PutInsertOfferResponse:
        """Says what they promise."""
        said = request.offer
        offer = Offer(enabled=said.enabled, url=said.url, title=said.title, text=said.text, coupon=said.coupon)
        kept = await self.inserts.put(offer, request.if_version)
        return inserts_pb2.PutInsertOfferResponse(offer=_offer(kept))

    async def ScanInsert(self, request: inserts_pb2.ScanInsertRequest, context: Any) -> inserts_pb2.ScanInsertResponse:
        """Looked at."""
        card, offer = await self.inserts.scanned(request.code)
        return inserts_pb2.ScanInsertResponse(offer=_offer(offer), redeemed=bool(card.redeemed_by))

    async def RedeemInsert(
        self, request: inserts_pb2.RedeemInsertRequest, context: Any
    ) -> inserts_pb2.RedeemInsertResponse:
        """Redeemed."""
        card, offer = await self.inserts.redeemed(request.code, request.customer_id)
        return inserts_pb2.RedeemInsertResponse(offer=_offer(offer), card=_card(card))

    async def GetShipmentInsert(
        self, request: inserts_pb2.GetShipmentInsertRequest, context: Any
    ) -> inserts_pb2.GetShipmentInsertResponse:
        """A parcel's."""
        return inserts_pb2.GetShipmentInsertResponse(card=_card(await self.inserts.of_shipment(request.shipment_id)))


def _offer(of: Offer) -> inserts_pb2.InsertOffer:
    names = ("enabled", "url", "title", "text", "coupon", "version")
    return inserts_pb2.InsertOffer(**{name: getattr(of, name) for name in names})


def _card(of: Card) -> inserts_pb2.InsertCard:
    return inserts_pb2.InsertCard(
        code=of.id,
        shipment_id=of.shipment_id,
        scans=of.scans,
        scanned_at=rfc3339(of.scanned_at),
        redeemed_at=rfc3339(of.redeemed_at),
    )
