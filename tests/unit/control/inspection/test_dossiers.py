import itertools
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from declarations import NOON, answer, changed, declared, exported, imported
from hypothesis import given
from hypothesis import strategies as st

from coldport.errors import NotFoundError, RefusedError
from control.inspection.clearance import Clearance
from control.inspection.documents import dossiers as dossiers_module
from control.inspection.documents.acts import Receipted
from control.inspection.documents.document import Document
from control.inspection.documents.dossiers import Dossiers, DossierState
from control.inspection.documents.receipts import CustomsReceipt, counting

BONDED = imported()
CORRECTED = changed(BONDED["inventory"], app_time="20260302120030", gross_weight="1.3")
WAY = [answer(status, second) for second, status in enumerate(["2", "120", "300", "399", "800", "899"])]


def fold(acts):
    dossiers = Dossiers()
    for act in acts:
        dossiers.take(act)
    return dossiers


def seen(dossiers):
    """All that anybody can see of the fold."""
    return msgspec.json.encode(
        [dossiers.state(), dossiers.of_parcel("L1"), dossiers.clearance("L1")], order="deterministic"
    )


@pytest.mark.parametrize("size", range(1, 7))
def test_every_permutation_of_receipts_with_a_duplicate_ends_in_one_state(size):
    document = declared(BONDED["inventory"])
    for chosen in itertools.combinations(WAY, size):
        if size == 6 or chosen[0] is WAY[0]:
            ends = {seen(fold([document, *order, order[0]])) for order in itertools.permutations(chosen)}
            assert len(ends) == 1


MIXED = [
    declared(BONDED["inventory"]),
    declared(CORRECTED, NOON + timedelta(seconds=30)),
    declared(BONDED["payment"]),
    answer("100", 10),
    answer("500", 40),
    answer("800", 40),
]


def test_documents_and_receipts_in_every_order_end_in_one_state():
    ends = {seen(fold([*order, order[2]])) for order in itertools.permutations(MIXED)}
    assert len(ends) == 1


POOL = [
    *(declared(paper) for paper in BONDED.values()),
    declared(CORRECTED, NOON + timedelta(minutes=1)),
    declared(changed(BONDED["order"], app_time="20260302110001", note="second")),
    declared(changed(BONDED["waybill"], app_time="20260302110009", logistics_no="L2")),
    *(answer(status, second) for status in ("100", "-621005", "399", "500", "800", "899") for second in (1, 2)),
]


@given(
    st.lists(st.sampled_from(POOL), max_size=12).flatmap(lambda acts: st.tuples(st.just(acts), st.permutations(acts)))
)
def test_acts_in_any_order_and_repeated_end_in_one_state(acts):
    first, second = acts
    assert seen(fold(first)) == seen(fold([*second, *second]))


@given(st.lists(st.sampled_from([act.receipt for act in POOL if isinstance(act, Receipted)]), min_size=3, max_size=3))
def test_which_receipt_counts_is_a_join(receipts):
    a, b, c = receipts
    assert counting(a, a) == a
    assert counting(a, b) == counting(b, a)
    assert counting(counting(a, b), c) == counting(a, counting(b, c))


@given(st.lists(st.sampled_from(POOL), max_size=12))
def test_a_snapshot_holds_everything(acts):
    dossiers = fold(acts)
    state = msgspec.json.decode(msgspec.json.encode(dossiers.state()), type=DossierState)
    assert seen(Dossiers(state)) == seen(dossiers)


def test_a_receipt_waits_for_its_document():
    dossiers = fold([answer("800", 1)])
    assert dossiers.clearance("L1") is Clearance.NONE
    dossiers.take(declared(BONDED["inventory"]))
    assert dossiers.clearance("L1") is Clearance.RELEASED


def test_nothing_older_reopens_a_closed_case_and_nothing_newer_either():
    dossiers = fold([declared(BONDED["inventory"]), answer("899", 5), answer("120", 4), answer("500", 50)])
    assert dossiers.clearance("L1") is Clearance.CLOSED


def test_a_release_is_taken_back_by_a_later_inspection():
    assert (
        fold([declared(BONDED["inventory"]), answer("800", 5), answer("500", 6)]).clearance("L1") is Clearance.INSPECT
    )


def test_a_correction_after_a_rejection_waits_for_its_own_answer():
    dossiers = fold([declared(BONDED["inventory"]), answer("100", 10)])
    assert dossiers.clearance("L1") is Clearance.REJECTED
    dossiers.check(declared(CORRECTED), NOON)
    dossiers.take(declared(CORRECTED))
    assert dossiers.clearance("L1") is Clearance.PENDING
    assert dossiers.of_parcel("L1")[0].declared_kg == Decimal("1.3")


@pytest.mark.parametrize("status", ["2", "3", "120", "300", "399", "500", "800", "899"])
def test_a_document_that_customs_has_is_not_declared_again(status):
    dossiers = fold([declared(BONDED["inventory"]), answer(status, 10)])
    with pytest.raises(RefusedError, match=f"621 4301960002 O1 was declared already and stands at {status}"):
        dossiers.check(declared(CORRECTED), NOON)


