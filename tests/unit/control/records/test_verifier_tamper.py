"""Whatever is done to a journal afterwards is found, and the first bad entry named."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import control.verifier
from control.records.key import public_hex, site_key
from control.verifier import BrokenError, verify


def test_an_untouched_journal_is_good_and_says_how_far_it_is_sealed(sealed):
    found = verify(sealed.journal, [sealed.roots], key=public_hex(site_key(sealed.key)))

    assert (found["entries"], found["seals"], found["sealed_to"]) == (20, 2, 19)


def test_a_flipped_bit_is_found(sealed):
    sealed.flip(7)

    with pytest.raises(BrokenError, match="entry 7 is not what was written") as found:
        verify(sealed.journal)
    assert found.value.entry == 7


def test_a_flipped_bit_of_a_hash_is_found(sealed):
    sealed.sql("UPDATE entry SET hash = zeroblob(32) WHERE number = 4")

    with pytest.raises(BrokenError) as found:
        verify(sealed.journal)
    assert found.value.entry == 4


def test_a_dropped_entry_is_found(sealed):
    sealed.sql("DELETE FROM entry WHERE number = 5")

    with pytest.raises(BrokenError, match="entry 5 is missing") as found:
        verify(sealed.journal)
    assert found.value.entry == 5


def test_an_entry_dropped_and_the_rest_numbered_anew_is_found(sealed):
    sealed.sql("DELETE FROM entry WHERE number = 5", "UPDATE entry SET number = number - 1 WHERE number > 5")

    with pytest.raises(BrokenError) as found:
        verify(sealed.journal)
    assert found.value.entry == 5


def test_two_swapped_entries_are_found(sealed):
    sealed.sql(
        "UPDATE entry SET number = 0 WHERE number = 8",
        "UPDATE entry SET number = 8 WHERE number = 9",
        "UPDATE entry SET number = 9 WHERE number = 0",
    )

    with pytest.raises(BrokenError) as found:
        verify(sealed.journal)
    assert found.value.entry == 8


def test_an_end_cut_off_is_found_by_the_seals(sealed):
    sealed.sql("DELETE FROM entry WHERE number > 13")

    with pytest.raises(BrokenError, match="entries 14 to 19 were cut off after they were sealed") as found:
        verify(sealed.journal, [sealed.roots])
    assert found.value.entry == 14


def test_an_end_cut_off_together_with_its_seals_is_found_by_a_copy_of_them(sealed, tmp_path):
    copy = shutil.copy(sealed.roots, tmp_path / "copy.jsonl")
    sealed.sql("DELETE FROM entry WHERE number > 10")
    sealed.roots.write_text(sealed.roots.read_text().splitlines(keepends=True)[0])

    assert verify(sealed.journal, [sealed.roots])["entries"] == 10
    with pytest.raises(BrokenError) as found:
        verify(sealed.journal, [Path(copy)])
    assert found.value.entry == 11


async def test_a_journal_written_anew_by_an_administrator_with_the_key_is_found_by_a_copy_of_the_seals(
    sealed, tmp_path
):
    copy = shutil.copy(sealed.roots, tmp_path / "copy.jsonl")
    sealed.sql("DELETE FROM entry WHERE number > 10", "UPDATE entry SET payload = (SELECT payload FROM entry LIMIT 1)")
    sealed.chain_anew(1)
    sealed.roots.unlink()

    assert verify(sealed.journal)["entries"] == 10
    with pytest.raises(BrokenError, match="written anew") as found:
        verify(sealed.journal, [Path(copy)])
    assert found.value.entry == 2  # the first entry was put in place of all others, itself it is what it was


@pytest.mark.parametrize("number", [1, 6, 10, 11, 19])
def test_one_entry_changed_and_the_chain_made_to_fit_is_found_by_the_seals(sealed, number):
    other = 2 if number != 2 else 3
    sealed.sql(f"UPDATE entry SET payload = (SELECT payload FROM entry WHERE number = {other}) WHERE number = {number}")
    sealed.chain_anew(number)

    with pytest.raises(BrokenError) as found:
        verify(sealed.journal, [sealed.roots])
    assert found.value.entry == number


def test_a_seal_that_was_changed_is_found(sealed):
    first, second = sealed.roots.read_text().splitlines()
    seal = json.loads(first)
    seal["last"] = 9
    sealed.roots.write_text(f"{json.dumps(seal)}\n{second}\n")

    with pytest.raises(BrokenError, match="line 1: the signature does not hold"):
        verify(sealed.journal, [sealed.roots])


def test_a_seal_taken_out_is_found(sealed):
    lines = sealed.roots.read_text().splitlines(keepends=True)
    sealed.roots.write_text(lines[0] + lines[1] + lines[1])

    with pytest.raises(BrokenError, match="line 3: a seal is missing before this one"):
        verify(sealed.journal, [sealed.roots])


def test_seals_of_another_key_are_found(sealed):
    with pytest.raises(BrokenError, match="signed with another key"):
        verify(sealed.journal, [sealed.roots], key="00" * 32)


def test_a_line_that_fell_unfinished_is_no_seal_yet(sealed):
    with sealed.roots.open("a") as file:
        file.write('{"first":')

    assert verify(sealed.journal, [sealed.roots])["seals"] == 2


@pytest.mark.parametrize("text", ["[]\n", "no\n", "{}\n"])
def test_what_is_not_a_seal_is_said_with_its_line(sealed, text):
    sealed.roots.write_text(text)

    with pytest.raises(BrokenError, match="line 1: not a seal"):
        verify(sealed.journal, [sealed.roots])


def test_an_entry_that_is_no_json_is_found_though_the_chain_fits(sealed):
    sealed.sql("UPDATE entry SET payload = x'00' WHERE number = 20")
    sealed.chain_anew(20)

    with pytest.raises(BrokenError, match="entry 20 cannot be read"):
        verify(sealed.journal)


def test_the_program_runs_alone_from_a_copy_with_nothing_of_ours_beside_it(sealed, tmp_path):
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    program = shutil.copy(control.verifier.__file__, alone / "verifier.py")
    command = [sys.executable, "-P", program, sealed.journal, "--roots", sealed.roots]

    good = subprocess.run(command, capture_output=True, text=True, cwd=alone, check=False)
    sealed.sql("DELETE FROM entry WHERE number = 3")
    bad = subprocess.run(command, capture_output=True, text=True, cwd=alone, check=False)
    sealed.journal.unlink()
    none = subprocess.run(command, capture_output=True, text=True, cwd=alone, check=False)

    assert (good.returncode, bad.returncode, none.returncode) == (0, 1, 2)
    assert bad.stdout == "BROKEN: entry 3 is missing\n"


def test_it_imports_nothing_but_the_standard_library_and_cryptography():
    tree = ast.parse(Path(control.verifier.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"cryptography"}
