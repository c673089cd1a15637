"""What the start page of the demo says: who one can be, with what in hand, and what to try. In French, for people."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from preau.demo import stage
from preau.demo.cast import Cast
from preau.demo.citizens import citizens
from preau.demo.crowd import national
from preau.demo.keepsakes import Keepsakes
from preau.demo.rows import LEGAL, GuardianRow, PupilRow
from preau.demo.street import Street
from preau.identity.accounts.states import LABELS, State

NEWER_LETTER = "L’établissement a fait une lettre plus récente : seule la dernière compte."


def written(cast: Cast, kept: Keepsakes, street: Street, files: Path) -> str:
    """The file the simulators read, as JSON (its shape: preau/simulators/cast.py)."""
    content = {
        "school": {"name": "Collège Élise-Deroche", "uai": "0991234D"},
        "people": [one for one in people(cast, kept) if one],
        "staff": [
            member.claims | {"who": member.who, "totp_seed": kept.get(member.subject, "totp_seed")}
            for member in cast.staff
        ],
        "citizens": citizens(cast),
        "steps": steps(street, files),
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def people(cast: Cast, kept: Keepsakes) -> list[dict[str, Any]]:
    """Guardians and pupils one can be, with what they hold today."""
    # size: one person after another
    return [
        _one(
            cast.samira, "samira", kept,
            who="Mère d’Inès (5e B) et d’Hugo (6e A). Elle a sa lettre en main",
            births=[cast.ines.birth_on, cast.hugo.birth_on],
            tries=[
                "Activer son compte avec la lettre, confirmer l’adresse dans la boîte aux lettres",
                "Arriver dans Scolarité Services avec ses deux enfants",
                "Ou, sans lettre, téléphone ni adresse : FranceConnect seul, le collège, un enfant et les deux dates",
            ],
        ),
        _one(
            cast.celia, "celia", kept, **_answers_for(cast, cast.celia),
            tries=["Activer seule son compte avec son téléphone", "Puis y relier FranceConnect, et le détacher"],
        ),
        _one(
            cast.marc, "marc", kept, **_answers_for(cast, cast.marc),
            tries=["Entrer avec FranceConnect : son téléphone, puis la date de naissance de son fils"],
        ),
        _one(
            cast.farid, "farid", kept, **_answers_for(cast, cast.farid),
            tries=["Entrer avec FranceConnect, « je n’ai plus ce numéro », puis l’adresse que connaît le collège"],
        ),
        _one(
            cast.aissata, "aissata", kept, **_answers_for(cast, cast.aissata),
            tries=["Activer avec ce téléphone : un second code part à son adresse, le numéro seul ne nomme personne"],
        ),
        _one(
            cast.olena, "olena", kept, **_answers_for(cast, cast.olena),
            tries=[
                "Activer avec son téléphone, être arrêtée, prendre un ticket",
                "En Claire Vasseur, lire ce ticket à la console et corriger la date",
            ],
        ),
        _one(
            cast.julien, "julien", kept, **_answers_for(cast, cast.julien),
            tries=["Activer avec son téléphone, ou dire qu’Hugo n’est pas le sien : un ticket, et le collège tranche"],
        ),
        _one(
            cast.adama, "adama", kept,
            who="5e B. Il a sa fiche en main",
            births=[cast.adama.birth_on],
            tries=[
                "Activer son compte avec la fiche",
                "Puis être dépanné par Maïwenn Kervella, sa professeure principale",
            ],
        ),
        _one(
            cast.karim, "karim", kept,
            who="Père d’Inès, séparé de Samira. Son compte est activé",
            tries=["Se connecter : il voit Inès, et rien de Samira ni d’Hugo"],
        ),
        _one(
            cast.zoe, "zoe", kept,
            who="5e B. Son compte est activé",
            births=[cast.zoe.birth_on],
            tries=["Se connecter, puis être réinitialisée par sa professeure principale"],
        ),
        _one(
            cast.paul, "paul", kept,
            who="Père d’Élise (3e C). Sa lettre a plus de trois mois",
            births=[cast.elise.birth_on],
            tries=["Constater que la lettre n’ouvre plus, puis en refaire une depuis la console"],
        ),
        _one(
            cast.nadege, "nadege", kept,
            who="Mère de Divine (3e C). Son compte est bloqué",
            tries=["Constater le refus, et qui peut aider"],
        ),
        _one(
            cast.fatoumata, "fatoumata", kept,
            who="Mère d’Issa (6e A). Elle a encore son compte ATEN",
            births=[cast.issa.birth_on],
            tries=["Se connecter avec l’identifiant et le mot de passe d’ATEN : ils ouvrent l’activation, une fois"],
            old="fatoumata-aten",
        ),
        _one(
            cast.gael, "gael", kept,
            who="Père d’Enora (4e C). Il a encore son compte de l’ENT",
            births=[cast.enora.birth_on],
            tries=["Se connecter avec l’identifiant et le mot de passe de l’ENT : ils ouvrent l’activation, une fois"],
            old="gael-ent",
        ),
        _one(
            cast.leila, "leila", kept,
            who="Mère de Nour (6e A) et de Rayan (4e C), inscrite deux fois par l’établissement",
            births=[cast.nour.birth_on, cast.rayan.birth_on],
            tries=["Activer son compte avec son téléphone et la date de Nour, puis ajouter Rayan de même"],
        ),
        _one(
            cast.elodie, "elodie", kept,
            who="Mère de Jules (4e C). Son compte est activé, son adresse et son mobile sont confirmés",
            tries=[
                "Oublier son identifiant, puis son mot de passe : par courriel ou par SMS",
                "Changer d’adresse ou de mobile, relier FranceConnect, fermer le compte",
            ],
        ),
        _one(
            cast.mathieu, "mathieu", kept,
            who="Père de Jules (4e C). Son compte est activé",
            tries=["Aider Jules à retrouver son mot de passe : taper le nombre que montre l’écran du garçon"],
        ),
        _one(
            cast.jules, "jules", kept,
            who="4e C. Son compte est activé, son adresse est confirmée",
            births=[cast.jules.birth_on],
            tries=["Oublier son mot de passe : demander à son père, ou recevoir un code à son adresse"],
        ),
        _one(
            cast.bastien, "bastien", kept,
            who="Père de Romane (6e A). Son compte est activé, son adresse et son mobile sont confirmés",
            tries=["Demander un code à la connexion, puis oublier son mot de passe : le SMS, puis le code"],
        ),
        _one(
            cast.solene, "solene", kept,
            who="Mère de Mahé (6e A). Elle a deux comptes activés, un enfant dans chacun : voici le premier",
            births=[cast.mahe.birth_on],
            tries=[
                "Dans « Mes enfants », regrouper l’autre compte avec son identifiant et son mot de passe",
                "Lire l’annonce aux deux adresses, avancer l’horloge de deux jours, puis défaire le regroupement",
            ],
        ),
        _one(
            cast.solene_again, "solene_again", kept,
            who="La même, mère de Nino (3e C) : son second compte",
            births=[cast.nino.birth_on],
            tries=["Donner cet identifiant et ce mot de passe au premier compte, ou refuser le regroupement d’ici"],
        ),
        _one(
            cast.ophelie, "ophelie", kept,
            who="Mère de Lou (6e A). Son compte est activé ; elle a aussi une lettre, jamais utilisée, pour Sacha",
            births=[cast.lou.birth_on],
            tries=["Dans « Mes enfants », ajouter Sacha avec l’identifiant et le mot de passe provisoire de la lettre"],
        ),
        _one(
            cast.ophelie_again, "ophelie_again", kept,
            who="La même, mère de Sacha (4e C) : la lettre qu’elle n’a pas utilisée",
            births=[cast.sacha.birth_on],
            tries=["Donner cet identifiant et ce mot de passe provisoire à l’autre compte, qui reçoit Sacha"],
        ),
        _one(
            cast.corentin, "corentin", kept,
            who="Père d’Eliott (6e A). Son compte est activé, son adresse et son mobile sont confirmés",
            births=[cast.eliott.birth_on],
            tries=["Oublier son mot de passe : un code par SMS, et en choisir un autre"],
        ),
        _one(
            cast.armelle, "armelle", kept,
            who="Mère de Gabin (4e C). Son compte est activé",
            births=[cast.gabin.birth_on],
            tries=["Ne plus lire où est Gabin, une fois que la cheffe (Claire Vasseur) a protégé son dossier"],
        ),
        _one(
            cast.gabin, "gabin", kept,
            who="4e C. Son compte est activé",
            births=[cast.gabin.birth_on],
            tries=["Son dossier protégé, oublier son mot de passe : plus aucun responsable ne l’approuve"],
        ),
        _one(
            cast.ludivine, "ludivine", kept, **_answers_for(cast, cast.ludivine),
            tries=["Activer son compte avec son téléphone et la date de Margot : « Titouan n’est pas le mien »"],
        ),
        _one(
            cast.maxence, "maxence", kept,
            who="3e A, majeur. Son compte est activé, et celui de sa mère aussi",
            births=[cast.maxence.birth_on],
            tries=["Dans « Mon compte », mettre fin à l’accès de sa mère, puis le lui rendre"],
        ),
        _one(
            cast.florence, "florence", kept,
            who="Mère de Maxence (3e A), qui est majeur. Son compte est activé",
            births=[cast.maxence.birth_on],
            tries=["Voir Maxence, jusqu’à ce qu’il en décide autrement"],
        ),
        _one(
            cast.irene, "irene", kept,
            who="Mère de Timothée (4e C). Son compte est activé",
            births=[cast.timothee.birth_on],
            tries=["Ouvrir Scolarité Services, puis l’ENT, sans rien retaper ; partir de l’un, être sortie des deux"],
        ),
        _one(
            cast.timothee, "timothee", kept,
            who="4e C. Son compte est activé",
            births=[cast.timothee.birth_on],
            tries=["Entrer à l’ENT comme élève : la page d’avant dit ce qu’il apprend, autre chose que de sa mère"],
        ),
    ]  # fmt: skip


# Each journey of the product, and who of the list can walk it.
WALKERS = {
    "activation-responsable": "samira", "activation-eleve": "adama", "activation-mobile": "celia",
    "activation-franceconnect": "marc", "ajouter-un-enfant": "leila", "mon-mobile": "elodie",
    "recuperation-responsable-identifiant": "elodie", "recuperation-responsable-mot-de-passe": "elodie",
    "recuperation-eleve-identifiant": "jules", "recuperation-eleve-mot-de-passe": "jules",
    "connexion": "zoe", "connexion-sans-attendre": "elodie",
}  # fmt: skip


def children_of(cast: Cast, guardian: GuardianRow) -> list[PupilRow]:
    """The pupils of today whom a guardian of the cast answers for."""
    return [
        pupil
        for pupil in cast.pupils
        if pupil.is_active_on(cast.on)
        and any(link.guardian_key == guardian.key and link.level == LEGAL for link in pupil.links)
    ]


def _answers_for(cast: Cast, guardian: GuardianRow) -> dict[str, Any]:
    """« Responsable d’Amira (4E C) », with the birth dates that the base has."""
    children = children_of(cast, guardian)
    named = ", ".join(f"{pupil.first_name} ({pupil.division or 'sans classe'})" for pupil in children)
    return {"who": f"Responsable de : {named}", "births": [pupil.birth_on for pupil in children]}


def _one(
    row: GuardianRow | PupilRow, key: str, kept: Keepsakes, *, who: str, tries: list[str],
    births: list[date | None] | None = None, old: str = "",
) -> dict[str, Any]:  # fmt: skip
    """One person, with the secrets that still open, and a word when those no longer do.

    `old`: where the password of their old ATEN or ENT account is kept.
    """
    account = stage.account_of(row)
    if account is None:
        return {}
    is_waiting = account.state in (State.UNNOTIFIED, State.NOTIFIED)
    in_hand = kept.get(key, "temporary_password") if is_waiting else ""
    temporary = getattr(account, "temporary_password", None)
    is_newest = bool(in_hand) and temporary is not None and stage.lifecycle.temporary_matches(temporary, in_hand)
    is_newer_elsewhere = is_waiting and temporary is not None and not is_newest
    comes_from_elsewhere = bool(old) and is_waiting and not account.is_half_way()
    password = "" if is_waiting else kept.get(key, "password")
    return {
        "name": f"{row.first_name} {(row.used_name or row.birth_name).title()}",
        "who": who,
        "kind": "pupil" if isinstance(row, PupilRow) else "guardian",
        "username": kept.get(key, "old_username") if comes_from_elsewhere else account.username,
        "temporary_password": in_hand if is_newest else "",
        "password": kept.get(old, "password") if comes_from_elsewhere else password,
        "birth_dates": [f"{day:%d/%m/%Y}" for day in births or () if day],
        "email": row.email,
        "mobile": national(row.mobile) if isinstance(row, GuardianRow) else "",
        "note": NEWER_LETTER if is_newer_elsewhere else f"État du compte : {LABELS[State(account.state)]}.",
        "try": tries,
    }


def steps(street: Street, files: Path) -> list[dict[str, str]]:
    """The walk proposed to whoever discovers the town."""
    return [
        {
            "title": "Importer la base",
            "text": "Entrez en cheffe d’établissement (Claire Vasseur). La base du collège est déjà là ; un export "
            f"plus récent attend dans {files} : déposez-le et regardez ce qui va changer avant d’appliquer.",
            "url": f"{street.identity_url}/gestion/imports/",
        },
        {
            "title": "Notifier et imprimer",
            "text": "Regardez qui n’est pas notifié, envoyez les invitations, imprimez les lettres et les fiches.",
            "url": f"{street.identity_url}/gestion/",
        },
        {
            "title": "Activer un compte",
            "text": "En Samira Belkacem, avec la lettre : les messages arrivent dans la boîte aux lettres.",
            "url": f"{street.identity_url}/",
        },
        {
            "title": "Entrer avec FranceConnect",
            "text": "Sur la page des responsables, puis soyez qui vous voulez : un responsable de la ville, ou l’une "
            "des particularités de l’état civil. FranceConnect peut aussi tomber en panne.",
            "url": f"{street.simulators_url}/franceconnect/",
        },
        {
            "title": "Ouvrir deux services d’une seule connexion",
            "text": "En Irène Marchal, ouvrez Scolarité Services (OpenID Connect), puis l’ENT Les Rives (SAML) : le "
            "mot de passe n’est demandé qu’une fois. Déconnectez-vous de l’un : vous êtes sorti de tous.",
            "url": f"{street.eservices_url}/",
        },
        {
            "title": "Lire ce qu’un service apprend, avant d’y entrer",
            "text": "La première fois qu’Irène ou Timothée Marchal ouvre l’ENT, une page dit ce qu’il apprend : il est "
            "tenu par le département, pas par le collège. Scolarité Services, qui est celui de l’académie, n’en montre "
            "pas. « Services utilisés », dans le compte, garde ce que chacun a appris. À la console, la fiche de l’ENT "
            "laisse choisir : ne rien dire, dire, demander un accord.",
            "url": f"{street.simulators_url}/ent/",
        },
        {
            "title": "Lire ce qu’un service a reçu",
            "text": "L’accueil de l’ENT montre chaque attribut reçu. En exploitant (Yann Morvan), regardez ce qu’il "
            "recevrait de chacun, puis ses dernières erreurs : l’ENT sait envoyer cinq demandes qui ne vont pas.",
            "url": f"{street.simulators_url}/ent/",
        },
        {
            "title": "Dépanner un élève",
            "text": "En Maïwenn Kervella, professeure principale de 5e B : elle ne voit que sa classe.",
            "url": f"{street.identity_url}/gestion/",
        },
        {
            "title": "Passer le temps",
            "text": "Avancez l’horloge de trois mois : les lettres d’aujourd’hui n’ouvrent plus rien.",
            "url": f"{street.simulators_url}/horloge/",
        },
    ]
