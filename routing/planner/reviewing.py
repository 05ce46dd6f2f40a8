"""Reviews the lines of a plan by a policy: what opens, is watched, is suspended, and how many riders are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from routing.errors import Fault, InputError
from routing.formats.plan_reader import read_plan
from routing.formats.policy_toml import read_counts, read_policy
from routing.lifecycle import PRESETS, LineState, Policy, Review, review
from routing.model.plan import Plan, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Riders left out for whom the solver has seen what it takes to open a line.

    Attributes
    ----------
    missing : int
        Riders more who would have to ask for the same.
    riders : tuple of str
    """

    missing: int
    riders: tuple[str, ...]


def review_lines(
    plan_file: Path, counts_file: Path, policy: str, states: Mapping[str, LineState] | None = None
) -> tuple[tuple[Review, ...], tuple[Opening, ...]]:
    """Return a proposal for every line of a plan, and what unserved riders lack for a line of their own.

    Parameters
    ----------
    policy : str
        A preset's name, or a file.
    states : mapping or None
        Where lines stand that the counts do not tell of; others run.

    Raises
    ------
    InputError
        When something cannot be read, with every fault of the counts.
    """
    rules = find_policy(policy)
    document = read_plan(plan_file)
    lines = {line.line_id: line for line in document.plan.lines}
    counts, told = read_counts(counts_file, frozenset(lines))
    known = {**(states or {}), **told}
    reviews = []
    for line_id, line in sorted(lines.items()):
        seats = max((document.vehicle_seats.get(t.vehicle_type_id, 0) for t in line.trips), default=0)
        state = known.get(line_id, LineState.RUNNING)
        reviews.append(review(line_id, state, counts.get(line_id, []), seats, rules))
    return tuple(reviews), missing_riders(document.plan)


def find_policy(name: str) -> Policy:
    """Return a preset, or the policy of a file.

    Raises
    ------
    InputError
        When it is neither.
    """
    if name in PRESETS:
        return PRESETS[name]
    if not Path(name).exists():
        raise InputError(
            Fault(
                file=name,
                code="unknown_policy",
                cause=f"There is no such file, and the presets are {', '.join(sorted(PRESETS))}.",
                action="Give one of them, or a policy.toml.",
            )
        )
    return read_policy(Path(name))


def missing_riders(plan: Plan) -> tuple[Opening, ...]:
    """Return how many riders more would open a line for those left out, as the explanations of the plan have found."""
    groups: dict[int, set[str]] = {}
    for left in plan.unserved:
        hint = left.relaxation
        if left.reason is Reason.TOO_FEW_NEIGHBOURS and hint is not None and hint.kind == "neighbours":
            groups.setdefault(hint.amount, set()).add(left.rider_id)
    return tuple(Opening(missing=n, riders=tuple(sorted(who))) for n, who in sorted(groups.items()))
