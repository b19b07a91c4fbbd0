"""In a site that runs, a lot that came in is told on the page of its passport, with the temperatures of its room."""

from datetime import UTC, datetime

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

ITEM = {"gtin": "06901234567892", "lot": "L2603", "serial": "000017"}
PATH = "/01/06901234567892/10/L2603/21/000017"
LOOK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none", "Accept": "text/html"}


async def test_a_lot_that_came_in_is_on_the_page_of_its_passport(up, site_copy, tmp_path, eventually) -> None:
    site, data = site_copy(tmp_path / "site"), tmp_path / "data"
    (site / "passport.toml").write_text('address = "https://pass.example"\n', encoding="utf-8")
    async with up(site, data) as running:
        await eventually(lambda: running.answers() and "c1-1-temperature" in running.values(), 120)

        def post(path: str, body: dict[str, object]) -> dict[str, object]:
            return httpx.post(running.address + path, json=body, timeout=10).raise_for_status().json()

        post("/api/v1/lots", {"lot": "lotus", "product": "mandarin", "product_version": 1, "zone": "c1", "by": "Li"})
        issued = post(
            "/api/v1/passports", {"product": "湘莲", "grower": "合作社", "item": ITEM, "lot": "lotus", "by": "Li"}
        )
        assert issued["address"] == f"https://pass.example{PATH}"

        def get(path: str, **headers: str) -> httpx.Response:
            return httpx.get(running.address + path, headers=headers, timeout=30)

        began = datetime.now(UTC)  # noqa: TID251 - a real process
        # Ten seconds settle, and what is looked up is kept for a minute: the first look finds the first readings.
        await eventually(lambda: (datetime.now(UTC) - began).total_seconds() > 16, 30)  # noqa: TID251 - the same
        page = get(PATH, **LOOK).text
        await eventually(lambda: "到货" in get(f"{PATH}?lang=zh").text, 90)
        table = get("/api/v1/traceability/fsma204?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z&format=csv").text
        label = get(f"/api/v1/passports{PATH}/label.pdf").content
        assert await running.interrupt() == 0
    assert "<polygon" in page
    assert table.startswith("\ufeffcte,")
    assert label.startswith(b"%PDF")
    async with up(site, data) as running:
        await eventually(running.answers, 120)
        assert running.get(f"/api/v1/passports{PATH}")["scans"] == 1
        assert await running.interrupt() == 0
