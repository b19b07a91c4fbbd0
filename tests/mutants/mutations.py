"""What can be spoiled in a source file: one small edit of its syntax tree at a time.

Left alone: docstrings, annotations, `__slots__` and the wording of an error that is raised.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("control/alarms", "control/exposure")

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd,
}
"""An operator and what stands in its place. Comparisons move by their boundary: the opposite is found by any test."""

TOLD_ALREADY = (ast.Compare, ast.BoolOp, ast.UnaryOp)
"""Conditions with an edit of their own, which turning them round would only repeat."""


class Edit(NamedTuple):
    """One edit: at `line`, in the outermost function `scope` (empty: run when the module is loaded)."""

    line: int
    scope: str
    was: str
    now: str
    make: Callable[[], object]
    """Make it in the tree it was found in."""


class _Finder(ast.NodeVisitor):
    """Walks a tree in the order of its source and notes what can be spoiled."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self._path: list[str] = []
        self._scope = ""

    # --- what is left alone, and where we are

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)):
            self.visit(outside)
        outermost = not self._scope
        if outermost:
            self._scope = ".".join([*self._path, node.name])
        self._body(node.body)
        if outermost:
            self._scope = ""

    visit_FunctionDef = visit_AsyncFunctionDef = _function  # noqa: N815 - the names that ast asks for

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._path.append(node.name)
        self._body(node.body)
        self._path.pop()

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if ast.unparse(node.targets[0]) != "__slots__":
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Only the whole statement is spoiled."""

    # --- statements

    def _body(self, body: list[ast.stmt]) -> None:
        for index, statement in enumerate(body):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring, or `...`
            replacement = _in_place_of(statement)
            if replacement is not None:
                self._note(statement, ast.unparse(replacement), lambda i=index, r=replacement: body.__setitem__(i, r))
            self.visit(statement)

    def generic_visit(self, node: ast.AST) -> None:
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self._body(value)
            elif isinstance(value, list):
                for one in value:
                    if isinstance(one, ast.AST):
                        self.visit(one)
            elif isinstance(value, ast.AST) and field not in {"annotation", "returns"}:
                self.visit(value)

    def _condition(self, node: ast.If | ast.While | ast.IfExp) -> None:
        if not isinstance(node.test, TOLD_ALREADY):
            opposite = ast.UnaryOp(ast.Not(), node.test)
            self._note(node.test, ast.unparse(opposite), lambda: setattr(node, "test", opposite))
        self.generic_visit(node)

    visit_If = visit_While = visit_IfExp = _condition  # noqa: N815

    # --- expressions

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for index, test in enumerate(node.ifs):
            self._note(test, "True", lambda i=index: node.ifs.__setitem__(i, ast.Constant(True)))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for index, operator in enumerate(node.ops):
            swapped = [*node.ops[:index], SWAPS[type(operator)](), *node.ops[index + 1 :]]
            self._field(node, "ops", swapped)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._field(node, "op", SWAPS[type(node.op)]())
        for index in range(len(node.values)):
            rest = node.values[:index] + node.values[index + 1 :]
            two = rest if len(rest) > 1 else rest * 2  # fewer do not compile
            self._note(node, ast.unparse(ast.BoolOp(node.op, rest)), lambda v=two: setattr(node, "values", v))
        self.generic_visit(node)

    def _operation(self, node: ast.BinOp | ast.AugAssign) -> None:
        if type(node.op) in SWAPS and not (isinstance(node.op, ast.BitOr) and not self._scope):  # there it joins types
            self._field(node, "op", SWAPS[type(node.op)]())
        self.generic_visit(node)

    visit_BinOp = visit_AugAssign = _operation  # noqa: N815

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._field(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        elif isinstance(node.op, ast.USub):
            self._field(node, "op", ast.UAdd())
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        match node.value:
            case bool():
                self._field(node, "value", not node.value)
            case int() | float():
                self._field(node, "value", node.value + 1)
            case str() if node.value:
                self._field(node, "value", f"X{node.value}")
            case _:
                pass

    def _elements(self, node: ast.Set | ast.List | ast.Tuple) -> None:
        # Elsewhere a shorter tuple is only a mistake that the next line finds.
        if not isinstance(getattr(node, "ctx", None), ast.Store) and not (isinstance(node, ast.Tuple) and self._scope):
            for index in range(len(node.elts)):
                self._field(node, "elts", node.elts[:index] + node.elts[index + 1 :])
        self.generic_visit(node)

    visit_Set = visit_List = visit_Tuple = _elements  # noqa: N815

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg != "strict":  # of zip: it tells of a mistake of ours, and does nothing while there is none
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._scope:
            self.generic_visit(node)  # outside of functions it is a type

    # ---

    def _field(self, node: ast.AST, field: str, value: object) -> None:
        before = getattr(node, field)
        was = ast.unparse(node)
        setattr(node, field, value)
        now = ast.unparse(node)
        setattr(node, field, before)
        self._note(node, now, lambda: setattr(node, field, value), was)

    def _note(self, node: ast.AST, now: str, make: Callable[[], object], was: str | None = None) -> None:
        self.edits.append(Edit(node.lineno, self._scope, was or ast.unparse(node), now, make))


def _in_place_of(statement: ast.stmt) -> ast.stmt | None:
    """Give what stands in place of a statement that is spoiled as a whole; None: it is not."""
    match statement:
        case ast.Break():
            return ast.Continue()
        case ast.Continue():
            return ast.Break()
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            return ast.Return(ast.Constant(None))
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.AugAssign():
            return ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() | ast.Delete():
            return ast.Pass()
        case _:
            return None


def edits(tree: ast.Module) -> Iterator[Edit]:
    """Give all edits of a tree, always in the same order."""
    finder = _Finder()
    finder.visit(tree)
    yield from finder.edits


def spoil(source: str, number: int) -> ast.Module:
    """Return the tree of a source with its edit `number` made."""
    tree = ast.parse(source)
    list(edits(tree))[number].make()
    return ast.fix_missing_locations(tree)


class Mutant(NamedTuple):
    """Edit `number` of the source in `path`; see `Edit`."""

    path: str
    number: int
    line: int
    scope: str
    was: str
    now: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What `same.toml` knows it by: not its line, which moves."""
        return self.path, self.scope, self.was, self.now

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {_short(self.was)}  ->  {_short(self.now)}"


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:48]} ... {text[-48:]}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Give all mutants of a source."""
    name = path.relative_to(ROOT).as_posix()
    for number, edit in enumerate(edits(ast.parse(path.read_text(encoding="utf-8")))):
        yield Mutant(name, number, edit.line, edit.scope, edit.was, edit.now)
