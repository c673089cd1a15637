"""The table of moves, said a second time by hand: a move that appears or vanishes is seen."""

import pytest

from preau.identity.accounts import states
from preau.identity.accounts.states import ForbiddenMove, Move, State

# (verb, from) → where it leads who never activated, and who did. What is not here is forbidden.
ALLOWED = {
    (Move.NOTIFY, State.UNNOTIFIED): (State.NOTIFIED, State.NOTIFIED),
    (Move.NOTIFY, State.NOTIFIED): (State.NOTIFIED, State.NOTIFIED),
    (Move.BURN, State.NOTIFIED): (State.UNNOTIFIED, State.UNNOTIFIED),
    (Move.ACTIVATE, State.UNNOTIFIED): (State.ACTIVE, State.ACTIVE),
    (Move.ACTIVATE, State.NOTIFIED): (State.ACTIVE, State.ACTIVE),
    (Move.BLOCK, State.UNNOTIFIED): (State.BLOCKED, State.BLOCKED),
    (Move.BLOCK, State.NOTIFIED): (State.BLOCKED, State.BLOCKED),
    (Move.BLOCK, State.ACTIVE): (State.BLOCKED, State.BLOCKED),
    (Move.UNBLOCK, State.BLOCKED): (State.UNNOTIFIED, State.ACTIVE),
    (Move.DISABLE, State.UNNOTIFIED): (State.DISABLED, State.DISABLED),
    (Move.DISABLE, State.NOTIFIED): (State.DISABLED, State.DISABLED),
    (Move.DISABLE, State.ACTIVE): (State.DISABLED, State.DISABLED),
    (Move.ENABLE, State.DISABLED): (State.UNNOTIFIED, State.ACTIVE),
    (Move.MERGE, State.UNNOTIFIED): (State.DISABLED, State.DISABLED),
    (Move.MERGE, State.NOTIFIED): (State.DISABLED, State.DISABLED),
    (Move.MERGE, State.ACTIVE): (State.DISABLED, State.DISABLED),
    (Move.UNDO, State.ACTIVE): (State.UNNOTIFIED, State.UNNOTIFIED),
    (Move.UNDO, State.BLOCKED): (State.BLOCKED, State.BLOCKED),
    (Move.UNDO, State.DISABLED): (State.DISABLED, State.DISABLED),
    (Move.CLOSE, State.UNNOTIFIED): (State.CLOSED, State.CLOSED),
    (Move.CLOSE, State.NOTIFIED): (State.CLOSED, State.CLOSED),
    (Move.CLOSE, State.ACTIVE): (State.CLOSED, State.CLOSED),
    (Move.CLOSE, State.BLOCKED): (State.CLOSED, State.CLOSED),
    (Move.CLOSE, State.DISABLED): (State.CLOSED, State.CLOSED),
}
FORBIDDEN = [(move, state) for move in Move for state in State if (move, state) not in ALLOWED]


@pytest.mark.parametrize(("move", "state"), ALLOWED)
def test_an_allowed_move_leads_where_the_table_says(move: Move, state: State) -> None:
    never, once = ALLOWED[move, state]
    assert states.after(state, move, was_activated=False) is never
    assert states.after(state, move, was_activated=True) is once


@pytest.mark.parametrize(("move", "state"), FORBIDDEN)
@pytest.mark.parametrize("was_activated", [False, True])
def test_any_other_move_is_forbidden_and_says_which(move: Move, state: State, was_activated: bool) -> None:
    with pytest.raises(ForbiddenMove) as refused:
        states.after(state, move, was_activated=was_activated)
    assert (refused.value.move, refused.value.state) == (move, state)
    assert move in str(refused.value) and state in str(refused.value)


def test_nothing_leads_out_of_a_closed_account() -> None:
    assert {move for move, state in FORBIDDEN if state is State.CLOSED} == set(Move)


def test_the_sources_of_a_move_are_those_of_the_table() -> None:
    for move in Move:
        assert set(states.sources(move)) == {state for verb, state in ALLOWED if verb is move}


def test_who_comes_back_never_comes_back_notified() -> None:
    assert states.before(was_activated=True) is State.ACTIVE
    assert states.before(was_activated=False) is State.UNNOTIFIED


def test_the_drawing_has_one_arrow_per_move_and_no_other() -> None:
    arrows = {line.strip() for line in states.drawing().splitlines() if "-->" in line and "[*]" not in line}
    expected = {f"{state.name} --> {aim.name}: {move}" for (move, state), aims in ALLOWED.items() for aim in set(aims)}
    assert arrows == expected


def test_every_state_has_its_french_label() -> None:
    assert set(states.LABELS) == set(State) and len(set(states.LABELS.values())) == len(State)
