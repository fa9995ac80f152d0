"""This is where each service's calls are found: a stub a contract."""

from collections.abc import Mapping

import grpc.aio
from shop.catalog.v1 import (
    affinity_pb2_grpc,
    assortment_pb2_grpc,
    bulk_pb2_grpc,
    bundles_pb2_grpc,
    classes_pb2_grpc,
    competitors_pb2_grpc,
    compliance_pb2_grpc,
    counts_pb2_grpc,
    discovery_pb2_grpc,
    forecasts_pb2_grpc,
    grades_pb2_grpc,
    jobs_pb2_grpc,
    lifecycle_pb2_grpc,
    lowstock_pb2_grpc,
    margins_pb2_grpc,
    media_pb2_grpc,
    merchant_applications_pb2_grpc,
    merchants_pb2_grpc,
    notices_pb2_grpc,
    pages_pb2_grpc,
    policies_pb2_grpc,
    price_proposals_pb2_grpc,
    price_rules_pb2_grpc,
    prices_pb2_grpc,
    products_pb2_grpc,
    purchase_orders_pb2_grpc,
    readings_pb2_grpc,
    replenishment_pb2_grpc,
    requirements_pb2_grpc,
    reviews_pb2_grpc,
    scarcity_pb2_grpc,
    spec_tables_pb2_grpc,
    stock_pb2_grpc,
    stockhealth_pb2_grpc,
    store_pb2_grpc,
    storefront_pb2_grpc,
    suppliers_pb2_grpc,
    traces_pb2_grpc,
    transfers_pb2_grpc,
    trends_pb2_grpc,
)
from shop.crm.v1 import customers_pb2_grpc, groups_pb2_grpc, points_pb2_grpc, sessions_pb2_grpc, staff_pb2_grpc
from shop.logistics.v1 import (
    addresses_pb2_grpc,
    carriers_pb2_grpc,
    connections_pb2_grpc,
    customs_pb2_grpc,
    fleet_pb2_grpc,
    freight_pb2_grpc,
    inserts_pb2_grpc,
    manifests_pb2_grpc,
    packing_pb2_grpc,
    partner_keys_pb2_grpc,
    partner_parcels_pb2_grpc,
    quality_pb2_grpc,
    reroutes_pb2_grpc,
    scorecards_pb2_grpc,
    shipments_pb2_grpc,
    slots_pb2_grpc,
    telemetry_pb2_grpc,
    tracking_pb2_grpc,
    warehouses_pb2_grpc,
    waves_pb2_grpc,
    webhooks_pb2_grpc,
)
from shop.logistics.v1 import returns_pb2_grpc as return_parcels_pb2_grpc
from shop.marketing.v1 import (
    coupons_pb2_grpc,
    promotions_pb2_grpc,
    shown_prices_pb2_grpc,
    simulations_pb2_grpc,
    wallets_pb2_grpc,
)
from shop.metrics.v1 import behaviour_pb2_grpc, kpis_pb2_grpc
from shop.orders.v1 import (
    accounts_pb2_grpc,
    aftersales_pb2_grpc,
    carts_pb2_grpc,
    channels_pb2_grpc,
    checkout_pb2_grpc,
    deadlines_pb2_grpc,
    erp_pb2_grpc,
    exceptions_pb2_grpc,
    fraud_pb2_grpc,
    holds_pb2_grpc,
    intake_pb2_grpc,
    invoices_pb2_grpc,
    ledger_pb2_grpc,
    lookups_pb2_grpc,
    orders_pb2_grpc,
    payment_methods_pb2_grpc,
    payments_pb2_grpc,
    pickups_pb2_grpc,
    preorders_pb2_grpc,
    price_protection_pb2_grpc,
    returns_pb2_grpc,
    settlements_pb2_grpc,
    subscriptions_pb2_grpc,
    triage_pb2_grpc,
)
from shop.orders.v1 import slots_pb2_grpc as order_slots_pb2_grpc


