"""The solvers of OR-Tools behind one function: HiGHS and SCIP through MathOpt, and CP-SAT. They are known here alone.

HiGHS proves small arc programs soonest, SCIP is the second opinion, CP-SAT takes programs of whole numbers alone and
packs (figures: docs/benchmarks.md). All run in this process and hold their time within a tenth, whatever presolve does.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2
from ortools.sat.python import cp_model

from coldport.errors import RefusedError
from routing.program import Ended, Limits, Outcome, Program

INFINITE = float("inf")
SAT_LIMIT = 1 << 50
"""What an unknown without a bound is bounded by for CP-SAT, whose sums must stay below 2^63."""
SAT_WORKERS = 8
"""Its strategies complete each other: two prove nothing at 30 consignments, eight do, on two cores."""

Found = Callable[[list[int], float], None]
"""Told of better values and the bound at that moment."""


class Backend(StrEnum):
    """A solver."""

    HIGHS = "highs"
    SCIP = "scip"
    CP_SAT = "cp-sat"


def run(
    program: Program,
    backend: Backend,
    limits: Limits,
    start: Mapping[int, int] | None = None,
    on_found: Found | None = None,
) -> Outcome:
    """Run a program. `start` are values of some columns; `on_found` hears of better ones (CP-SAT alone tells).

    Raises:
        RefusedError: The solver refused the program itself.
    """
    if limits.seconds <= 0:
        return Outcome(Ended.NOTHING)
    if not program.cost:
        kept = not program.broken([])
        return Outcome(Ended.OPTIMAL, (), 0.0) if kept else Outcome(Ended.INFEASIBLE)
    if backend is Backend.CP_SAT:
        return _run_sat(program, limits, start, on_found)
    return _run_mathopt(program, backend, limits, start)


def _run_mathopt(program: Program, backend: Backend, limits: Limits, start: Mapping[int, int] | None) -> Outcome:
    model = mathopt.Model.from_model_proto(_proto(program))
    hints = []
    if start is not None:
        hints.append(
            mathopt.SolutionHint(variable_values={model.get_variable(n): float(value) for n, value in start.items()})
        )
    highs = highs_pb2.HighsOptionsProto()
    highs.double_options["mip_feasibility_tolerance"] = 1e-7
    highs.double_options["primal_feasibility_tolerance"] = 1e-8
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=limits.seconds),
        cutoff_limit=limits.cutoff if backend is Backend.SCIP else None,
        relative_gap_tolerance=limits.gap if any(program.whole) else None,
        random_seed=limits.seed,
        highs=highs,
    )
    solver = mathopt.SolverType.HIGHS if backend is Backend.HIGHS else mathopt.SolverType.GSCIP
    try:
        result = mathopt.solve(
            model, solver, params=parameters, model_params=mathopt.ModelSolveParameters(solution_hints=hints)
        )
    except (AttributeError, RuntimeError, ValueError) as error:
        # OR-Tools 9.15 loses a refusal while it turns it into an exception; the cause still has its words.
        cause = error.__context__ or error
        raise RefusedError(f"{backend} refused the program: {cause}") from error
    return _outcome(program, model, result)


def _outcome(program: Program, model: mathopt.Model, result: mathopt.SolveResult) -> Outcome:
    reason = result.termination.reason
    if reason is mathopt.TerminationReason.INFEASIBLE:
        return Outcome(Ended.INFEASIBLE)
    if reason in {mathopt.TerminationReason.UNBOUNDED, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED}:
        return Outcome(Ended.UNBOUNDED)
    bound = result.termination.objective_bounds.dual_bound
    proven = None if bound == -INFINITE else bound
    if not result.has_primal_feasible_solution():
        return Outcome(Ended.NOTHING, bound=proven)
    found = result.variable_values()
    values = tuple(found[model.get_variable(number)] for number in range(len(program.cost)))
    duals: tuple[float, ...] = ()
    if result.has_dual_feasible_solution():
        prices = result.dual_values()
        duals = tuple(prices[model.get_linear_constraint(row)] for row in range(len(program.row_lower)))
    optimal = reason is mathopt.TerminationReason.OPTIMAL
    return Outcome(Ended.OPTIMAL if optimal else Ended.STOPPED, values, proven, duals)


def _proto(program: Program) -> model_pb2.ModelProto:
    """Return the program as MathOpt takes it at once: a thousand times faster than column by column."""
    proto = model_pb2.ModelProto()
    columns, rows = proto.variables, proto.linear_constraints
    columns.ids.extend(range(len(program.cost)))
    columns.lower_bounds.extend(map(float, program.lower))
    columns.upper_bounds.extend(INFINITE if upper is None else float(upper) for upper in program.upper)
    columns.integers.extend(program.whole)
    rows.ids.extend(range(len(program.row_lower)))
    priced = [(number, float(cost)) for number, cost in enumerate(program.cost) if cost]
    proto.objective.linear_coefficients.ids.extend(number for number, _ in priced)
    proto.objective.linear_coefficients.values.extend(cost for _, cost in priced)
    matrix = proto.linear_constraint_matrix
    for row, (lower, upper) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        terms = sorted(term for term in program.terms(row) if term[1] != 0)
        # A power of two near the largest coefficient: exact in floating point, and a tolerance that means something.
        scale = 2.0 ** -max((abs(value) for _, value in terms), default=1).bit_length()
        rows.lower_bounds.append(-INFINITE if lower is None else lower * scale)
        rows.upper_bounds.append(INFINITE if upper is None else upper * scale)
        matrix.row_ids.extend([row] * len(terms))
        matrix.column_ids.extend(column for column, _ in terms)
        matrix.coefficients.extend(value * scale for _, value in terms)
    return proto


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, columns: list[cp_model.IntVar], on_found: Found) -> None:
        super().__init__()
        self._columns = columns
        self._on_found = on_found

    def on_solution_callback(self) -> None:
        """Tell of a better solution."""
        self._on_found([self.value(column) for column in self._columns], self.best_objective_bound)


def _run_sat(program: Program, limits: Limits, start: Mapping[int, int] | None, on_found: Found | None) -> Outcome:
    model = cp_model.CpModel()
    columns = [
        model.new_int_var(lower, SAT_LIMIT if upper is None else upper, "")
        for lower, upper in zip(program.lower, program.upper, strict=True)
    ]
    for row, (lower, upper) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        terms = program.terms(row)
        total = cp_model.LinearExpr.weighted_sum(
            [columns[column] for column, _ in terms], [value for _, value in terms]
        )
        domain = cp_model.Domain(
            cp_model.INT_MIN if lower is None else lower, cp_model.INT_MAX if upper is None else upper
        )
        model.add_linear_expression_in_domain(total, domain)
    model.minimize(cp_model.LinearExpr.weighted_sum(columns, program.cost))
    for number, value in (start or {}).items():
        model.add_hint(columns[number], value)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limits.seconds
    solver.parameters.relative_gap_limit = limits.gap
    solver.parameters.random_seed = limits.seed
    solver.parameters.num_workers = limits.workers or SAT_WORKERS
    solver.parameters.linearization_level = 2
    status = solver.solve(model, _Listener(columns, on_found) if on_found else None)
    if status == cp_model.INFEASIBLE:
        return Outcome(Ended.INFEASIBLE)
    if status == cp_model.MODEL_INVALID:
        raise RefusedError(f"cp-sat refused the program: {model.validate()}")
    bound = solver.best_objective_bound
    if status == cp_model.UNKNOWN:
        return Outcome(Ended.NOTHING, bound=bound)
    values = tuple(float(solver.value(column)) for column in columns)
    return Outcome(Ended.OPTIMAL if status == cp_model.OPTIMAL else Ended.STOPPED, values, bound)