@pytest.mark.parametrize(("status", "allowed"), [("2", True), ("3", True), ("120", False), ("399", False)])
def test_a_change_is_allowed_until_customs_has_taken_the_document_in(status, allowed):
    dossiers = fold([declared(BONDED["inventory"]), answer(status, 10)])
    change = declared(changed(CORRECTED, app_type="2"))
    if allowed:
        dossiers.check(change, NOON)
    else:
        with pytest.raises(RefusedError, match="declared already"):
            dossiers.check(change, NOON)


def test_an_older_document_is_refused_and_changes_nothing():
    dossiers = fold([declared(CORRECTED)])
    with pytest.raises(RefusedError, match="20260302110000 is not after 20260302120030"):
        dossiers.check(declared(BONDED["inventory"]), NOON)
    before = dossiers.of_parcel("L1")[0].inventory.document
    dossiers.take(declared(BONDED["inventory"]))
    assert dossiers.of_parcel("L1")[0].inventory.document == before


def test_what_is_on_record_already_is_known():
    dossiers = fold([declared(BONDED["inventory"]), answer("800", 1)])
    assert dossiers.is_known(declared(BONDED["inventory"]))
    assert dossiers.is_known(answer("800", 1))
    assert not dossiers.is_known(declared(CORRECTED))
    assert not dossiers.is_known(answer("800", 2))


def test_a_document_with_a_flaw_is_refused_with_the_flaw():
    with pytest.raises(RefusedError, match="621: head orderNo: missing"):
        Dossiers().check(declared(changed(BONDED["inventory"], order_no="")), NOON)


def test_a_receipt_that_names_no_document_is_refused():
    receipt = CustomsReceipt(type="622", keys={"cop_no": "C1"}, status="800", time="2" * 17)
    with pytest.raises(RefusedError, match="622: head agentCode: missing"):
        Dossiers().check(Receipted(receipt=receipt, at=NOON, by="line"), NOON)


def test_what_has_not_come_yet_is_refused():
    with pytest.raises(RefusedError, match="has not come yet"):
        Dossiers().check(answer("800", 1), NOON - timedelta(seconds=1))


@pytest.mark.parametrize("papers", [imported(), exported()], ids=["import", "export"])
def test_the_papers_of_a_parcel_find_each_other_in_any_order(papers):
    for order in itertools.permutations(papers.values()):
        (dossier,) = fold(map(declared, order)).of_parcel(papers["inventory"].text("logistics_no"))
        assert [paper.document for paper in dossier.papers] == list(papers.values())


def test_an_order_is_found_before_its_inventory_with_the_waybill_that_names_it():
    dossier = fold(declared(BONDED[name]) for name in ("waybill", "order", "payment")).of_order("4301960002", "O1")
    assert dossier.inventory is None
    assert len(dossier.papers) == 3
    assert dossier.declared_kg == Decimal("1.2")
    with pytest.raises(NotFoundError, match="no order 'O9'"):
        Dossiers().of_order("4301960002", "O9")


def test_the_declared_weight_of_a_parcel_is_known_where_its_papers_agree():
    other = changed(BONDED["inventory"], order_no="O2", cop_no="C2")
    assert Dossiers().declared_kg("L1") is None
    assert fold([declared(BONDED["inventory"]), declared(other)]).declared_kg("L1") == Decimal("1.2")
    heavier = changed(other, gross_weight="1.3")
    assert fold([declared(BONDED["inventory"]), declared(heavier)]).declared_kg("L1") is None


def test_a_withdrawn_document_does_not_count():
    gone = changed(BONDED["inventory"], app_type="3", app_time="20260302110001")
    assert fold([declared(BONDED["inventory"]), declared(gone)]).clearance("L1") is Clearance.NONE


def test_a_corrected_waybill_number_moves_the_inventory_to_another_parcel():
    moved = changed(CORRECTED, logistics_no="L9")
    dossiers = fold([declared(BONDED["inventory"]), declared(moved)])
    assert (dossiers.clearance("L1"), dossiers.clearance("L9")) == (Clearance.NONE, Clearance.PENDING)


def test_a_parcel_on_two_inventories_passes_only_when_both_let_it():
    other = changed(BONDED["inventory"], order_no="O2", cop_no="C2")
    acts = [declared(BONDED["inventory"]), declared(other), answer("800", 1), answer("399", 1, number=2)]
    assert fold(acts).clearance("L1") is Clearance.PENDING
    assert fold([*acts, answer("800", 2, number=2)]).clearance("L1") is Clearance.RELEASED
    assert fold([*acts, answer("-1", 2, number=2)]).clearance("L1") is Clearance.RELEASED


CANCELLATION = Document(
    type="623",
    head={
        name: value
        for name, value in BONDED["inventory"].head.items()
        if name not in {"consignee_address", "assure_code", "ems_no"}
    }
    | {"invt_no": "49002026I000000001", "cop_no": "K1", "reason": "buyer", "app_time": "20260302130000"},
)


