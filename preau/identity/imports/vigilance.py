"""An import can't smuggle people in (design §6.5): which changes are watched, and who is told. Pure.

A new or changed guardian of a pupil who has an active one: that one is told, and the new one can't activate alone for
48 hours. A changed mobile or e-mail of an active account: its holder is warned. Above a number of these: four eyes.
"""

from collections import defaultdict
from datetime import date, timedelta

from preau.identity.imports.plan import Change, Of, Plan, Watch, Watched
from preau.identity.imports.snapshot import GuardianFacts, LinkFacts, LinkKey, PupilFacts, Snapshot

WAITS = timedelta(hours=48)
_CHANNELS = ("email", "mobile")
# What makes a record another person's, or another person's to activate.
_IDENTITY = ("birth_name", "used_name", "first_name", *_CHANNELS)


def watched(
    plan: Plan, known: Snapshot, pupils: dict[str, PupilFacts], links: dict[LinkKey, LinkFacts], *, day: date
) -> list[Watched]:
    """The watched changes of `plan`, given the pupils and links as they will stand."""
    changed = {change.key[0]: change for change in plan.of(Of.GUARDIAN) if change.before is not None}
    found = [_contact(key, change, known) for key, change in changed.items() if _is_active(key, known)]
    newly = {change.key for change in plan.of(Of.LINK) if _opens_now(change)}
    children: dict[str, list[str]] = defaultdict(list)
    for (person, pupil), facts in links.items():
        if facts.opens_a_right and pupil in pupils and pupils[pupil].is_active_on(day):
            children[person].append(pupil)
    witnesses = _witnesses(known, pupils)
    for person, theirs in children.items():
        is_changed = person in changed and not _is_active(person, known) and _has_changed(changed[person], _IDENTITY)
        for pupil in theirs:
            told = tuple(sorted(witnesses[pupil] - {_account(person, known)}))
            if told and (person, pupil) in newly:
                found.append(Watched(Watch.GUARDIAN_ADDED, person, pupil, told))
            elif told and is_changed:
                found.append(Watched(Watch.GUARDIAN_CHANGED, person, pupil, told))
    return sorted((one for one in found if one), key=lambda one: (one.why, one.guardian, one.pupil))


def _witnesses(known: Snapshot, pupils: dict[str, PupilFacts]) -> dict[str, set[int]]:
    """The active accounts that answer for each pupil today, in this school and through others."""
    witnesses: dict[str, set[int]] = defaultdict(set)
    for (person, pupil), link in known.links.items():
        if link.opens_a_right and _is_active(person, known):
            witnesses[pupil].add(_account(person, known))
    for key, facts in pupils.items():
        witnesses[key].update(known.active_elsewhere.get(key, ()))
        if facts.ine and (other := known.elsewhere.get(facts.ine)):
            witnesses[key].update(other.active_accounts)
    return witnesses


def _contact(key: str, change: Change, known: Snapshot) -> Watched | None:
    channels = tuple(name for name in _CHANNELS if _has_changed(change, (name,)) and getattr(change.before, name))
    return Watched(Watch.CONTACT_CHANGED, key, "", (_account(key, known),), channels) if channels else None


def _opens_now(change: Change) -> bool:
    return change.after.opens_a_right and (change.before is None or not change.before.opens_a_right)


def _has_changed(change: Change, names: tuple[str, ...]) -> bool:
    before: GuardianFacts = change.before
    return any(getattr(before, name) != getattr(change.after, name) for name in names)


def _is_active(person: str, known: Snapshot) -> bool:
    behind = known.known_guardians.get(person)
    return behind is not None and behind.is_active


def _account(person: str, known: Snapshot) -> int:
    behind = known.known_guardians.get(person)
    return behind.account if behind else 0
