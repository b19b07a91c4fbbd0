"""The PDF prints what the JSON says, carries it, and both can be proved."""

import functools
import io
import json
import re
from datetime import timedelta

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldport.messages.alarm import AlarmState, Disposition, Priority
from control.entries import Action
from control.exposure.kinetic import NotEvaluable
from control.journal.reader import JournalReader
from control.printing import typeset
from control.reports.blocks import length
from control.reports.render import Witness, render
from control.reports.words import _load, words_of
from control.verifier import BrokenError, verify_report

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="module")
def files_of(report_of, journal_file):
    @functools.cache
    def render_it(subject, language):
        with JournalReader(journal_file) as journal:
            witness = Witness(journal.last, journal.chain, 7, KEY)
        return render(report_of(subject), witness, language)

    return render_it


def text_of(pdf: bytes) -> str:
    """The text of a PDF without spaces of any kind: where a line is broken says nothing."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"[\s\u00a0\u200b]+", "", "".join(page.extract_text() for page in pages))


def figures_of(report) -> list[str]:
    """Every figure of the JSON as the PDF must print it."""
    said = []
    for point in report["points"]:
        said += [str(point[name]) for name in ("minimum", "maximum", "mean", "kinetic_c") if point[name] is not None]
        said += [length(point[name]) for name in ("trip_s", "duration_s", "unknown_s")]
        said += [f"{point['coverage'] * 100:.2f} %", str(point["samples"]), str(point["bad"])]
    for limit in report["limits"]:
        said += [length(limit[name]) for name in ("allowed_s", "beyond_s", "longest_s")]
        said += [str(limit["events"]), str(limit["above"] if limit["above"] is not None else limit["below"])]
    for one in report["excursions"]:
        said += [str(one["worst"]), length(one["known_s"]), length(one["unknown_s"])]
    for source in report["sources"]:
        said += [source["gateway"], str(source["readings"]), f"{source['clock_offset_s']} s"]
    said += [signature["by"] for signature in report["signatures"]]
    said += [report["proof"][name] for name in ("hash", "chain", "key", "signature")]
    return [re.sub(r"\s", "", one) for one in said]


@pytest.mark.parametrize(
    ("subject", "language"), [("lot-1", "zh"), ("lot-1", "en"), ("lot-1", "both"), ("room", "both"), ("cold", "en")]
)
def test_every_figure_of_the_json_is_in_the_text_of_the_pdf(files_of, subject, language):
    files = files_of(subject, language)
    text = text_of(files.pdf)

    missing = [figure for figure in figures_of(json.loads(files.json)) if figure not in text]
    assert missing == []
    assert ("Excursionreport" in text, "温度超限报告" in text) == (language != "zh", language != "en")


def test_the_figures_are_the_same_in_every_language(files_of):
    reports = [json.loads(files_of("room", language).json) for language in ("zh", "en", "both")]

    assert reports[0] == reports[1] == reports[2]


def test_the_pdf_is_the_same_bytes_each_time_and_carries_the_json(files_of):
    files = files_of("room", "both")

    files_of.cache_clear()
    assert files_of("room", "both").pdf == files.pdf
    [carried] = pypdf.PdfReader(io.BytesIO(files.pdf)).attachments["report.json"]
    assert carried == files.json


def test_a_report_is_proved_by_the_separate_verifier(files_of, journal_file, tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(files_of("room", "en").json)

    found = verify_report(path, journal_file, KEY.public_key().public_bytes_raw().hex())

    assert found["report"] == json.loads(path.read_text())["proof"]["hash"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda report: report["points"][0].update(maximum=8.0), "changed after it was made"),
        (lambda report: report["proof"].update(sealed_to=99), "signature does not hold"),
        (lambda report: report["proof"].update(chain="00" * 32), "signature does not hold"),
        (lambda report: report.pop("proof"), "not a report"),
    ],
)
def test_a_report_that_was_changed_is_found(files_of, journal_file, tmp_path, change, said):
    report = json.loads(files_of("room", "en").json)
    change(report)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))

    with pytest.raises(BrokenError, match=said):
        verify_report(path, journal_file)


def test_a_report_of_another_key_or_another_journal_is_found(report_of, journal_file, tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(render(report_of("room"), Witness(3, bytes(32), 0, KEY), "en").json)

    with pytest.raises(BrokenError, match="another key"):
        verify_report(path, key="00" * 32)
    with pytest.raises(BrokenError, match="entry 3 is not the one"):
        verify_report(path, journal_file)
    assert verify_report(path)["entry"] == 3


def test_without_its_font_the_report_says_what_is_missing(files_of, monkeypatch, tmp_path):
    monkeypatch.setattr(typeset, "sans_path", lambda: tmp_path / "none.otf")
    files_of.cache_clear()

    with pytest.raises(Exception, match="font for reports is missing"):
        files_of("room", "zh")


def test_nothing_is_drawn_outside_the_page(files_of):
    for page in pypdf.PdfReader(io.BytesIO(files_of("lot-1", "both").pdf)).pages:
        rights = []
        page.extract_text(visitor_text=lambda text, _, matrix, *rest, rights=rights: rights.append(matrix[4]))
        assert max(rights) < float(page.mediabox.width) - 20


def test_every_word_is_there_in_both_languages():
    for text in [*_load().words.values(), *(text for table in _load().tables.values() for text in table.values())]:
        assert text.zh
        assert text.en


def test_a_report_of_a_minute_and_of_a_room_without_readings_can_be_printed(report_of):
    start = report_of("room").report.start - timedelta(hours=40)
    for span in (timedelta(minutes=1), timedelta(hours=30)):
        made = report_of("room", start, start + span)
        assert render(made, Witness(0, bytes(32), 0, KEY), "both").pdf[:5] == b"%PDF-"


def test_every_act_decision_state_and_priority_has_words():
    meanings = words_of("meanings")

    assert {action.value for action in Action} - {"confirm"} <= set(meanings)
    assert {f"decision-{one.value}" for one in Disposition} <= set(meanings)
    assert set(AlarmState) <= set(words_of("states"))
    assert set(Priority) <= set(words_of("priorities"))
    assert {one.value for one in NotEvaluable} <= set(words_of("no_kinetic"))
