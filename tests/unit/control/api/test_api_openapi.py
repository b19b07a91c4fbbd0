import json
from pathlib import Path

from control.api.openapi import document

WRITTEN = Path(__file__).parents[4] / "docs" / "reference" / "openapi.json"

ACTS = (
    "acknowledge",
    "unacknowledge",
    "confirm",
    "reset",
    "silence",
    "assign",
    "shelve",
    "unshelve",
    "out-of-service",
    "return-to-service",
)

COLLECTIONS = ("eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions")

FLOOR = (
    "stock/picks.pdf",
    "sheets/{message}",
    "sheets/{message}.xlsx",
    "draw/{day}",
    "inbounds",
    "inbounds/{inbound}",
    "orders",
    "orders/{owner}/{order}",
    "watch",
    "acts",
    "messages",
    "parcels",
    "parcels/{logistics_no}",
    "lanes",
    "vehicles",
    "passes/{number}",
    "legs",
    "stock",
    "stock/take",
    "stock/put/{lot}",
    "book",
    "book/differences",
)
EPCIS = (
    "capture",
    "capture/{capture}",
    "events",
    "events/{event}",
    "nextPageToken/{token}",
    *COLLECTIONS,
    *(f"{name}/{{value}}/events" for name in COLLECTIONS),
    "queries",
    "queries/{name}",
    "queries/{name}/events",
    "queries/{name}/subscriptions",
    "queries/{name}/subscriptions/{subscription}",
)

PASSPORTS = ("", "/scans", "/{name}", "/{name}/qr.svg", "/{name}/label.pdf", "/labels.pdf")

ACCESS = ("parties", "keys", "keys/{key}/revoke", "grants", "grants/{grant}/withdraw", "log")


def test_the_written_interface_is_the_one_that_is_served():
    assert WRITTEN.read_text(encoding="utf-8") == document(), "renew it: make docs"


def test_the_served_interface_lists_the_api_and_only_that(client):
    served = client.get("/api/v1/openapi.json").json()
    assert served == json.loads(document())
    assert set(served["paths"]) == {
        "/healthz",
        "/api/v1/site",
        "/api/v1/points",
        "/api/v1/points/{point}/readings",
        "/api/v1/alarms",
        "/api/v1/alarms/health",
        *(f"/api/v1/alarms/{{alarm}}/{act}" for act in ACTS),
        "/api/v1/suppressions",
        "/api/v1/conditions",
        "/api/v1/lots",
        "/api/v1/lots/{lot}",
        "/api/v1/lots/{lot}/moves",
        "/api/v1/lots/{lot}/statement",
        *(f"/api/v1/access/{what}" for what in ACCESS),
        *(f"/api/v1/passports{what}" for what in PASSPORTS),
        "/api/v1/traceability/fsma204",
        "/api/v1/devices",
        "/api/v1/links",
        *(f"/api/v1/floor/{path}" for path in FLOOR),
        *(f"/epcis/v2/{path}" for path in EPCIS),
    }


def test_every_route_says_what_its_problems_look_like():
    described = json.loads(document())
    assert "ProblemView" in described["components"]["schemas"]
    for methods in described["paths"].values():
        for method in methods.values():
            assert "application/problem+json" in method["responses"]["default"]["content"]
            assert "422" not in method["responses"]
