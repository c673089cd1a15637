"""Every sentence an import says to people: why it is refused, what is doubtful, what changes. One per cause.

A refusal says what the file is, what was expected, and what to do. Rule files raise causes; here they become words.
"""
# size: two catalogues, one entry per cause

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from preau.identity.directory import school_year
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.records import Kind

Words = str | Promise

KINDS: dict[str, Words] = {
    Kind.PUPILS: _("Élèves (SIECLE)"),
    Kind.GUARDIANS: _("Responsables (SIECLE)"),
    Kind.STRUCTURES: _("Structures (SIECLE)"),
    Kind.NOMENCLATURE: _("Nomenclature (SIECLE)"),
    Kind.SCHOOL: _("Communs (SIECLE)"),
    Kind.STAFF: _("Personnels et professeurs principaux (STS-Web)"),
}
_ROWS: dict[str, Words] = {
    "pupil": _("d’élève"), "placement": _("d’affectation dans une classe"), "person": _("de personne"),
    "link": _("de lien responsable-élève"), "staff": _("de personnel"),
}  # fmt: skip

REFUSALS: dict[Cause, Words] = {
    Cause.NO_FILE: _("Aucun fichier n’a été donné. Choisissez les fichiers exportés de SIECLE et de STS-Web."),
    Cause.EMPTY: _("Ce fichier est vide. Le téléchargement a sans doute été interrompu : exportez-le de nouveau."),
    Cause.TOO_LARGE: _(
        "Ce fichier dépasse %(megabytes)s Mo : ce n’est pas l’export d’un seul établissement. "
        "Vérifiez que vous avez choisi le bon."
    ),
    Cause.DAMAGED_ZIP: _(
        "Ce fichier zip est abîmé ou incomplet. Téléchargez-le de nouveau depuis SIECLE, sans l’ouvrir ni le modifier."
    ),
    Cause.LOCKED_ZIP: _(
        "Ce fichier zip est protégé par un mot de passe. Donnez le fichier tel que SIECLE l’a produit, sans protection."
    ),
    Cause.SEVERAL_MEMBERS: _(
        "Ce fichier zip contient %(count)s fichiers, on en attend un seul. "
        "Donnez un par un les zips que SIECLE a produits, sans les rassembler."
    ),
    Cause.NO_MEMBER: _("Ce fichier zip ne contient aucun export. Téléchargez-le de nouveau depuis SIECLE."),
    Cause.UNSAFE_MEMBER: _(
        "Ce fichier zip n’a pas été fait par SIECLE : il contient un nom de fichier dangereux. Ne l’ouvrez pas, "
        "et prévenez l’assistance académique si vous ne savez pas d’où il vient."
    ),
    Cause.EXPANDS_TOO_MUCH: _(
        "Ce fichier zip grossit au-delà du raisonnable (plus de %(megabytes)s Mo) : il n’a pas été fait par SIECLE. "
        "Téléchargez l’export de nouveau."
    ),
    Cause.SPREADSHEET: _(
        "Ce fichier est un classeur ou un document de bureautique. On attend l’export XML de SIECLE ou de STS-Web, "
        "zippé ou non, tel qu’il a été téléchargé."
    ),
    Cause.NOT_XML: _(
        "Ce fichier n’est pas un export XML. Dans SIECLE, ouvrez « Exportations », puis « En XML », "
        "et donnez le fichier obtenu sans l’ouvrir."
    ),
    Cause.MALFORMED: _(
        "Ce fichier est coupé ou modifié : il n’est plus lisible à partir de la ligne %(line)s, colonne %(column)s. "
        "Exportez-le de nouveau et donnez-le sans l’ouvrir."
    ),
    Cause.HAS_DTD: _(
        "Ce fichier contient des définitions (DTD) qu’aucun export officiel ne contient : il est refusé par sécurité. "
        "Donnez le fichier que SIECLE ou STS-Web a produit."
    ),
    Cause.WRONG_ENCODING: _(
        "Les accents de ce fichier sont abîmés (ligne %(line)s) : il annonce l’encodage %(declared)s, mais il est "
        "écrit dans "
        "un autre. Il a sans doute été ouvert puis enregistré. Exportez-le de nouveau et donnez-le sans l’ouvrir."
    ),
    Cause.UNEXPECTED_ENCODING: _(
        "Ce fichier est écrit dans un encodage inattendu (%(encoding)s). Il a sans doute été ouvert puis enregistré : "
        "exportez-le de nouveau et donnez-le tel quel."
    ),
    Cause.TOO_DEEP: _("Ce fichier n’a pas la forme d’un export de SIECLE ou de STS-Web. Exportez-le de nouveau."),
    Cause.TOO_LONG: _(
        "Ce fichier contient bien plus de lignes ou de texte qu’un établissement n’en a. Vérifiez que vous avez "
        "choisi le bon."
    ),
    Cause.UNKNOWN_ROOT: _(
        "Ce fichier n’est pas un export connu (il commence par « %(root)s »). On attend : Élèves, Responsables, "
        "Structures, "
        "Nomenclature ou Communs de SIECLE, ou le fichier sts_emp de STS-Web."
    ),
    Cause.UNUSED_ROOT: _(
        "Vous avez donné le fichier « %(given)s », dont Préau ne se sert pas. On attend : Élèves, Responsables, "
        "Structures, "
        "Nomenclature ou Communs de SIECLE, ou le fichier sts_emp de STS-Web."
    ),
    Cause.REVERSED_STS: _(
        "Vous avez donné le fichier qui remonte de l’emploi du temps vers STS-Web (emp_sts). On attend celui qui en "
        "descend : "
        "dans STS-Web, « Exports », puis « Emplois du temps » (sts_emp)."
    ),
    Cause.NO_SCHOOL_CODE: _(
        "Ce fichier ne dit pas de quel établissement il vient (code UAI absent). Exportez-le de nouveau."
    ),
    Cause.NO_YEAR: _("Ce fichier ne dit pas de quelle année scolaire il est. Exportez-le de nouveau."),
    Cause.NO_KEY: _("Une ligne %(row)s n’a pas d’identifiant : le fichier a été modifié. Exportez-le de nouveau."),
    Cause.SAME_KIND_TWICE: _("Deux fichiers du même genre ont été donnés : %(kind)s. Gardez le plus récent seulement."),
    Cause.SEVERAL_SCHOOLS: _(
        "Ces fichiers viennent de plusieurs établissements (%(schools)s). Donnez ensemble les fichiers d’un seul."
    ),
    Cause.UNKNOWN_SCHOOL: _(
        "L’établissement %(given)s n’est pas connu de Préau. L’exploitant l’ajoute avec : preau identity school add "
        "%(given)s"
    ),
    Cause.OTHER_SCHOOL: _(
        "Ces fichiers sont ceux de l’établissement %(given)s, et vous travaillez pour %(expected)s. "
        "Choisissez les fichiers de votre établissement."
    ),
    Cause.SEVERAL_YEARS: _(
        "Ces fichiers ne sont pas de la même année scolaire (%(years)s). Exportez-les tous de la base de l’année en "
        "cours."
    ),
    Cause.OTHER_YEAR: _(
        "Ces fichiers sont ceux de l’année %(given_year)s, on attend ceux de %(expected_year)s. Exportez-les de la "
        "base de "
        "l’année en cours ; si c’est bien cette année que vous voulez importer, indiquez-la."
    ),
    Cause.OLDER_EXPORT: _(
        "Ce fichier a été exporté le %(given_at)s, et un plus récent, du %(last_at)s, est déjà importé. "
        "Exportez-le de nouveau pour ne pas revenir en arrière."
    ),
    Cause.NO_PUPIL: _("Ce fichier d’élèves n’en contient aucun. Vérifiez les filtres de l’export, puis recommencez."),
    Cause.SAME_PUPIL_KEY: _(
        "Plusieurs élèves de ce fichier portent le même numéro interne (ELEVE_ID %(keys)s) : il a été modifié. "
        "Exportez-le de nouveau."
    ),
    Cause.SAME_PERSON_KEY: _(
        "Plusieurs personnes de ce fichier portent le même numéro interne (PERSONNE_ID %(keys)s) : il a été modifié. "
        "Exportez-le de nouveau."
    ),
    Cause.SAME_INE: _(
        "Plusieurs élèves portent le même INE (ELEVE_ID %(keys)s). Corrigez-les dans SIECLE, puis exportez de "
        "nouveau : "
        "deux élèves ne peuvent pas partager un compte."
    ),
    Cause.PLAN_CHANGED: _(
        "La base a changé depuis que cet import a été relu : ce qu’il ferait n’est plus ce qui vous a été montré. "
        "Donnez de nouveau les fichiers et relisez."
    ),
    Cause.NEEDS_CONFIRMATION: _(
        "Cet import ferait passer %(shrinking)s. Si c’est bien voulu, confirmez-le ; sinon, vérifiez que l’export "
        "n’a pas "
        "été filtré."
    ),
    Cause.NEEDS_SECOND_PERSON: _(
        "Cet import ajoute ou change beaucoup de responsables d’élèves dont un responsable a déjà un compte actif "
        "(%(watched)s). Une seconde personne de l’établissement doit le relire et l’approuver, à l’écran « Imports »."
    ),
    Cause.ALREADY_CLOSED: _("Cet import est déjà terminé. Donnez de nouveau les fichiers pour en faire un autre."),
}


