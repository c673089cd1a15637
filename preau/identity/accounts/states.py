"""The states of an account and the table of moves. Pure data: the drawing in docs/accounts.md is made from it."""

from enum import StrEnum


class State(StrEnum):
    """What somebody decided about an account. What a clock decides (expired, locked) is derived, never stored."""

    UNNOTIFIED = "unnotified"
    NOTIFIED = "notified"
    ACTIVE = "active"
    BLOCKED = "blocked"
    DISABLED = "disabled"
    CLOSED = "closed"


class Move(StrEnum):
    """The verbs that change a state."""

    NOTIFY = "notify"
    BURN = "burn"
    ACTIVATE = "activate"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DISABLE = "disable"
    ENABLE = "enable"
    MERGE = "merge"
    UNDO = "undo"
    CLOSE = "close"


LABELS = {
    State.UNNOTIFIED: "Non notifié",
    State.NOTIFIED: "Notifié",
    State.ACTIVE: "Activé",
    State.BLOCKED: "Bloqué",
    State.DISABLED: "Désactivé",
    State.CLOSED: "Fermé",
}

# Going back (unblock, enable) returns to the state before, which activated_at and notified_at tell: `before`.
BACK = "back"
MOVES: dict[Move, dict[State, State | str]] = {
    Move.NOTIFY: {State.UNNOTIFIED: State.NOTIFIED, State.NOTIFIED: State.NOTIFIED},
    Move.BURN: {State.NOTIFIED: State.UNNOTIFIED},
    Move.ACTIVATE: {State.UNNOTIFIED: State.ACTIVE, State.NOTIFIED: State.ACTIVE},
    Move.BLOCK: {State.UNNOTIFIED: State.BLOCKED, State.NOTIFIED: State.BLOCKED, State.ACTIVE: State.BLOCKED},
    Move.UNBLOCK: {State.BLOCKED: BACK},
    Move.DISABLE: {State.UNNOTIFIED: State.DISABLED, State.NOTIFIED: State.DISABLED, State.ACTIVE: State.DISABLED},
    Move.ENABLE: {State.DISABLED: BACK},
    # Absorbed by another account of the same person; « enable » undoes it.
    Move.MERGE: {State.UNNOTIFIED: State.DISABLED, State.NOTIFIED: State.DISABLED, State.ACTIVE: State.DISABLED},
    # The activation itself is undone (accounts/alone.py): what somebody shut since stays shut.
    Move.UNDO: {
        State.ACTIVE: State.UNNOTIFIED,
        State.BLOCKED: State.BLOCKED,
        State.DISABLED: State.DISABLED,
    },
    Move.CLOSE: {state: State.CLOSED for state in State if state is not State.CLOSED},
}


class ForbiddenMove(Exception):
    """The table of moves does not allow this verb from this state."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f"{move} is not allowed from {state}")
        self.state, self.move = state, move


def before(*, was_activated: bool) -> State:
    """Where an account that comes back stands. A letter never survives a block: it must be made again."""
    return State.ACTIVE if was_activated else State.UNNOTIFIED


def after(state: State, move: Move, *, was_activated: bool) -> State:
    """The state `move` leads to from `state`. Raises `ForbiddenMove`."""
    try:
        target = MOVES[move][state]
    except KeyError:
        raise ForbiddenMove(state, move) from None
    return before(was_activated=was_activated) if target == BACK else State(target)


def sources(move: Move) -> tuple[State, ...]:
    """The states `move` is allowed from."""
    return tuple(MOVES[move])


def drawing() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.UNNOTIFIED.name}: open"]
    for move, table in MOVES.items():
        for source, target in table.items():
            targets = (State.ACTIVE, State.UNNOTIFIED) if target == BACK else (State(target),)
            lines += [f"    {source.name} --> {aim.name}: {move}" for aim in targets]
    return "\n".join([*lines, f"    {State.CLOSED.name} --> [*]", ""])
