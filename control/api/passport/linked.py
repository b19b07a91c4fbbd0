"""A sheet for machines: JSON-LD in the words of schema.org and GS1, and the links of its Digital Link (RFC 9264)."""

from typing import Any

from control.api.passport.sheet import Sheet
from control.tracing.names import WORDS

GS1 = "https://ref.gs1.org/voc/"


def json_ld(sheet: Sheet) -> dict[str, Any]:
    """Return all of a sheet; temperatures only as lowest, highest and the share of the time that is known."""
    issued, story, curve = sheet.passport.issued, sheet.story, sheet.curve
    item = issued.item
    said: dict[str, Any] = {
        "@context": {"@vocab": "https://schema.org/", "gs1": GS1, "coldport": WORDS},
        "@id": sheet.name,
        "@type": "Product",
        "name": issued.product,
        "manufacturer": {"@type": "Organization", "name": issued.grower},
        "coldport:plot": issued.plot,
        "coldport:certificates": list(issued.certificates),
        "coldport:steps": [
            {"coldport:step": step.told, "startTime": step.at, "coldport:here": step.here} for step in story.steps
        ],
        "coldport:releasedByCustoms": story.released_at,
        "coldport:withdrawn": story.withdrawn,
        "coldport:scans": sheet.passport.scans,
        "coldport:suspicions": list(sheet.passport.suspicions),
    }
    if item is not None:
        said |= {"gtin": item.gtin, "gs1:hasBatchLotNumber": item.lot, "serialNumber": item.serial}
    else:
        said |= {"serialNumber": issued.code}
    if curve is not None and curve.lowest is not None:
        said["coldport:temperature"] = {
            "minValue": curve.lowest,
            "maxValue": curve.highest,
            "unitCode": "CEL",
            "coldport:coverage": round(curve.known, 4),
            "coldport:beyondLimits": curve.left_limits,
        }
    return said


def linkset(sheet: Sheet) -> dict[str, Any]:
    """Return where a page and data of a thing are."""
    title = sheet.passport.issued.product
    page = {"href": sheet.address, "title": title, "type": "text/html", "hreflang": ["zh", "en"]}
    data = {"href": f"{sheet.address}?linkType=gs1:traceability", "title": title, "type": "application/ld+json"}
    links = {f"{GS1}defaultLink": [page], f"{GS1}pip": [page], f"{GS1}traceability": [data]}
    return {"linkset": [{"anchor": sheet.name, **links}]}
