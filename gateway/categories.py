"""This is where the category tree is shown and made."""

from typing import Annotated

import orjson
from fastapi import Request, Response
from pydantic import StringConstraints
from shop.catalog.v1 import products_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Body, Line, PathSlug
from gateway.neighbours import BROWSE_S, ask, ask_again
from gateway.products import shelved

router = feature("categories")
_NODE = {"id": "kitchen", "title": "Kitchen", "parent": None}
_TREE = {"categories": [{**_NODE, "children": [{"id": "mugs", "title": "Mugs", "parent": "kitchen", "children": []}]}]}


class CategoryBody(Body):
    """What people read, and under what it stands."""

    title: Line
    parent: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$")] | None = None


def _node(category: pb.Category) -> Json:
    return {"id": category.id, "title": category.title, "parent": category.parent or None}


def tree(categories: list[pb.Category]) -> list[Json]:
    """Nested by parent; one whose parent is not there stands at the root."""
    nodes: dict[str, Json] = {category.id: {**_node(category), "children": []} for category in categories}
    roots: list[Json] = []
    for category in categories:
        siblings = nodes[category.parent]["children"] if category.parent in nodes else roots
        siblings.append(nodes[category.id])
    return roots


@router.get("/v1/categories", summary="The category tree", responses=shown(_TREE))
async def list_categories(request: Request) -> Response:
    """Every category, nested."""
    catalog = request.app.state.gateway.neighbours.products

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(catalog.ListCategories, pb.ListCategoriesRequest(), BROWSE_S)
        return orjson.dumps({"categories": tree(list(answered.categories))}), ""

    return await shelved(request, "tree", fetch)


@router.put(
    "/v1/categories/{category_id}",
    summary="Make or rename a category",
    responses=shown(_NODE, "UNKNOWN_CATEGORY", body=True),
)
async def put_category(request: Request, category_id: PathSlug, body: CategoryBody) -> Response:
    """The id is a slug and stays; the title may change."""
    gateway = request.app.state.gateway
    category = pb.Category(id=category_id, title=body.title, parent=body.parent or "")
    answered = await ask(gateway.neighbours.products.PutCategory, pb.PutCategoryRequest(category=category))
    gateway.shelf.drop()  # no event tells of categories; this replica need not wait
    return answer(_node(answered.category))
