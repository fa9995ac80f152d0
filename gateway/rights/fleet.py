"""This is where it stands who may plan what the shop brings itself, and that riders see their own routes only."""

from gateway.access import Access, staff

_OWN = staff("routes.own")
FLEET: dict[tuple[str, str], Access] = {
    ("GET", "/v1/fleet/vehicles"): staff("fleet.read"),
    ("PUT", "/v1/fleet/vehicles/{code}"): staff("fleet.write"),
    ("PUT", "/v1/shipments/{shipment_id}/delivery"): staff("fleet.write"),
    ("POST", "/v1/fleet/plans"): staff("fleet.write"),
    ("GET", "/v1/fleet/plans"): staff("fleet.read"),
    ("GET", "/v1/fleet/plans/{plan_id}"): staff("fleet.read"),
    ("POST", "/v1/fleet/plans/{plan_id}/release"): staff("fleet.write"),
    ("GET", "/v1/fleet/plans/{plan_id}/map"): staff("fleet.read"),
    ("GET", "/v1/fleet/routes"): staff("fleet.read"),
    ("GET", "/v1/fleet/routes/{route_id}"): staff("fleet.read"),
    ("GET", "/v1/fleet/routes/{route_id}/sheet"): staff("fleet.read"),
    ("GET", "/v1/fleet/routes/{route_id}/map"): staff("fleet.read"),
    ("GET", "/v1/my-routes"): _OWN,
    ("GET", "/v1/my-routes/{route_id}"): _OWN,
    ("GET", "/v1/my-routes/{route_id}/sheet"): _OWN,
    ("GET", "/v1/my-routes/{route_id}/map"): _OWN,
    ("POST", "/v1/my-routes/{route_id}/depart"): _OWN,
    ("POST", "/v1/my-routes/{route_id}/stops/{shipment_id}/arrived"): _OWN,
    ("POST", "/v1/my-routes/{route_id}/stops/{shipment_id}/delivered"): _OWN,
    ("POST", "/v1/my-routes/{route_id}/stops/{shipment_id}/failed"): _OWN,
    ("POST", "/v1/my-routes/{route_id}/finish"): _OWN,
}
