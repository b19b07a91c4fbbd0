"""Product files: those of the example site are good, and what is wrong with one is named by file, line and key."""

from pathlib import Path

import pytest

from coldport.errors import NotFoundError
from coldport.settings import SiteFileError
from control import products as products_module
from control.products import find_product, load_products

SITES = Path(__file__).parents[3] / "config/sites"

PLAIN = """id = "fish"
version = 1
name = { zh = "鱼", en = "Fish" }

[exposure]
frozen = true
"""

KINETIC = '\n[exposure.kinetic]\nlimit_c = 8.0\nsource = "site rule"\n'


def written(folder: Path, *texts: str) -> Path:
    (folder / "products").mkdir()
    for index, text in enumerate(texts):
        (folder / f"products/p{index}.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_products_of_the_example_site_can_be_used() -> None:
    products = load_products(SITES / "xiangtan")

    assert set(products) == {("frozen-pork", 1), ("mandarin", 1)}
    assert find_product(products, "mandarin", 1).exposure.chilling is not None


def test_a_site_without_products_follows_no_lots(tmp_path) -> None:
    assert load_products(tmp_path) == {}
    with pytest.raises(NotFoundError, match="no product 'fish' of version 1"):
        find_product({}, "fish", 1)


def test_versions_of_a_product_stand_side_by_side(tmp_path) -> None:
    folder = written(tmp_path, PLAIN, PLAIN.replace("version = 1", "version = 2"))

    assert set(load_products(folder)) == {("fish", 1), ("fish", 2)}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        pytest.param((PLAIN, PLAIN), "p1.toml:1: id: version 1 of 'fish' is in another file too", id="twice"),
        pytest.param((PLAIN + KINETIC,), "p0.toml:8: exposure.kinetic: means nothing for frozen goods", id="kinetic"),
        pytest.param((PLAIN.replace("version = 1", "version = 0"),), "p0.toml:2: version:", id="value"),
        pytest.param((PLAIN + "colour = 1\n",), "p0.toml:7: exposure.colour: ", id="unknown key"),
        pytest.param(("id =\n",), "p0.toml:1: not TOML", id="not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, texts, said) -> None:
    with pytest.raises(SiteFileError) as caught:
        load_products(written(tmp_path, *texts))

    assert said in str(caught.value)


def test_every_problem_is_named_and_there_is_a_limit(tmp_path, monkeypatch) -> None:
    folder = written(tmp_path, "id = ", PLAIN + KINETIC)
    with pytest.raises(SiteFileError) as caught:
        load_products(folder)
    assert len(caught.value.problems) == 2

    monkeypatch.setattr(products_module, "PRODUCT_LIMIT", 1)
    with pytest.raises(SiteFileError, match="more than 1 products"):
        load_products(folder)
