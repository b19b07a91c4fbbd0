import ast
from textwrap import dedent

import pytest
from mutants.mutations import edits, spoil


def told(source: str) -> list[tuple[str, str, str]]:
    return [(edit.scope, edit.was, edit.now) for edit in edits(ast.parse(dedent(source)))]


@pytest.mark.parametrize(
    ("source", "was", "now"),
    [
        ("a < b", "a < b", "a <= b"),
        ("a is not b", "a is not b", "a is b"),
        ("not a", "not a", "not not a"),
        ("-a", "-a", "+a"),
        ("a - b", "a - b", "a + b"),
        ("a if b else c", "b", "not b"),
        ("[a for a in b if a]", "a", "True"),
        ("a.b = c", "a.b = c", "pass"),
        ("a += c", "a += c", "pass"),
        ("a(b)", "a(b)", "pass"),
        ("a = 1", "1", "2"),
        ("a = True", "True", "False"),
        ("a = 'b'", "'b'", "'Xb'"),
        ("RULES = (a, b)", "(a, b)", "(b,)"),
        ("raise a('b')", "raise a('b')", "pass"),
    ],
)
def test_it_spoils(source, was, now):
    assert ("", was, now) in told(source)


def test_either_half_of_a_condition_is_dropped():
    assert {now for _, _, now in told("a and b")} == {"a or b", "a", "b"}


def test_it_leaves_alone_what_does_nothing():
    source = '''
        """A docstring."""
        class A:
            """Another."""
            __slots__ = ("a", "b")
            a: "int | None"
            def b(self, c: "str | None") -> "int | None":
                """A third."""
                return None
    '''
    assert told(source) == []


def test_an_edit_is_in_the_outermost_function():
    source = """
        class A:
            a: int = 1
            def b(self, d=2):
                def c():
                    return 3
                c()
    """
    assert told(source) == [
        ("", "1", "2"),
        ("", "2", "3"),
        ("A.b", "return 3", "return None"),
        ("A.b", "3", "4"),
        ("A.b", "c()", "pass"),
    ]


def test_every_edit_makes_a_source_that_compiles_and_is_another():
    source = dedent("""
        def a(b, c=1):
            if b and not c or b < c:
                raise ValueError("no")
            while b:
                b -= 1
                if c in {1, 2}:
                    continue
                break
            return [x for x in (b, c) if x], f"{b} of {-c}"
    """)
    whole = ast.unparse(ast.parse(source))
    for number in range(len(list(edits(ast.parse(source))))):
        spoiled = spoil(source, number)
        compile(spoiled, "spoiled", "exec")
        assert ast.unparse(spoiled) != whole
