"""This is where the shop's own after-sales policy is shown and set."""

from fastapi import Request, Response
from shop.catalog.v1 import policies_pb2 as pb

from gateway.answers import tagged
from gateway.described import feature, shown
from gateway.listings import AfterSalesBody
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.products import after_sales

router = feature("policies")
_POLICY = {
    "after_sales": {
        "text": "Returned within 7 days without a reason.",
        "return_days": 7,
        "freight_insurance": False,
    },
    "version": 2,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "updated_at": "2026-11-22T08:00:00.000Z",
}


def _shown(of: pb.ShopPolicy) -> Response:
    body = {
        "after_sales": after_sales(of.after_sales),
        "version": of.version,
        "by": of.by,
        "updated_at": of.updated_at or None,
    }
    return tagged(body, of.version)


@router.get("/v1/shop-policies", summary="The shop's after-sales policy", responses=shown(_POLICY))
async def get_policy(request: Request) -> Response:
    """It holds for every product that has none of its own; from the start: seven days, no reason asked."""
    return _shown(
        (await ask_again(request.app.state.gateway.neighbours.policies.GetPolicy, pb.GetPolicyRequest())).policy
    )


@router.put(
    "/v1/shop-policies",
    summary="Set the shop's after-sales policy",
    responses=shown(_POLICY, "INVALID_POLICY", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True),
)
async def put_policy(request: Request, body: AfterSalesBody) -> Response:
    """If-Match with the ETag that was read is required. Live listings are looked at again: what promises more
    than the policy gives is taken down."""
    seen = if_version(request, required=True)
    asked = pb.PutPolicyRequest(after_sales=body.told(), if_version=seen, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.policies.PutPolicy, asked)
    request.app.state.gateway.shelf.drop()
    return _shown(answered.policy)
