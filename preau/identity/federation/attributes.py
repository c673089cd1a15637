"""From facts to attributes, one line each, the same for both protocols. What leaves is decided in release.py.

The names, formats and object identifiers that begin with FrEdu are EduConnect's, as its clients read them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.directory.models import Enrolment, Guardianship, Pupil, SchoolKind
from preau.identity.federation.facts import Facts

Claims = dict[str, Any]
_SUBJECT, _NUMBER, _INE = "federation/subject", "federation/account-number", "federation/ine"
_ARC = "urn:oid:1.3.6.1.4.1.20326.10.999.1"
# What separates the parts and the values of a vector, wherever it is read.
_SEPARATORS = re.compile(r"[|;]")


@dataclass(frozen=True)
class Attribute:
    """One thing a service may learn. `value` answers None when it makes no sense for this person.

    `saml`: its Name and FriendlyName there; without, it is given by OpenID Connect alone. `words`: what families read.
    `of_pupils`: guardians have none; in EduConnect's shapes it is then an empty text.
    """

    words: str
    value: Callable[[Facts], Any]
    saml: tuple[str, str] | None = None
    of_pupils: bool = False


def _oid(number: int, friendly: str) -> tuple[str, str]:
    return f"{_ARC}.{number}", friendly


ATTRIBUTES: dict[str, Attribute] = {
    # Name (the claim's, the policy's) → what it is.
    "kind": Attribute("votre profil, responsable ou élève", lambda facts: facts.account.kind),
    "given_name": Attribute(
        "votre prénom", lambda facts: facts.holder and facts.holder.first_name, ("urn:oid:2.5.4.42", "givenName")
    ),
    "family_name": Attribute(
        "votre nom", lambda facts: facts.holder and facts.holder.surname, ("urn:oid:2.5.4.4", "sn")
    ),
    "name": Attribute("vos prénom et nom", lambda facts: _full_name(facts)),
    # An address is let out once its holder has confirmed it, never the school's (design.md §6.8).
    "email": Attribute(
        "votre adresse électronique",
        lambda facts: facts.account.email if facts.account.has_confirmed_email() else None,
        ("urn:oid:0.9.2342.19200300.100.1.3", "mail"),
    ),
    "email_verified": Attribute(
        "que votre adresse est vérifiée", lambda facts: facts.account.has_confirmed_email() or None
    ),
    "birthdate": Attribute("votre date de naissance", lambda facts: _birthdate(facts)),
    "children": Attribute("vos enfants, leur date de naissance, leur classe", lambda facts: _children(facts)),
    "division": Attribute("votre classe", lambda facts: _division(facts.enrolment)),
    "school": Attribute("votre établissement", lambda facts: _school(facts.enrolment)),
    "FrEduUrlRetour": Attribute(
        "l’adresse de déconnexion", lambda facts: facts.return_url, _oid(5, "FrEduUrlRetour")
    ),
    "FrEduCtDateConnexion": Attribute(
        "l’instant de votre connexion", lambda facts: _instant(facts), _oid(6, "FrEduCtDateConnexion")
    ),
    "FrEduCtPersonAffiliation": Attribute(
        "votre profil et le degré d’enseignement",
        lambda facts: affiliations(facts),
        _oid(7, "FrEduCtPersonAffiliation"),
    ),
    "FrEduCtId": Attribute(
        "un numéro de compte opaque", lambda facts: account_number(facts), _oid(57, "FrEduCtId")
    ),
    "FrEduCtEleveINEHash": Attribute(
        "une empreinte de votre numéro national d’élève",
        lambda facts: _ine_digest(facts.pupil),
        _oid(64, "FrEduCtEleveINEHash"),
        of_pupils=True,
    ),
    "FrEduCtDateNaissance": Attribute(
        "votre date de naissance",
        lambda facts: _birthdate(facts),
        _oid(67, "FrEduCtDateNaissance"),
        of_pupils=True,
    ),
    "FrEduCtEleveUAI": Attribute(
        "votre établissement",
        lambda facts: facts.enrolment and facts.enrolment.school_id,
        _oid(72, "FrEduCtEleveUAI"),
        of_pupils=True,
    ),
    "FrEduCtEleveNiveau": Attribute(
        "votre niveau", lambda facts: _grade(facts.enrolment), _oid(73, "FrEduCtEleveNiveau"), of_pupils=True
    ),
    "FrEduCtEleveCivilite": Attribute(
        "votre civilité", lambda facts: _title(facts.pupil), _oid(76, "FrEduCtEleveCivilite"), of_pupils=True
    ),
    # In clear, to the few services the law lets have it; OpenID Connect alone.
    "FrEduCtEleveINE": Attribute(
        "votre numéro national d’élève", lambda facts: (facts.pupil and facts.pupil.ine) or None, of_pupils=True
    ),
    "FrEduOrigAuth": Attribute(
        "si vous êtes passé par FranceConnect", lambda facts: "FC" if "fc" in facts.amr.split() else "ECT"
    ),
    # No object identifier is known for these two: ENTs find them by their name.
    "FrEduVecteur": Attribute(
        "vos nom et prénom, vos enfants dans cet établissement",
        lambda facts: vectors(facts),
        ("FrEduVecteur", "FrEduVecteur"),
    ),
    "FrEduCtRefId": Attribute(
        "votre numéro dans l’annuaire de l’académie", lambda facts: _references(facts), ("FrEduCtRefId", "FrEduCtRefId")
    ),
}  # fmt: skip


def values(facts: Facts, names: Iterable[str]) -> Claims:
    """What `names` come to for this person: those that make sense, in the order of the table."""
    wanted, found = frozenset(names), {}
    for name, attribute in ATTRIBUTES.items():
        if name in wanted and (value := attribute.value(facts)) not in (None, "", []):
            found[name] = value
    return found


def subject(account: Account, *, sector: str) -> str:
    """The name of the holder for one sector (OpenID Connect Core §8.1). A pupil's is the same in a guardian's list."""
    return pupil_subject(account.pupil_id, sector=sector) if account.pupil_id else _pseudonym(account.key, sector)


def pupil_subject(pupil_id: int, *, sector: str) -> str:
    """The name of a pupil for one sector, whether they sign in or a guardian of theirs does."""
    return _pseudonym(f"pupil:{pupil_id}", sector)


def account_number(facts: Facts) -> str:
    """FrEduCtId: 96 hexadecimal digits that never change; another service sees others, unless the operator said so."""
    person = f"pupil:{facts.account.pupil_id}" if facts.account.pupil_id else facts.account.key
    return keys.long_pseudonym(_NUMBER, facts.sector, person)


def affiliations(facts: Facts) -> list[str]:
    """resp1d, resp2d, eleve1d, eleve2d: one per person, the highest degree's, unless the service takes them all."""
    schools = [one.school for one in facts.enrolments] or [link.enrolment.school for link in facts.links]
    who = "eleve" if facts.is_pupil else "resp"
    degrees = sorted({"1d" if school.kind == SchoolKind.PRIMARY else "2d" for school in schools}, reverse=True)
    found = [f"{who}{degree}" for degree in degrees]
    return found if facts.party.takes_every_affiliation else found[:1]