def test_a_cancellation_takes_the_release_back_at_once_and_for_good_when_it_is_granted():
    acts = [declared(BONDED["inventory"]), answer("800", 1, invt_no="49002026I000000001"), declared(CANCELLATION)]
    assert fold(acts).clearance("L1") is Clearance.PENDING
    keys = {"agent_code": "4301960004", "cop_no": "K1"}
    for status, then in (("399", Clearance.REJECTED), ("100", Clearance.RELEASED)):
        receipt = CustomsReceipt(type="624", keys=keys, status=status, time="20260302131000000")
        assert fold([*acts, Receipted(receipt=receipt, at=NOON, by="line")]).clearance("L1") is then


def test_lists_are_found_by_parcel_and_by_bill():
    head = {"bill_no": "B1", "operator_code": "1", "cop_no": "A1", "msg_seq_no": "1", "app_time": "1"}
    first = Document(type="507", head=head, lines=({"gnum": "1", "logistics_no": "E1"},))
    second = Document(type="507", head=head | {"msg_seq_no": "2"}, lines=({"gnum": "1", "logistics_no": "E2"},))
    dossiers = fold([declared(first), declared(second)])
    assert dossiers.lists_of("E2") == (second,)
    assert dossiers.lists_of_bill("B1") == (first, second)


def test_where_many_are_open_what_is_closed_goes_with_its_partners_and_receipts_and_the_rest_stays(monkeypatch):
    monkeypatch.setattr(dossiers_module, "ROOMY", 8)
    dossiers = Dossiers()
    for number in range(1, 41):
        at = NOON + timedelta(hours=6 * number)
        for act in (*(declared(paper, at) for paper in imported(number).values()), answer("899", 5, number=number)):
            dossiers.take(act)
    days = 4 * 4  # of four parcels a day, four documents each
    assert len(dossiers.state().documents) <= days + 8
    assert len(dossiers.state().receipts) <= len(dossiers.state().documents)
    assert dossiers.of_parcel("L1") == ()
    assert len(dossiers.of_parcel("L40")) == 1


def test_what_is_not_over_is_kept_however_many_come_after_it(monkeypatch):
    monkeypatch.setattr(dossiers_module, "ROOMY", 8)
    dossiers = fold(declared(paper) for paper in BONDED.values())
    for number in range(2, 41):
        at = NOON + timedelta(hours=6 * number)
        for act in (*(declared(paper, at) for paper in imported(number).values()), answer("899", 5, number=number)):
            dossiers.take(act)
    [dossier] = dossiers.of_parcel("L1")
    assert len(dossier.papers) == 4
    assert dossiers.clearance("L1") is Clearance.PENDING


def test_where_few_are_open_nothing_is_forgotten():
    dossiers = fold([*(declared(paper) for paper in BONDED.values()), answer("899", 5)])
    for act in [declared(paper, NOON + timedelta(days=400)) for paper in imported(2).values()]:
        dossiers.take(act)
    assert dossiers.clearance("L1") is Clearance.CLOSED


def test_a_list_goes_when_no_parcel_on_it_has_an_inventory(monkeypatch):
    monkeypatch.setattr(dossiers_module, "ROOMY", 0)
    head = {"bill_no": "B1", "operator_code": "1", "cop_no": "A1", "msg_seq_no": "1", "app_time": "1"}
    lists = [
        Document(type="507", head=head | {"msg_seq_no": number}, lines=({"gnum": "1", "logistics_no": parcel},))
        for number, parcel in (("1", "L1"), ("2", "E9"))
    ]
    dossiers = fold([declared(BONDED["inventory"]), *map(declared, lists)])
    dossiers.take(declared(BONDED["order"], NOON + timedelta(days=2)))
    assert dossiers.lists_of_bill("B1") == (lists[0],)


def test_a_fold_that_goes_on_from_a_snapshot_forgets_the_same(monkeypatch):
    monkeypatch.setattr(dossiers_module, "ROOMY", 8)
    whole, resumed = Dossiers(), Dossiers()
    for number in range(1, 13):
        at = NOON + timedelta(hours=6 * number)
        for act in (*(declared(paper, at) for paper in imported(number).values()), answer("899", 5, number=number)):
            whole.take(act)
            resumed = Dossiers(msgspec.msgpack.decode(msgspec.msgpack.encode(resumed.state()), type=DossierState))
            resumed.take(act)
            assert list(resumed.state().documents) == list(whole.state().documents)


def test_documents_and_receipts_are_limited(monkeypatch):
    monkeypatch.setattr(dossiers_module, "DOCUMENT_LIMIT", 1)
    monkeypatch.setattr(dossiers_module, "RECEIPT_LIMIT", 1)
    dossiers = fold([declared(BONDED["inventory"]), answer("2", 1)])
    dossiers.check(answer("800", 2), NOON)
    with pytest.raises(RefusedError, match="1 documents are open"):
        dossiers.check(declared(BONDED["order"]), NOON)
    with pytest.raises(RefusedError, match="1 answers are kept"):
        dossiers.check(answer("800", 2, number=2), NOON)
