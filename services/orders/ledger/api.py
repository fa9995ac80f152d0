"""This is where calls about the ledger come in."""

import logging
from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import ledger_pb2 as pb
from shop.orders.v1 import ledger_pb2_grpc

from services.kit.clock import rfc3339

from . import messages
from .chain import Tip
from .evidence import Evidence
from .heading import Heading
from .store import Chain
from .verifying import Verifying

log = logging.getLogger(__name__)


@dataclass
class LedgerApi(ledger_pb2_grpc.LedgerServiceServicer):
    """Answers shop.orders.v1.LedgerService."""

    chain: Chain
    heading: Heading
    verifying: Verifying
    evidence: Evidence

    async def GetLedgerHead(self, request: pb.GetLedgerHeadRequest, context: Any) -> pb.GetLedgerHeadResponse:
        """Where the chain ends."""
        await self.heading.catch_up()
        noted = await self.chain.noted_head()
        if noted is None:
            return pb.GetLedgerHeadResponse(head=messages.head(Tip()))
        tip = Tip(noted.number, noted.seq, noted.hash)
        return pb.GetLedgerHeadResponse(head=messages.head(tip, rfc3339(noted.at)))

    async def VerifyLedger(self, request: pb.VerifyLedgerRequest, context: Any) -> pb.VerifyLedgerResponse:
        """Recomputes it."""
        return messages.verdict(await self.verifying.verify(messages.wanted_of(request)))

    async def ExportEvidence(self, request: pb.ExportEvidenceRequest, context: Any) -> pb.ExportEvidenceResponse:
        """An order's file."""
        content = await self.evidence.of(request.order_id)
        log.info("%s took the evidence of %s", request.by, request.order_id)
        return pb.ExportEvidenceResponse(name=f"evidence-{request.order_id}.zip", content=content)
