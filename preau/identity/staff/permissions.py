"""THE permission table: what each role may do, and within what. A head of school can read it.

The scope is applied in the queryset (`within`), before anything is fetched: what is outside does not exist (404).
"""

from datetime import date
from enum import StrEnum

from django.db.models import Q

from preau.identity.accounts.models import AccountQuerySet, in_the_hands_of, of_academy, of_divisions, of_school
from preau.identity.staff.models import Grant, Role


class Deed(StrEnum):
    """Everything the desk can do."""

    SEE_PUPILS = "see_pupils"
    SEE_GUARDIANS = "see_guardians"
    NOTIFY = "notify"
    EXPORT = "export"
    RESET_PUPIL = "reset_pupil"
    BLOCK = "block"
    BURN = "burn"
    IMPORT = "import"
    SEE_TICKET = "see_ticket"
    CORRECT = "correct"
    PROTECT = "protect"
    REMOVE_FACTORS = "remove_factors"
    FORGET_CHANNEL = "forget_channel"
    UNDO_OPENING = "undo_opening"
    CONFIRM_STAFF = "confirm_staff"
    SEE_JOURNAL = "see_journal"
    CONNECT_PARTIES = "connect_parties"
    PREVIEW_RELEASE = "preview_release"


class Scope(StrEnum):
    """Within what."""

    NOWHERE = "–"
    OWN_DIVISIONS = "ses divisions"
    SCHOOL = "son établissement"
    ACADEMY = "son académie"
    DEPLOYMENT = "tout le déploiement"


WORDS = {
    Deed.SEE_PUPILS: "Voir les comptes des élèves",
    Deed.SEE_GUARDIANS: "Voir les comptes des responsables",
    Deed.NOTIFY: "Inviter, notifier, imprimer",
    Deed.EXPORT: "Exporter une liste",
    Deed.RESET_PUPIL: "Redonner un mot de passe à un élève",
    Deed.BLOCK: "Bloquer et débloquer un compte",
    Deed.BURN: "Détruire les mots de passe provisoires",
    Deed.IMPORT: "Importer la base de l’établissement",
    Deed.SEE_TICKET: "Lire le ticket d’une famille bloquée",
    Deed.CORRECT: "Corriger une fiche, régler un lien contesté",
    Deed.PROTECT: "Protéger le dossier d’un élève",
    Deed.REMOVE_FACTORS: "Retirer l’application et les clés perdues d’un compte",
    Deed.FORGET_CHANNEL: "Retirer d’un compte une adresse ou un mobile qui n’est pas à la personne",
    Deed.UNDO_OPENING: "Annuler un accès ouvert par FranceConnect seul",
    Deed.CONFIRM_STAFF: "Confirmer et retirer l’accès d’un personnel",
    Deed.SEE_JOURNAL: "Lire le journal",
    Deed.CONNECT_PARTIES: "Raccorder les services",
    Deed.PREVIEW_RELEASE: "Prévoir ce qu’un service apprendrait d’une personne",
}

_HEAD, _DEPUTY, _DELEGATE = Role.HEAD, Role.DEPUTY, Role.DELEGATE
_TUTOR, _SUPPORT, _OPERATOR = Role.FORM_TUTOR, Role.ACADEMY_SUPPORT, Role.OPERATOR
_SCHOOL, _ACADEMY, _OWN = Scope.SCHOOL, Scope.ACADEMY, Scope.OWN_DIVISIONS

TABLE: dict[Deed, dict[Role, Scope]] = {
    Deed.SEE_PUPILS: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL, _TUTOR: _OWN, _SUPPORT: _ACADEMY},
    Deed.SEE_GUARDIANS: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL, _SUPPORT: _ACADEMY},
    Deed.NOTIFY: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.EXPORT: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.RESET_PUPIL: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL, _TUTOR: _OWN, _SUPPORT: _ACADEMY},
    Deed.BLOCK: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _SUPPORT: _ACADEMY},
    Deed.BURN: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _SUPPORT: _ACADEMY},
    Deed.IMPORT: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.SEE_TICKET: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL, _SUPPORT: _ACADEMY},
    Deed.CORRECT: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.PROTECT: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL},
    Deed.REMOVE_FACTORS: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.FORGET_CHANNEL: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL},
    Deed.UNDO_OPENING: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL, _DELEGATE: _SCHOOL, _SUPPORT: _ACADEMY},
    Deed.CONFIRM_STAFF: {_HEAD: _SCHOOL},
    Deed.SEE_JOURNAL: {_HEAD: _SCHOOL, _DEPUTY: _SCHOOL},
    # The operator connects services and reaches nobody's file: no list, no journal of a school.
    Deed.CONNECT_PARTIES: {_OPERATOR: Scope.DEPLOYMENT},
    Deed.PREVIEW_RELEASE: {_OPERATOR: Scope.DEPLOYMENT},
}

# Deeds that always ask our own second factor, whatever the portal says (design.md §6.4).
ALWAYS_OWN_FACTOR = frozenset(
    {
        Deed.EXPORT, Deed.IMPORT, Deed.CORRECT, Deed.PROTECT, Deed.REMOVE_FACTORS, Deed.FORGET_CHANNEL,
        Deed.CONFIRM_STAFF, Deed.BURN, Deed.CONNECT_PARTIES, Deed.PREVIEW_RELEASE,
    }
)  # fmt: skip
# Deeds that change what opens an account. Who is known by two schools is seen by both; one of them acts, the old one
# until it has released the pupil, and a school somebody left acts no more (design.md §5). Notifying sees its reasons.
ACTS = frozenset(
    {
        Deed.RESET_PUPIL, Deed.BLOCK, Deed.BURN, Deed.CORRECT, Deed.PROTECT, Deed.UNDO_OPENING, Deed.REMOVE_FACTORS,
        Deed.FORGET_CHANNEL,
    }
)  # fmt: skip


def scope(deed: Deed, role: str) -> Scope:
    """Where `role` may do `deed`; nowhere unless the table says so."""
    return TABLE[deed].get(Role(role), Scope.NOWHERE)


def may(grant: Grant | None, deed: Deed) -> bool:
    """Whether the holder of `grant` may do `deed` somewhere."""
    return grant is not None and scope(deed, grant.role) is not Scope.NOWHERE


def within(accounts: AccountQuerySet, grant: Grant, deed: Deed, day: date) -> AccountQuerySet:
    """The accounts of the set that `grant` reaches for `deed` on `day`; none when it reaches nothing."""
    condition = reach(grant, deed, day)
    return accounts.none() if condition is None else accounts.filter(condition)


def reach(grant: Grant, deed: Deed, day: date, *, prefix: str = "") -> Q | None:
    """The same as a condition, on accounts reached through `prefix`; None when the grant reaches nothing."""
    where, acts = scope(deed, grant.role), deed in ACTS
    if where is Scope.SCHOOL and (uai := grant.school_id):
        return in_the_hands_of(day, prefix, school=uai) if acts else of_school(uai, prefix)
    if where is Scope.OWN_DIVISIONS and grant.school_id:
        own = of_divisions(grant.divisions_on(day), day, prefix)
        return own & in_the_hands_of(day, prefix, school=grant.school_id) if acts else own
    if where is Scope.ACADEMY and (code := grant.academy_id):
        return in_the_hands_of(day, prefix, school__academy=code) if acts else of_academy(code, prefix)
    return None
