"""This is the map of crm: who its people are, what they prove, what they earn."""

from datetime import timedelta

from shop.crm.v1 import customers_pb2_grpc, groups_pb2_grpc, points_pb2_grpc, sessions_pb2_grpc, staff_pb2_grpc
from shop.orders.v1 import events_pb2 as orders

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .addresses import AddressBook
from .api import CustomersApi, GroupsApi, PointsApi, SessionsApi, StaffApi
from .customers import Customer, Customers
from .groups import Group, Groups, Membership
from .listeners import OrdersHeard
from .passwords import Passwords
from .points import Points
from .privacy import DataKey, Privacy
from .sessions import SHOP, STAFF, Session, Sessions
from .settings import CrmSettings
from .sign_in import SignIn
from .staff import Member, Staff
from .tiers import Tiers
from .tokens import AccessTokens
from .tries import Tries, TryLimit
from .wallet import Earning, Wallet

SETTINGS: type[Settings] = CrmSettings
_EXPIRE_EVERY_S = 60
_V1 = "shop.crm.v1"


def build(ground: Ground[CrmSettings]) -> Service:
    """Builds crm on its ground."""
    chosen, clock = ground.settings, ground.clock
    kept_customers = ground.store("customers", Customer, store.CUSTOMERS)
    wallets = ground.store("wallets", Wallet, store.WALLETS)
    privacy = Privacy(ground.store("keys", DataKey), chosen.seal_key)
    passwords = Passwords()
    access = AccessTokens(chosen.token_key, chosen.previous_token_key, clock)
    idle = {SHOP: timedelta(days=chosen.customer_idle_days), STAFF: timedelta(minutes=chosen.staff_idle_minutes)}
    sessions = Sessions(ground.store("sessions", Session, store.SESSIONS), access, clock, idle)
    sign_in = SignIn(passwords, TryLimit(ground.store("tries", Tries, store.TRIES), clock), privacy)
    tiers = Tiers(chosen.tier_currency, chosen.tier_silver_minor, chosen.tier_gold_minor, chosen.tier_platinum_minor)
    customers = Customers(kept_customers, wallets, privacy, passwords, tiers, clock, development=chosen.development)
    book = AddressBook(kept_customers, customers, privacy)
    members = ground.store("staff", Member, store.STAFF)
    staff = Staff(members, privacy, passwords, sign_in, sessions, clock, development=chosen.development)
    earning = Earning(chosen.minor_per_point, timedelta(days=chosen.points_days))
    points = Points(wallets, customers.exists, clock, earning, tiers)
    memberships = ground.store("memberships", Membership, store.MEMBERSHIPS)
    groups = Groups(ground.store("groups", Group), memberships, wallets, customers.known, tiers, clock)
    heard = OrdersHeard(points)
    return Service(
        answers=[
            Answers(
                f"{_V1}.CustomersService",
                customers_pb2_grpc.add_CustomersServiceServicer_to_server,
                CustomersApi(customers, book),
            ),
            Answers(
                f"{_V1}.SessionsService",
                sessions_pb2_grpc.add_SessionsServiceServicer_to_server,
                SessionsApi(sign_in, customers, sessions, access.jwks),
            ),
            Answers(f"{_V1}.PointsService", points_pb2_grpc.add_PointsServiceServicer_to_server, PointsApi(points)),
            Answers(f"{_V1}.GroupsService", groups_pb2_grpc.add_GroupsServiceServicer_to_server, GroupsApi(groups)),
            Answers(f"{_V1}.StaffService", staff_pb2_grpc.add_StaffServiceServicer_to_server, StaffApi(staff)),
        ],
        hears=Hears(
            {
                orders.OrderPaid: heard.on_order_paid,
                orders.OrderDelivered: heard.on_order_delivered,
                orders.RefundIssued: heard.on_refund_issued,
                orders.CompensationGranted: heard.on_compensation_granted,
            }
        ),
        chores=[Chore(_EXPIRE_EVERY_S, points.expire_due)],
        before=[lambda: staff.begin_with_owner(chosen.owner_email, chosen.owner_password)],
    )
