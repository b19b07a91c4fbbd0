"""The Merkle tree hash, against the definition of RFC 9162, section 2.1.1."""

import hashlib

from control.records.merkle import Tree


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


def test_the_root_is_that_of_the_definition_for_every_length():
    tree, leaves = Tree(), []
    for number in range(70):
        assert tree.root() == by_definition(leaves)
        leaves.append(number.to_bytes(2))
        tree.add(leaves[-1])


def test_the_published_roots_of_certificate_transparency_come_out():
    # The inputs and roots of the reference tests of RFC 6962 (certificate-transparency, merkle_tree_test).
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    tree = Tree()
    for count, leaf in enumerate(leaves, 1):
        tree.add(bytes.fromhex(leaf))
        if count in roots:
            assert tree.root().hex() == roots[count]


def test_memory_grows_with_the_logarithm_of_the_length():
    tree = Tree()
    for number in range(10_000):
        tree.add(number.to_bytes(4))

    assert len(tree._whole) <= 14