class Advice(NamedTuple):
    """What was seen, and what to do about it."""

    seen: Words
    do: Words


_IN_SIECLE = _("Vérifiez dans SIECLE, puis importez de nouveau.")
ADVICE: dict[Doubt, Advice] = {
    Doubt.LOST_LETTERS: Advice(
        _("Une lettre du nom s’est perdue"),
        _(
            "SIECLE écrit « ? » pour les lettres qu’il ne connaît pas. Rien n’est deviné : la famille le signalera "
            "au guichet."
        ),
    ),
    Doubt.NO_INE: Advice(
        _("Élève sans INE"), _("C’est normal pour un nouvel arrivant. L’INE viendra avec un prochain export.")
    ),
    Doubt.WRONG_INE: Advice(_("INE dont la clé est fausse"), _IN_SIECLE),
    Doubt.NO_BIRTH_DATE: Advice(
        _("Élève sans date de naissance"),
        _("L’élève et ses responsables ne pourront pas activer seuls leur compte. Complétez la date dans SIECLE."),
    ),
    Doubt.NO_NAME: Advice(_("Nom ou prénom absent"), _IN_SIECLE),
    Doubt.UNREADABLE_DATE: Advice(_("Date qui n’existe pas"), _IN_SIECLE),
    Doubt.HOMONYM_PUPILS: Advice(
        _("Élèves qui portent le même nom"),
        _("Ils gardent chacun leur compte. Vérifiez que ce ne sont pas deux fois le même."),
    ),
    Doubt.IN_TWO_SCHOOLS: Advice(
        _("Élève inscrit aussi dans un autre établissement"),
        _(
            "Tant que l’ancien établissement n’a pas enregistré son départ, lui seul agit sur son compte. "
            "Demandez-lui de le faire."
        ),
    ),
    Doubt.INE_OF_ANOTHER: Advice(
        _("INE déjà porté par un autre élève"),
        _("Le nom ou la date de naissance ne sont pas les mêmes : l’INE n’est pas repris. Vérifiez-le dans SIECLE."),
    ),
    Doubt.FUTURE_EXIT: Advice(
        _("Sortie prévue à une date à venir"), _("L’élève reste actif jusqu’à ce jour. Rien à faire.")
    ),
    Doubt.LEAVER_WITH_DIVISION: Advice(
        _("Élève sorti qui garde une classe"), _("La date de sortie l’emporte. Rien à faire.")
    ),
    Doubt.NO_DIVISION: Advice(
        _("Élève actif sans classe"), _("Affectez-le dans SIECLE pour qu’il paraisse dans une liste.")
    ),
    Doubt.SEVERAL_DIVISIONS: Advice(
        _("Élève dans plusieurs classes"), _("La première est retenue. Corrigez dans SIECLE.")
    ),
    Doubt.UNLISTED_DIVISION: Advice(
        _("Classe absente du fichier Structures"),
        _("Elle est créée avec son code pour nom. Exportez Structures de nouveau."),
    ),
    Doubt.PLACED_TWICE: Advice(
        _("Élève affecté deux fois"), _("La première affectation est retenue. Corrigez dans SIECLE.")
    ),
    Doubt.PLACEMENT_OF_UNKNOWN: Advice(_("Affectation d’un élève absent du fichier"), _("Elle est laissée de côté.")),
    Doubt.OTHER_PUPIL_UNDER_KEY: Advice(
        _("Le numéro interne d’un élève désigne maintenant quelqu’un d’autre"),
        _(
            "La ligne est laissée de côté, pour que le compte de l’un ne passe pas à l’autre. Prévenez l’assistance "
            "académique."
        ),
    ),
    Doubt.NO_GUARDIAN: Advice(
        _("Élève actif sans responsable légal"),
        _("Personne ne recevra de lettre pour lui. Complétez ses responsables dans SIECLE."),
    ),
    Doubt.MANY_GUARDIANS: Advice(
        _("Plus de deux responsables légaux"),
        _("Tous sont importés. Vérifiez dans SIECLE qu’ils exercent l’autorité parentale."),
    ),
    Doubt.LINK_TO_UNKNOWN_PUPIL: Advice(
        _("Lien vers un élève qui n’est pas dans la base"),
        _("Le lien est refusé. Donnez le fichier Élèves du même jour."),
    ),
    Doubt.LINK_TO_UNKNOWN_PERSON: Advice(
        _("Lien vers une personne absente du fichier"), _("Le lien est refusé. Exportez Responsables de nouveau.")
    ),
    Doubt.LEVELS_DISAGREE: Advice(
        _("Responsabilité contradictoire"),
        _(
            "L’ancien et le nouveau niveau se contredisent : par prudence, aucun droit n’est ouvert. Corrigez dans "
            "SIECLE."
        ),
    ),
    Doubt.NO_LEVEL: Advice(
        _("Niveau de responsabilité absent"),
        _("Par prudence, aucun droit n’est ouvert. Complétez le niveau dans SIECLE."),
    ),
    Doubt.LINK_TWICE: Advice(_("Lien écrit deux fois"), _("Le moins favorable est retenu. Corrigez dans SIECLE.")),
    Doubt.SELF_GUARDIAN_MINOR: Advice(
        _("Élève mineur noté comme son propre responsable"),
        _("Aucun droit n’est ouvert par ce lien. Corrigez dans SIECLE."),
    ),
    Doubt.SELF_GUARDIAN_OTHER_NAME: Advice(
        _("Personne notée « élève lui-même » sous un autre nom"),
        _("Aucun droit n’est ouvert par ce lien. Corrigez le lien de parenté dans SIECLE."),
    ),
    Doubt.BODY: Advice(
        _("Service et non personne (aide sociale à l’enfance)"),
        _("Il n’a pas de compte et ne reçoit rien par l’action ordinaire. C’est à vous de décider avec lui."),
    ),
    Doubt.PERSON_WITHOUT_PUPIL: Advice(_("Personne reliée à aucun élève"), _("Elle n’a pas de compte. Rien à faire.")),
    Doubt.NO_CHANNEL: Advice(
        _("Responsable sans courriel ni mobile"),
        _("La lettre de l’établissement est son seul chemin. Complétez si vous le pouvez."),
    ),
    Doubt.SHARED_MOBILE: Advice(
        _("Mobile partagé par plusieurs responsables"),
        _("Aucun code ne lui sera envoyé sans autre preuve. Demandez un mobile à chacun."),
    ),
    Doubt.SHARED_EMAIL: Advice(
        _("Courriel partagé par plusieurs responsables"),
        _("Aucun mot de passe ne lui sera envoyé : une lettre, ou une invitation. Demandez une adresse à chacun."),
    ),
    Doubt.HOMONYM_GUARDIANS: Advice(
        _("Responsables qui portent le même nom"),
        _("Ils ne sont jamais rassemblés d’office. Si c’est une même personne saisie deux fois, corrigez dans SIECLE."),
    ),
    Doubt.UNREADABLE_MOBILE: Advice(
        _("Numéro de téléphone inutilisable"), _("Corrigez-le dans SIECLE : dix chiffres, ou +33…")
    ),
    Doubt.UNREADABLE_EMAIL: Advice(_("Courriel inutilisable"), _("Corrigez-le dans SIECLE.")),
    Doubt.CONTACT_KEPT: Advice(
        _("Coordonnée vide dans le fichier, mais prouvée par la personne"), _("Elle est gardée. Complétez SIECLE.")
    ),
    Doubt.CORRECTION_KEPT: Advice(
        _("Correction faite ici, pas encore reportée dans la base"),
        _("La valeur corrigée est gardée. Reportez-la dans SIECLE : la liste est dans « Corrections »."),
    ),
    Doubt.CORRECTION_OVERRULED: Advice(
        _("Correction faite ici, et base changée depuis pour une autre valeur"),
        _("La base l’emporte. Vérifiez la fiche avec la famille."),
    ),
    Doubt.LINK_REFUTED: Advice(
        _("Lien jugé faux ici, toujours écrit dans la base"),
        _("Il n’ouvre aucun droit. Supprimez-le dans SIECLE."),
    ),
    Doubt.UNKNOWN_DIVISION_OF_TUTOR: Advice(
        _("Professeur principal d’une classe inconnue"),
        _("Il n’a pas de classe ici. Vérifiez le code de la classe dans STS-Web."),
    ),
    Doubt.ENDED_MANDATE: Advice(
        _("Professeur principal dont le mandat est terminé"), _("Il n’a plus de droit. Rien à faire.")
    ),
    Doubt.NO_FUNCTION: Advice(
        _("Personnel sans fonction"), _("Il n’a aucun droit. Complétez la fonction dans STS-Web.")
    ),
    Doubt.SAME_STAFF_KEY: Advice(_("Personnel écrit deux fois"), _("Le premier est retenu.")),
    Doubt.WRONG_SCHOOL_KEY: Advice(
        _("Code d’établissement dont la lettre est fausse"), _("Vérifiez d’où vient ce fichier.")
    ),
    Doubt.NO_EXPORT_DATE: Advice(
        _("Fichier sans date d’export"), _("On ne peut pas savoir s’il est plus ancien qu’un autre.")
    ),
}

