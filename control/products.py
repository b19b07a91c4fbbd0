"""The products of a site: one file each in `products/`, and which version of which is meant."""

from collections.abc import Mapping
from pathlib import Path

from coldport.errors import NotFoundError
from coldport.settings import Problem, SiteFileError, read
from control.exposure.product import Product
from control.exposure.rules import faults

FOLDER = "products"
PRODUCT_LIMIT = 500
"""Files of one site: kinds of goods with their older versions."""

Products = Mapping[tuple[str, int], Product]


def load_products(folder: Path) -> Products:
    """Read every `products/*.toml` of a site folder; without any there are no lots to follow.

    Raises:
        SiteFileError: A file cannot be read or used, or two say the same version of a product; every problem is named.
    """
    products: dict[tuple[str, int], Product] = {}
    problems: list[Problem] = []
    files = sorted((folder / FOLDER).glob("*.toml"))
    if len(files) > PRODUCT_LIMIT:
        raise SiteFileError(Problem(str(folder / FOLDER), 0, "", f"more than {PRODUCT_LIMIT} products"))
    for path in files:
        try:
            file = read(path)
            product = file.convert(Product)
        except SiteFileError as error:
            problems += error.problems
            continue
        key = (product.id, product.version)
        if key in products:
            problems.append(file.problem("$.id", f"version {product.version} of {product.id!r} is in another file too"))
        problems += (file.problem(f"$.exposure.{place}", message) for place, message in faults(product.exposure))
        products[key] = product
    if problems:
        raise SiteFileError(*problems)
    return products


def find_product(products: Products, product: str, version: int) -> Product:
    """Return a version of a product; raises NotFoundError."""
    found = products.get((product, version))
    if found is None:
        raise NotFoundError(f"the site has no product {product!r} of version {version}")
    return found
