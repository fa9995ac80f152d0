"""This is where the tables of who may do what come together: one file a feature, one row a route."""

from gateway.access import Access
from gateway.rights import (
    aftersales,
    borders,
    bundles,
    exceptions,
    floor,
    following,
    fraud,
    goods,
    intake,
    offers,
    partners,
    payments,
    preorders,
    pricing,
    promotions,
    records,
    routing,
    watching,
)

RIGHTS: dict[tuple[str, str], Access] = {
    **aftersales.AFTERSALES,
    **borders.BORDERS,
    **bundles.BUNDLES,
    **exceptions.EXCEPTIONS,
    **floor.FLOOR,
    **fraud.FRAUD,
    **following.FOLLOWING,
    **goods.GOODS,
    **intake.INTAKE,
    **offers.OFFERS,
    **partners.PARTNERS,
    **payments.PAYMENTS,
    **preorders.PREORDERS,
    **pricing.PRICING,
    **promotions.PROMOTIONS,
    **records.RECORDS,
    **routing.ROUTING,
    **watching.WATCHING,
}