COUNTS: dict[str, Words] = {
    "pupils_in_file": _("élèves dans le fichier"),
    "pupils_with_ine": _("avec un INE"),
    "pupils_without_birth_date": _("sans date de naissance"),
    "pupils_with_exit_date": _("avec une date de sortie"),
    "pupils_active": _("élèves actifs"),
    "divisions": _("classes"),
    "persons_in_file": _("personnes dans le fichier des responsables"),
    "persons_linked": _("reliées à un élève"),
    "links_in_file": _("liens responsable-élève"),
    "legal_guardians": _("responsables légaux d’élèves actifs"),
    "guardians_with_account": _("responsables qui ont ou auront un compte"),
    "corrections_reported": _("corrections désormais reportées dans la base"),
    "staff_in_file": _("personnels"),
    "form_tutors": _("professeurs principaux"),
}
DEEDS: dict[tuple[str, str], Words] = {
    ("pupil", "create"): _("Élèves qui arrivent"),
    ("pupil", "change"): _("Élèves dont la fiche change"),
    ("pupil", "leave"): _("Élèves qui partent"),
    ("pupil", "return"): _("Élèves qui reviennent"),
    ("guardian", "create"): _("Personnes nouvelles"),
    ("guardian", "change"): _("Personnes dont la fiche change"),
    ("link", "create"): _("Liens ajoutés"),
    ("link", "change"): _("Liens qui changent"),
    ("link", "leave"): _("Liens qui se terminent"),
    ("link", "return"): _("Liens qui reprennent"),
    ("division", "create"): _("Classes nouvelles"),
    ("division", "change"): _("Classes qui changent"),
    ("division", "remove"): _("Classes retirées"),
    ("staff", "create"): _("Personnels nouveaux"),
    ("staff", "change"): _("Personnels dont la fiche change"),
    ("staff", "leave"): _("Personnels qui partent"),
    ("staff", "return"): _("Personnels qui reviennent"),
    ("tutor", "create"): _("Professeurs principaux nommés"),
    ("tutor", "change"): _("Mandats de professeur principal qui changent"),
    ("tutor", "remove"): _("Mandats de professeur principal terminés"),
    ("school", "change"): _("Fiche de l’établissement"),
}
COLUMNS: dict[str, Words] = {
    "ine": _("INE"), "birth_name": _("nom de naissance"), "used_name": _("nom d’usage"), "first_name": _("prénom"),
    "birth_on": _("date de naissance"), "sex": _("sexe"), "deceased": _("décès"), "division": _("classe"),
    "entered_on": _("entrée"), "left_on": _("sortie"), "exit_reason": _("motif de sortie"), "email": _("courriel"),
    "mobile": _("mobile"), "mobile_given": _("numéro non lu"), "phone": _("téléphone"), "address": _("adresse"),
    "title": _("civilité"), "is_body": _("service"), "level": _("niveau"), "is_legal": _("responsable légal"),
    "kinship": _("lien de parenté"), "is_ended": _("terminé"), "label": _("libellé"), "grade": _("niveau scolaire"),
    "surname": _("nom"), "function": _("fonction"), "is_gone": _("parti"), "starts_on": _("début"), "ends_on": _("fin"),
    "name": _("nom"), "kind": _("type"), "academy": _("académie"), "postcode": _("code postal"), "town": _("commune"),
    "school_year": _("année scolaire"), "last_export_at": _("date de l’export"),
}  # fmt: skip
WATCHED: dict[str, Words] = {
    "guardian_added": _("devient responsable légal d’un élève dont un responsable a déjà un compte actif"),
    "guardian_changed": _("change de nom ou de coordonnées, et l’autre responsable a déjà un compte actif"),
    "contact_changed": _("a un compte actif, et ses coordonnées changent"),
}
KINSHIPS: dict[str, Words] = {
    "10": _("mère"), "20": _("père"), "37": _("fratrie"), "38": _("ascendant"), "39": _("autre membre de la famille"),
    "41": _("éducateur"), "42": _("assistant familial"), "43": _("garde d’enfant"), "50": _("tuteur"),
    "51": _("aide sociale à l’enfance"), "70": _("élève lui-même"), "90": _("autre lien"),
}  # fmt: skip
LEVELS: dict[int, Words] = {
    0: _("non renseigné"), 1: _("responsable légal"), 2: _("en charge de l’élève"), 3: _("contact"),
}  # fmt: skip
SHRINKING: dict[str, Words] = {
    "pupils": _("les élèves actifs de %(before)s à %(after)s"),
    "guardians": _("les responsables légaux de %(before)s à %(after)s"),
}


