"""This is where calls about vouchers come in over gRPC."""

import re
from typing import Any

from shop.marketing.v1 import wallets_pb2, wallets_pb2_grpc

from services.kit.errors import FieldError, Invalid
from services.marketing.messages.coupons import coupon_message
from services.marketing.shoppers import Shopper
from services.marketing.vouchers import Voucher

from .batches import Batches
from .claims import Claims
from .grants import Grant, Grants
from .messages import batch, voucher_message
from .wallet import Wallet

_CUSTOMER = re.compile(r"cus_[A-Za-z0-9_-]{1,64}")
_STAFF = re.compile(r"stf_[A-Za-z0-9_-]{1,64}")
_REQUEST = re.compile(r"[\x21-\x7e]{8,128}")


class InvalidId(Invalid):
    """Not an id of ours."""


class WalletsApi(wallets_pb2_grpc.WalletsServiceServicer):
    """Batches, claims, grants, wallets."""

    def __init__(self, batches: Batches, claims: Claims, grants: Grants, wallet: Wallet) -> None:
        self._batches, self._claims, self._grants, self._wallet = batches, claims, grants, wallet

    async def IssueBatch(self, request: wallets_pb2.IssueBatchRequest, context: Any) -> wallets_pb2.IssueBatchResponse:
        """Begins one."""
        _demand(_STAFF, request.by, "/by")
        _demand(_REQUEST, request.request_id, "/request_id")
        job = await self._batches.start(request.coupon, request.count, request.by, request.request_id)
        return wallets_pb2.IssueBatchResponse(batch=batch(job))

    async def GetBatch(self, request: wallets_pb2.GetBatchRequest, context: Any) -> wallets_pb2.GetBatchResponse:
        """How far it is."""
        return wallets_pb2.GetBatchResponse(batch=batch(await self._batches.get(request.id)))

    async def ListBatchCodes(
        self, request: wallets_pb2.ListBatchCodesRequest, context: Any
    ) -> wallets_pb2.ListBatchCodesResponse:
        """A page."""
        rows, cursor = await self._batches.codes(request.id, request.cursor)
        codes = [wallets_pb2.BatchCode(code=each.code, used=bool(each.order_id)) for each in rows]
        return wallets_pb2.ListBatchCodesResponse(codes=codes, next_cursor=cursor)

    async def ClaimVoucher(
        self, request: wallets_pb2.ClaimVoucherRequest, context: Any
    ) -> wallets_pb2.ClaimVoucherResponse:
        """Claims one."""
        _demand(_CUSTOMER, request.customer_id, "/customer_id")
        _demand(_REQUEST, request.request_id, "/request_id")
        shopper = Shopper(request.customer_id, request.tier, frozenset(request.groups))
        voucher, again = await self._claims.claim(request.coupon, shopper, request.request_id)
        return wallets_pb2.ClaimVoucherResponse(voucher=await self._shown(voucher), replayed=again)

    async def GrantVoucher(
        self, request: wallets_pb2.GrantVoucherRequest, context: Any
    ) -> wallets_pb2.GrantVoucherResponse:
        """Grants one."""
        _demand(_CUSTOMER, request.customer_id, "/customer_id")
        _demand(_STAFF, request.by, "/by")
        _demand(_REQUEST, request.request_id, "/request_id")
        asked = Grant(request.coupon, request.customer_id, request.by, request.reason.strip(), request.request_id)
        voucher, again = await self._grants.grant(asked)
        return wallets_pb2.GrantVoucherResponse(voucher=await self._shown(voucher), replayed=again)

    async def ListVouchers(
        self, request: wallets_pb2.ListVouchersRequest, context: Any
    ) -> wallets_pb2.ListVouchersResponse:
        """A customer's."""
        _demand(_CUSTOMER, request.customer_id, "/customer_id")
        held, cursor = await self._wallet.page(request.customer_id, request.page.limit, request.page.cursor)
        return wallets_pb2.ListVouchersResponse(vouchers=map(voucher_message, held), next_cursor=cursor)

    async def ListGrants(self, request: wallets_pb2.ListGrantsRequest, context: Any) -> wallets_pb2.ListGrantsResponse:
        """What staff has granted."""
        rows, cursor = await self._grants.page(request.page.limit, request.page.cursor)
        held = await self._wallet.held(rows)
        return wallets_pb2.ListGrantsResponse(grants=map(voucher_message, held), next_cursor=cursor)

    async def ListClaimable(
        self, request: wallets_pb2.ListClaimableRequest, context: Any
    ) -> wallets_pb2.ListClaimableResponse:
        """What is to be had."""
        return wallets_pb2.ListClaimableResponse(coupons=map(coupon_message, await self._wallet.claimable()))

    async def _shown(self, voucher: Voucher) -> wallets_pb2.Voucher:
        [held] = await self._wallet.held([voucher])
        return voucher_message(held)


def _demand(pattern: re.Pattern[str], text: str, pointer: str) -> None:
    if not pattern.fullmatch(text):
        raise InvalidId("not an id", errors=[FieldError(pointer, "not well-formed")])
