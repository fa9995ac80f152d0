"""This is where products get their roles, and where it is shown how the shelf is made up."""

from typing import Literal

from fastapi import Request, Response
from shop.catalog.v1 import assortment_pb2 as pb

from gateway.answers import Json, answer, money, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, LineOrEmpty, MoneyBody, PathId, PathSlug, page_of
from gateway.margins import maybe
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("margins")
_PREFIX = "PRODUCT_ROLE_"
_NUMBERS = {
    "traffic": pb.PRODUCT_ROLE_TRAFFIC,
    "profit": pb.PRODUCT_ROLE_PROFIT,
    "image": pb.PRODUCT_ROLE_IMAGE,
}
_YUAN = {"currency": "CNY", "minor": 2900}
_WARNING = {
    "code": "profit_share_low",
    "text": {
        "en": "profit items are 41 % of all SKUs on sale; 60 % is the target",
        "zh": "利润款占在售 SKU 的 41%，目标为 60%",
    },
}
_ROLE = {"product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx", "skus": ["MUG-01"], "role": "traffic"}
_COUNTS = {
    "skus": 200,
    "traffic": 20,
    "profit": 82,
    "image": 4,
    "profit_share_bp": 4100,
    "profit_target_bp": 6000,
    "traffic_in_band": 12,
    "traffic_too_dear": 5,
    "traffic_too_cheap": 2,
    "traffic_without_average": 1,
}
_OFFENDER = {
    "sku": "MUG-01",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "category": "kitchen",
    "price": _YUAN,
    "average": {"currency": "CNY", "minor": 3000},
    "under_bp": 333,
    "warning": _WARNING,
}
_SUGGESTION = {
    "sku": "MUG-01",
    "category": "kitchen",
    "price": _YUAN,
    "contribution_bp": 4379,
    "role": "profit",
    "text": {"en": "it leaves 43.79 % of its price …", "zh": "贡献毛利率 43.79 % …"},
}
_AVERAGE = {
    "category": "kitchen",
    "average": {"currency": "CNY", "minor": 3000},
    "source": "market report, November",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}


class RoleBody(Body):
    """What the product is there for; null takes the role away."""

    role: Literal["traffic", "profit", "image"] | None


class AverageBody(Body):
    """What others ask on average for one unit in the category, and where that was found."""

    average: MoneyBody
    source: LineOrEmpty = ""


def _role(number: pb.ProductRole.ValueType) -> str | None:
    return word(pb.ProductRole.Name(number), _PREFIX) if number else None


def _warning(of: pb.AssortmentWarning) -> Json:
    return {"code": of.code, "text": {"en": of.en, "zh": of.zh}}


def _average(of: pb.IndustryAverage) -> Json:
    plain = {name: getattr(of, name) for name in _AVERAGE if name != "average"}
    return {**plain, "average": money(of.average)}


@router.put(
    "/v1/products/{product_id}/role",
    summary="Say what a product is there for",
    responses=shown(_ROLE, "PRODUCT_NOT_FOUND", "INVALID_ROLE", body=True),
)
async def set_product_role(request: Request, product_id: PathId, body: RoleBody) -> Response:
    """All its SKUs play it: `traffic` draws people in, `profit` earns, `image` is the anchor."""
    role = _NUMBERS[body.role] if body.role else pb.PRODUCT_ROLE_UNSPECIFIED
    asked = pb.SetProductRoleRequest(id=product_id, role=role, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.assortment.SetProductRole, asked)
    return answer({"product_id": answered.product_id, "skus": list(answered.skus), "role": _role(answered.role)})


@router.get(
    "/v1/assortment",
    summary="How the shelf is made up",
    responses=shown({**_COUNTS, "warnings": [_WARNING]}),
)
async def get_assortment(request: Request) -> Response:
    """SKUs on sale by role: 60 % should earn, and traffic items cost 10 to 15 % less than their industry's average."""
    asked = pb.GetAssortmentRequest()
    answered = await ask_again(request.app.state.gateway.neighbours.assortment.GetAssortment, asked, STAFF_S)
    counts = {name: getattr(answered, name) for name in _COUNTS}
    return answer({**counts, "warnings": [_warning(row) for row in answered.warnings]})


@router.get(
    "/v1/assortment/offenders",
    summary="Traffic items outside their band",
    responses=shown({"items": [_OFFENDER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_assortment_offenders(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By category and SKU; `under_bp` is how far the price is under the average."""
    asked = pb.ListAssortmentOffendersRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.assortment.ListAssortmentOffenders, asked)
    rows = [
        {
            **{name: getattr(row, name) for name in ("sku", "product_id", "category", "under_bp")},
            "price": money(row.price),
            "average": money(row.average),
            "warning": _warning(row.warning),
        }
        for row in answered.offenders
    ]
    return paged(request, "items", rows, answered.next_cursor)


@router.get(
    "/v1/assortment/suggestions",
    summary="Roles that prices and margins suggest",
    responses=shown({"items": [_SUGGESTION], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def suggest_roles(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """For SKUs on sale that have none; a person decides. A page looks at 1,000 SKUs at most: another may follow a short
    one."""
    asked = pb.SuggestRolesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.assortment.SuggestRoles, asked)
    rows = [
        {
            "sku": row.sku,
            "category": row.category,
            "price": money(row.price),
            "contribution_bp": maybe(row, "contribution_bp"),
            "role": _role(row.role),
            "text": {"en": row.en, "zh": row.zh},
        }
        for row in answered.suggestions
    ]
    return paged(request, "items", rows, answered.next_cursor)


@router.get(
    "/v1/assortment/industry-averages",
    summary="What others ask",
    responses=shown({"items": [_AVERAGE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_industry_averages(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By category."""
    asked = pb.ListIndustryAveragesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.assortment.ListIndustryAverages, asked)
    return paged(request, "items", [_average(row) for row in answered.averages], answered.next_cursor)


@router.put(
    "/v1/assortment/industry-averages/{category_id}",
    summary="Say what others ask",
    responses=shown(_AVERAGE, "UNKNOWN_CATEGORY", "INVALID_AVERAGE", body=True),
)
async def put_industry_average(request: Request, category_id: PathSlug, body: AverageBody) -> Response:
    """The last word counts; who said it and when stands with it."""
    average = pb.IndustryAverage(category=category_id, average=body.average.told(), source=body.source)
    asked = pb.PutIndustryAverageRequest(average=average, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.assortment.PutIndustryAverage, asked)
    return answer(_average(answered.average))