def refusal(refused: Refused) -> str:
    """The sentence of a refusal, with the file's name before it when there is one."""
    return of_cause(refused.cause, refused.facts, file=refused.file)


def of_cause(cause: str, facts: Mapping[str, Any], *, file: str = "") -> str:
    """The sentence of a cause, filled with its facts."""
    words = str(REFUSALS[Cause(cause)]) % _said(Cause(cause), facts)
    return gettext("« %(file)s » : %(words)s") % {"file": file, "words": words} if file else words


def shrinking(sizes: Mapping[str, Any]) -> str:
    """« les élèves actifs de 402 à 12 »."""
    parts = [str(SHRINKING[what]) % {"before": before, "after": after} for what, (before, after) in sizes.items()]
    return gettext(" et ").join(parts)


def doubts_in_words(number: int) -> str:
    """« 3 points à vérifier »."""
    return ngettext("%(number)s point à vérifier", "%(number)s points à vérifier", number) % {"number": number}


def value(column: str, written: Any) -> str:
    """A value, as people read it."""
    if written is None or written == "":
        return "—"
    if isinstance(written, bool):
        return gettext("oui") if written else gettext("non")
    if isinstance(written, datetime):
        return date_format(localtime(written), "j F Y, H\\hi")
    if hasattr(written, "year"):
        return date_format(written, "d/m/Y")
    words = KINSHIPS.get(written) if column == "kinship" else LEVELS.get(written) if column == "level" else None
    return str(words or written)


def _said(cause: Cause, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as people say them."""
    said: dict[str, Any] = dict(facts)
    if cause is Cause.OTHER_YEAR:
        said |= {f"{name}_year": school_year.label(int(facts[name])) for name in ("given", "expected")}
    elif cause is Cause.OLDER_EXPORT:
        said |= {f"{name}_at": value("", _instant(facts[name])) for name in ("given", "last")}
    elif cause is Cause.NO_KEY:
        said["row"] = _ROWS.get(str(facts["of"]), "")
    elif cause is Cause.SAME_KIND_TWICE:
        said["kind"] = KINDS[str(facts["kind"])]
    elif cause is Cause.NEEDS_CONFIRMATION:
        said["shrinking"] = shrinking(facts["sizes"])
    return said


def _instant(written: Any) -> datetime:
    return written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
