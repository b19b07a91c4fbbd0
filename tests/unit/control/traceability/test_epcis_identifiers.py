import pytest
from epcpy import epc_schemes
from hypothesis import given
from hypothesis import strategies as st

from control.traceability.identifiers import canonical, check_digit, epc_urn, matched

VECTORS = {
    "urn:epc:id:sgtin:4012345.012345.12": "https://id.gs1.org/01/04012345123456/21/12",
    "urn:epc:id:sscc:4012345.0000000333": "https://id.gs1.org/00/040123450000003338",
    "urn:epc:id:grai:4012345.66666.87": "https://id.gs1.org/8003/0401234566666387",
    "urn:epc:id:giai:4012345.AAbb": "https://id.gs1.org/8004/4012345AAbb",
    "urn:epc:id:gsrn:4012345.9876540000": "https://id.gs1.org/8018/401234598765400000",
    "urn:epc:id:gsrnp:4012345.0000098765": "https://id.gs1.org/8017/401234500000987658",
    "urn:epc:id:gdti:4012345.55555.98": "https://id.gs1.org/253/401234555555498",
    "urn:epc:id:cpi:4012345.ABC.123": "https://id.gs1.org/8010/4012345ABC/8011/123",
    "urn:epc:id:sgcn:4012345.99999.44": "https://id.gs1.org/255/401234599999044",
    "urn:epc:id:ginc:4012345.333": "https://id.gs1.org/401/4012345333",
    "urn:epc:id:gsin:4012345.999987654": "https://id.gs1.org/402/40123459999876541",
    "urn:epc:id:itip:4012345.012345.01.02.999": "https://id.gs1.org/8006/040123451234560102/21/999",
    "urn:epc:id:upui:4012345.012345.AB12": "https://id.gs1.org/01/04012345123456/235/AB12",
    "urn:epc:id:sgln:4012345.00011.987": "https://id.gs1.org/414/4012345000115/254/987",
    "urn:epc:id:sgln:4012345.00005.0": "https://id.gs1.org/414/4012345000054",
    "urn:epc:id:pgln:4012345.00225": "https://id.gs1.org/417/4012345002256",
    "urn:epc:class:lgtin:4054739.099914.20160711": "https://id.gs1.org/01/04054739999148/10/20160711",
    "urn:epc:idpat:sgtin:4054739.099914.*": "https://id.gs1.org/01/04054739999148",
    "urn:epc:idpat:grai:4012345.66666.*": "https://id.gs1.org/8003/04012345666663",
    "https://id.gs1.de/01/04012345999990/10/L1/21/XYZ-1234?x=1": "https://id.gs1.org/01/04012345999990/21/XYZ-1234",
    "https://shop.example/some/path/gln/4012345000115/": "https://id.gs1.org/414/4012345000115",
}

NOT_GS1 = (
    "urn:epc:id:sgtin:4012345.012345",
    "urn:epc:id:sgtin:4012345.0123456.1",
    "urn:epc:id:nothing:1.2.3",
    "urn:epc:idpat:sgtin:4012345.*.*",
    "http://transaction.acme.com/po/12345678",
    "https://id.gs1.org/01/123",
    "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "",
)


@pytest.mark.parametrize(("given_form", "link"), VECTORS.items())
def test_every_way_of_writing_an_identifier_has_one_canonical_form(given_form, link) -> None:
    assert canonical(given_form) == link
    assert canonical(link) == link


@pytest.mark.parametrize("uri", NOT_GS1)
def test_what_is_no_gs1_identifier_is_matched_as_it_is(uri) -> None:
    assert canonical(uri) is None
    assert matched(uri) == uri


@pytest.mark.parametrize(
    ("urn", "link"), [(urn, link) for urn, link in VECTORS.items() if urn.startswith(("urn:epc:id:s", "urn:epc:class"))]
)
def test_a_link_becomes_a_urn_again_where_the_prefix_is_known(urn, link) -> None:
    written = epc_urn(link, 7)

    assert written is None if ":sgcn:" in urn else written == urn


@given(
    st.integers(6, 12).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)),
    st.text("0123456789", min_size=13, max_size=13),
    st.text("ABCdef0123456789-.", min_size=1, max_size=20).filter(lambda serial: not serial.startswith(".")),
)
def test_a_urn_survives_the_way_to_a_link_and_back(prefix, digits, serial) -> None:
    urn = f"urn:epc:id:sgtin:{prefix}.{digits[: 13 - len(prefix)]}.{serial}"

    link = canonical(urn)

    assert epc_urn(link, len(prefix)) == urn
    gtin = link.split("/")[4]
    assert check_digit(gtin[:13]) == gtin[13]


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_key_of_a_link_is_the_gs1_key_that_another_library_reads(digits) -> None:
    urn = f"urn:epc:id:sscc:{digits[:7]}.{digits[7:]}"

    assert canonical(urn) == f"https://id.gs1.org/00/{epc_schemes.SSCC(urn).gs1_key()}"
