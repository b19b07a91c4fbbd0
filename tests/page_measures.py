"""What is measured of a page in a real browser: that nothing overflows, is clipped or lies over another; and axe."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OVERFLOWS = """(boxes) => {
  const shown = (e) => e.offsetParent !== null && getComputedStyle(e).visibility !== "hidden";
  const wide = [...document.querySelectorAll("body *")].filter((e) => e instanceof HTMLElement && shown(e)
    && !e.closest(".uplot, .past-word, .wide") && e.scrollWidth > e.clientWidth + 1
    && getComputedStyle(e).display !== "inline");
  const tall = [...document.querySelectorAll(boxes)].filter((e) => shown(e) && e.scrollHeight > e.clientHeight + 1);
  const page = document.documentElement;
  const name = (e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`;
  const sideways = page.scrollWidth > innerWidth ? [`page ${page.scrollWidth}`] : [];
  return [...wide.map(name), ...tall.map((e) => `tall ${name(e)}`), ...sideways];
}"""

_OUTSIDE = """(boxes) => [...document.querySelectorAll(boxes)].flatMap((around) => [...around.querySelectorAll("*")]
  .filter((e) => {
    const box = e.getBoundingClientRect(), edge = around.getBoundingClientRect();
    return box.width > 0 && !e.matches(".past-word, .deviation-pointer")
      && (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1
        || box.bottom > edge.bottom + 1);
  }).map((e) => `${e.tagName}.${e.getAttribute("class")}: ${e.textContent.slice(0, 40)}`))"""

_OVERLAPS = """(boxes) => {
  const found = [];
  for (const root of document.querySelectorAll(boxes)) {
    const parts = [...root.querySelectorAll("*")].filter((e) => e.children.length === 0 && e.textContent.trim()
      && !e.closest("svg, .past-word") && e.getBoundingClientRect().width > 0);
    for (const a of parts) for (const b of parts) {
      if (a === b || a.contains(b)) continue;
      for (const p of a.getClientRects()) for (const q of b.getClientRects()) {
        const x = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const y = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (x > 2 && y > 5) found.push(`${a.textContent} / ${b.textContent}`);
      }
    }
  }
  return found;
}"""


def layout_faults(page: Page, boxes: str) -> list[str]:
    """Return what overflows, leaves its box or lies over another; `boxes` selects what must hold its own."""
    return [fault for script in (_OVERFLOWS, _OUTSIDE, _OVERLAPS) for fault in page.evaluate(script, boxes)]


def axe_faults(page: Page) -> list[tuple[str, object]]:
    """Return the violations of WCAG 2.2 A and AA that axe finds."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    results = Axe().run(page, options=rules)
    return [(v["id"], [node["target"] for node in v["nodes"]]) for v in results.response["violations"]]
