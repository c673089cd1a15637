"""What a service learns, in the words families read: several attributes that say one thing are one line."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity.federation import preview
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.release import OFFLINE

# Chosen in the reader's language when the page is drawn.
Text = str | Promise


@dataclass(frozen=True)
class Words:
    """One thing learnt: by which attributes, as a guardian reads it, as a pupil does. Empty: it is not said to them,
    because they have none."""

    names: frozenset[str]
    to_guardian: Text
    to_pupil: Text


def _words(names: str, to_guardian: Text = "", to_pupil: Text = "") -> Words:
    return Words(frozenset(names.split()), to_guardian, to_pupil)


WORDS = (
    _words("given_name family_name name", _("Vos nom et prénom"), _("Tes nom et prénom")),
    _words("email email_verified", _("Votre adresse électronique"), _("Ton adresse électronique")),
    _words("kind", _("Que vous êtes responsable d’un élève"), _("Que tu es élève")),
    _words(
        "FrEduCtPersonAffiliation",
        _("Que vous êtes responsable d’un élève, à l’école primaire ou après"),
        _("Que tu es élève, à l’école primaire ou après"),
    ),
    _words(
        "children",
        _("Vos enfants : leurs nom et prénom, leur date de naissance, leur classe et leur établissement"),
    ),
    _words(
        "FrEduVecteur",
        _("De quels élèves vous êtes responsable dans chaque établissement, et vos nom et prénom"),
        _("Tes nom et prénom, et ton numéro dans la base de ton établissement"),
    ),
    _words("birthdate FrEduCtDateNaissance", to_pupil=_("Ta date de naissance")),
    _words("school FrEduCtEleveUAI", to_pupil=_("Ton établissement")),
    _words("division", to_pupil=_("Ta classe")),
    _words("FrEduCtEleveNiveau", to_pupil=_("Ton niveau : sixième, cinquième…")),
    _words("FrEduCtEleveCivilite", to_pupil=_("Ta civilité : monsieur ou madame")),
    _words("FrEduCtEleveINE", to_pupil=_("Ton numéro national d’élève (INE)")),
    _words("FrEduCtEleveINEHash", to_pupil=_("Une empreinte de ton numéro national d’élève, où il ne se lit pas")),
    _words(
        "FrEduCtRefId",
        _("Votre numéro dans l’annuaire de l’académie"),
        _("Ton numéro dans l’annuaire de l’académie"),
    ),
    _words(
        "FrEduCtDateConnexion FrEduOrigAuth",
        _("Quand vous vous êtes connecté, et si c’était par FranceConnect"),
        _("Quand tu t’es connecté, et par quel moyen"),
    ),
    _words(
        "sub FrEduCtId",
        _("Un numéro qui lui permet de vous reconnaître, sans rien dire de vous"),
        _("Un numéro qui lui permet de te reconnaître, sans rien dire de toi"),
    ),
    _words(
        OFFLINE,
        _("Il pourra relire tout cela quand vous n’êtes pas là, jusqu’à ce que vous lui retiriez cet accès"),
        _("Il pourra relire tout cela quand tu n’es pas là, jusqu’à ce que tu lui retires cet accès"),
    ),
    # Where one signs out: nothing about anybody.
    _words("FrEduUrlRetour"),
)

# Why, by the scope that lets it out (release.py says the same to operators), to a guardian and to a pupil. What every
# service has needs no reason.
WHYS: dict[str, tuple[Text, Text]] = {
    "profile": (_("Pour vous appeler par votre nom"), _("Pour t’appeler par ton nom")),
    "email": (_("Pour vous écrire"), _("Pour t’écrire")),
    "children": (_("Pour vous montrer vos enfants et leur classe"), _("Pour te montrer ta classe")),
    "ect.scope.cnx": (
        _("Pour savoir de quel profil vous êtes, et comment vous vous êtes connecté"),
        _("Pour savoir de quel profil tu es, et comment tu t’es connecté"),
    ),
    "ent": (
        _("Pour vous retrouver dans l’annuaire de l’ENT"),
        _("Pour te retrouver dans l’annuaire de l’ENT"),
    ),
    "pupil": (
        _("Pour ouvrir à un élève un droit qui dépend de son âge, de son niveau et de son établissement"),
        _("Pour t’ouvrir un droit qui dépend de ton âge, de ton niveau et de ton établissement"),
    ),
}


@dataclass(frozen=True)
class Line:
    """One thing learnt, and why the service may."""

    words: str
    why: str


def lines(names: Iterable[str], party: RelyingParty, *, is_pupil: bool) -> list[Line]:
    """What a service learns of this kind of person, with its reasons."""
    found = frozenset(names)
    return [
        Line(words, ", ".join(_why(one.names & found, party, is_pupil=is_pupil)))
        for one in WORDS
        if one.names & found and (words := str(one.to_pupil if is_pupil else one.to_guardian))
    ]


def withheld(names: Iterable[str]) -> list[str]:
    """What people may fear that it learns, and it does not."""
    found = [gettext("le mot de passe"), gettext("le numéro de téléphone")]
    if not {"email", "email_verified"} & set(names):
        found.append(gettext("l’adresse électronique"))
    return [*found, gettext("les autres services utilisés avec ce compte")]


def _why(names: frozenset[str], party: RelyingParty, *, is_pupil: bool) -> list[str]:
    scopes = (scope for name in sorted(names) for scope in preview.scopes_of(name, party) if scope in WHYS)
    found = [str(WHYS[scope][is_pupil]) for scope in scopes]
    return list(dict.fromkeys([*found, party.reason] if names & set(party.attributes) else found))