class Stubs:
    """The services, by what they do."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self.channels = channels
        crm = self.channels["crm"]
        self.customers = customers_pb2_grpc.CustomersServiceStub(crm)
        self.sessions = sessions_pb2_grpc.SessionsServiceStub(crm)
        self.staff = staff_pb2_grpc.StaffServiceStub(crm)
        self.groups = groups_pb2_grpc.GroupsServiceStub(crm)
        self.points = points_pb2_grpc.PointsServiceStub(crm)
        self._open_catalog()
        self._open_orders_and_logistics()
        self._open_intake()
        self._open_marketing_and_metrics()

    def _open_catalog(self) -> None:
        catalog = self.channels["catalog"]
        self.products = products_pb2_grpc.ProductsServiceStub(catalog)
        self.prices = prices_pb2_grpc.PricesServiceStub(catalog)
        self.stock = stock_pb2_grpc.StockServiceStub(catalog)
        self.discovery = discovery_pb2_grpc.DiscoveryServiceStub(catalog)
        self.assortment = assortment_pb2_grpc.AssortmentServiceStub(catalog)
        self.margins = margins_pb2_grpc.MarginsServiceStub(catalog)
        self.bulk = bulk_pb2_grpc.BulkImportsServiceStub(catalog)
        self.jobs = jobs_pb2_grpc.JobsServiceStub(catalog)
        self._open_storefront()
        self.notices = notices_pb2_grpc.NoticesServiceStub(catalog)
        self.suppliers = suppliers_pb2_grpc.SuppliersServiceStub(catalog)
        self.purchase_orders = purchase_orders_pb2_grpc.PurchaseOrdersServiceStub(catalog)
        self.traces = traces_pb2_grpc.TracesServiceStub(catalog)
        self.reviews = reviews_pb2_grpc.ReviewsServiceStub(catalog)
        self._open_merchants()
        self._open_compliance()
        self.forecasts = forecasts_pb2_grpc.ForecastsServiceStub(catalog)
        self.replenishment = replenishment_pb2_grpc.ReplenishmentServiceStub(catalog)
        self._open_shelves()
        self._open_pricing()
        self._open_together()

    def _open_together(self) -> None:
        catalog = self.channels["catalog"]
        self.bundles = bundles_pb2_grpc.BundlesServiceStub(catalog)
        self.affinity = affinity_pb2_grpc.AffinityServiceStub(catalog)
        self.lifecycle = lifecycle_pb2_grpc.LifecycleServiceStub(catalog)

    def _open_compliance(self) -> None:
        catalog = self.channels["catalog"]
        self.compliance = compliance_pb2_grpc.ComplianceServiceStub(catalog)
        self.spec_tables = spec_tables_pb2_grpc.SpecTablesServiceStub(catalog)
        self.policies = policies_pb2_grpc.PoliciesServiceStub(catalog)

    def _open_pricing(self) -> None:
        catalog = self.channels["catalog"]
        self.price_rules = price_rules_pb2_grpc.PriceRulesServiceStub(catalog)
        self.price_proposals = price_proposals_pb2_grpc.PriceProposalsServiceStub(catalog)
        self.competitors = competitors_pb2_grpc.CompetitorsServiceStub(catalog)
        self.trends = trends_pb2_grpc.TrendsServiceStub(catalog)

    def _open_storefront(self) -> None:
        catalog = self.channels["catalog"]
        self.media = media_pb2_grpc.MediaServiceStub(catalog)
        self.pages = pages_pb2_grpc.PagesServiceStub(catalog)
        self.scarcity = scarcity_pb2_grpc.ScarcityServiceStub(catalog)
        self.store = store_pb2_grpc.StoreServiceStub(catalog)
        self.storefront = storefront_pb2_grpc.StorefrontServiceStub(catalog)

    def _open_shelves(self) -> None:
        catalog = self.channels["catalog"]
        self.grades = grades_pb2_grpc.GradesServiceStub(catalog)
        self.classes = classes_pb2_grpc.ClassesServiceStub(catalog)
        self.transfers = transfers_pb2_grpc.TransfersServiceStub(catalog)
        self.counts = counts_pb2_grpc.CountsServiceStub(catalog)
        self.lowstock = lowstock_pb2_grpc.LowStockServiceStub(catalog)
        self.readings = readings_pb2_grpc.ReadingsServiceStub(catalog)
        self.stockhealth = stockhealth_pb2_grpc.StockHealthServiceStub(catalog)

    def _open_merchants(self) -> None:
        catalog = self.channels["catalog"]
        self.merchants = merchants_pb2_grpc.MerchantsServiceStub(catalog)
        self.merchant_applications = merchant_applications_pb2_grpc.MerchantApplicationsServiceStub(catalog)
        self.requirements = requirements_pb2_grpc.RequirementsServiceStub(catalog)

    def _open_orders_and_logistics(self) -> None:
        orders, logistics = self.channels["orders"], self.channels["logistics"]
        self.carts = carts_pb2_grpc.CartsServiceStub(orders)
        self.checkout = checkout_pb2_grpc.CheckoutServiceStub(orders)
        self.orders = orders_pb2_grpc.OrdersServiceStub(orders)
        self.payments = payments_pb2_grpc.PaymentsServiceStub(orders)
        self.settlements = settlements_pb2_grpc.SettlementsServiceStub(orders)
        self.payment_methods = payment_methods_pb2_grpc.PaymentMethodsServiceStub(orders)
        self.returns = returns_pb2_grpc.ReturnsServiceStub(orders)
        self.triage = triage_pb2_grpc.TriageServiceStub(orders)
        self.exceptions = exceptions_pb2_grpc.ExceptionsServiceStub(orders)
        self.holds = holds_pb2_grpc.HoldsServiceStub(orders)
        self.deadlines = deadlines_pb2_grpc.DeadlinesServiceStub(orders)
        self.invoices = invoices_pb2_grpc.InvoicesServiceStub(orders)
        self.ledger = ledger_pb2_grpc.LedgerServiceStub(orders)
        self.price_protection = price_protection_pb2_grpc.PriceProtectionServiceStub(orders)
        self.fraud = fraud_pb2_grpc.FraudServiceStub(orders)
        self.aftersales = aftersales_pb2_grpc.AfterSalesServiceStub(orders)
        self.shipments = shipments_pb2_grpc.ShipmentsServiceStub(logistics)
        self.fleet = fleet_pb2_grpc.FleetServiceStub(logistics)
        self.routes = fleet_pb2_grpc.RoutesServiceStub(logistics)
        self.slots = slots_pb2_grpc.SlotsServiceStub(logistics)
        self.order_slots = order_slots_pb2_grpc.SlotsServiceStub(orders)
        self.carriers = carriers_pb2_grpc.CarriersServiceStub(logistics)
        self.reroutes = reroutes_pb2_grpc.ReroutesServiceStub(logistics)
        self.freight = freight_pb2_grpc.FreightServiceStub(logistics)
        self.return_parcels = return_parcels_pb2_grpc.ReturnParcelsServiceStub(logistics)
        self.customs = customs_pb2_grpc.CustomsServiceStub(logistics)
        self.addresses = addresses_pb2_grpc.AddressesServiceStub(logistics)
        self._open_floor()
        self.telemetry = telemetry_pb2_grpc.TelemetryServiceStub(logistics)
        self.scorecards = scorecards_pb2_grpc.ScorecardsServiceStub(logistics)
        self.warehouses = warehouses_pb2_grpc.WarehousesServiceStub(logistics)
        self._open_partners()

    def _open_partners(self) -> None:
        logistics = self.channels["logistics"]
        self.partner_keys = partner_keys_pb2_grpc.PartnerKeysServiceStub(logistics)
        self.partner_parcels = partner_parcels_pb2_grpc.PartnerParcelsServiceStub(logistics)
        self.webhooks = webhooks_pb2_grpc.WebhooksServiceStub(logistics)
        self.tracking = tracking_pb2_grpc.TrackingServiceStub(logistics)
        self.connections = connections_pb2_grpc.ConnectionsServiceStub(logistics)

    def _open_floor(self) -> None:
        logistics = self.channels["logistics"]
        self.inserts = inserts_pb2_grpc.InsertsServiceStub(logistics)
        self.waves = waves_pb2_grpc.WavesServiceStub(logistics)
        self.packing = packing_pb2_grpc.PackingServiceStub(logistics)
        self.manifests = manifests_pb2_grpc.ManifestsServiceStub(logistics)
        self.quality = quality_pb2_grpc.QualityServiceStub(logistics)

    def _open_intake(self) -> None:
        orders = self.channels["orders"]
        self.sales_channels = channels_pb2_grpc.ChannelsServiceStub(orders)
        self.intake = intake_pb2_grpc.IntakeServiceStub(orders)
        self.lookups = lookups_pb2_grpc.LookupsServiceStub(orders)
        self.erp = erp_pb2_grpc.ErpServiceStub(orders)
        self.accounts = accounts_pb2_grpc.AccountsServiceStub(orders)
        self.subscriptions = subscriptions_pb2_grpc.SubscriptionsServiceStub(orders)
        self.pickups = pickups_pb2_grpc.PickupsServiceStub(orders)
        self.preorders = preorders_pb2_grpc.PreordersServiceStub(orders)

    def _open_marketing_and_metrics(self) -> None:
        marketing, metrics = self.channels["marketing"], self.channels["metrics"]
        self.promotions = promotions_pb2_grpc.PromotionsServiceStub(marketing)
        self.coupons = coupons_pb2_grpc.CouponsServiceStub(marketing)
        self.simulations = simulations_pb2_grpc.SimulationsServiceStub(marketing)
        self.shown_prices = shown_prices_pb2_grpc.ShownPricesServiceStub(marketing)
        self.wallets = wallets_pb2_grpc.WalletsServiceStub(marketing)
        self.behaviour = behaviour_pb2_grpc.BehaviourServiceStub(metrics)
        self.kpis = kpis_pb2_grpc.KpisServiceStub(metrics)