def vectors(facts: Facts) -> list[str]:
    """``type|NOM|PRENOM|eleveId|UAI``, one per child and school; a pupil's own for one school only.

    Names stay as the school's base writes them: ENTs compare them letter for letter. Several vectors of a pupil are
    refused by ENTs: the newest school of those this service serves.
    """
    if facts.is_pupil:
        return [_vector("43"[_is_primary(one)], facts, one) for one in facts.enrolments[:1]]
    return [_vector("21"[_is_primary(link.enrolment)], facts, link.enrolment, link) for link in facts.shown_links]


def _vector(type_: str, facts: Facts, enrolment: Enrolment, link: Guardianship | None = None) -> str:
    person = link.guardian if link else enrolment.pupil
    parts = (type_, person.surname, person.first_name, enrolment.source_key, enrolment.school_id)
    return "|".join(_SEPARATORS.sub(" ", part) for part in parts)


def _references(facts: Facts) -> list[str]:
    # {AAF} is what ENTs match with; {ECT} is ours, so that an ENT that knows no number can still keep one.
    known = [
        f"{{AAF}}{int(academy) if academy.isdigit() else academy}||{number}" for academy, number in facts.join_keys
    ]
    return [*known, f"{{ECT}}{account_number(facts)}"]


def _is_primary(enrolment: Enrolment) -> bool:
    return enrolment.school.kind == SchoolKind.PRIMARY


def _instant(facts: Facts) -> str:
    here = timezone.localtime(facts.authenticated_at)
    return f"{here:%Y-%m-%d %H:%M:%S}.{here.microsecond // 1000:03d}"


def _ine_digest(pupil: Pupil | None) -> str | None:
    return keys.pseudonym(_INE, pupil.ine)[:32] if pupil and pupil.ine else None


def _birthdate(facts: Facts) -> str | None:
    return facts.pupil.birth_on.isoformat() if facts.pupil and facts.pupil.birth_on else None


def _title(pupil: Pupil | None) -> str | None:
    return {"M": "M.", "F": "Mme"}.get(pupil.sex) if pupil else None


def _full_name(facts: Facts) -> str | None:
    return f"{facts.holder.first_name} {facts.holder.surname}".strip() if facts.holder else None


def _children(facts: Facts) -> list[Claims] | None:
    if facts.is_pupil:
        return None
    children: dict[int, Claims] = {}
    for link in facts.links:
        children.setdefault(link.enrolment.pupil_id, _child(link.enrolment, facts.sector))
    return list(children.values())


def _child(enrolment: Enrolment, sector: str) -> Claims:
    pupil = enrolment.pupil
    # A protected file tells no guardian where the child is (directory/protection.py).
    shown = None if pupil.is_protected() else enrolment
    return {
        "sub": pupil_subject(pupil.pk, sector=sector),
        "given_name": pupil.first_name,
        "family_name": pupil.surname,
        "birthdate": pupil.birth_on.isoformat() if pupil.birth_on else None,
        "division": _division(shown),
        "school": _school(shown),
    }


def _grade(enrolment: Enrolment | None) -> str | None:
    return enrolment.division.grade if enrolment and enrolment.division else None


def _division(enrolment: Enrolment | None) -> str | None:
    return enrolment.division.code if enrolment and enrolment.division else None


def _school(enrolment: Enrolment | None) -> Claims | None:
    return {"uai": enrolment.school.uai, "name": enrolment.school.name} if enrolment else None


def _pseudonym(person: str, sector: str) -> str:
    return keys.pseudonym(_SUBJECT, sector, person)
