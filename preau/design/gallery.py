"""What the gallery shows: the demo's people, in every state."""

import datetime
from typing import Any

from django import forms as django_forms
from django.core.paginator import Page
from django.utils.safestring import mark_safe

from preau.design import forms

RULES = (
    forms.Rule("12 caractères au moins", ".{12,}"),
    forms.Rule("Une majuscule et une minuscule", r"(?=.*\p{Lu})(?=.*\p{Ll})"),
    forms.Rule("Un chiffre ou un signe", r"[^\p{L}\s]"),
    forms.Rule("Ni votre nom, ni l’école, ni une date de naissance"),
)


class Questions(forms.Form):
    """One question of each kind."""

    username = forms.UsernameField(help_text="Par exemple : s.belkacem3. Ce n’est pas votre adresse électronique.")
    password = forms.PasswordField()
    fresh = forms.NewPasswordField(rules=RULES)
    temporary = forms.TemporaryPasswordField()
    code = forms.CodeField(help_text="6 chiffres, envoyés au 06 •• •• •• 17. Valable 30 minutes.")
    mobile = forms.PhoneField()
    email = forms.EmailField(required=False)
    birth = forms.DateField(label="Date de naissance d’Inès")
    division = django_forms.ChoiceField(label="Classe", choices=[("", "Choisissez"), ("5E B", "5e B")])
    profile = django_forms.ChoiceField(
        label="Vous êtes",
        choices=[("guardian", "Responsable d’élève"), ("pupil", "Élève")],
        widget=forms.Choices(hints={"guardian": "Parent, tuteur"}),
    )
    ways = django_forms.MultipleChoiceField(
        label="Prévenez-moi",
        choices=[("mail", "Par courriel"), ("sms", "Par SMS")],
        widget=forms.ManyChoices,
        required=False,
    )
    exports = forms.FilesField(
        label="Fichiers de SIECLE", help_text="Un fichier zip, ou les cinq fichiers XML ensemble"
    )
    word = django_forms.CharField(label="Un mot à ajouter", widget=django_forms.Textarea, required=False)
    refused = django_forms.BooleanField(label="Je ne suis pas le représentant légal de cet élève", required=False)


WRONG = {
    "username": "",
    "mobile": "06 39 98 12 3",
    "email": "samira",
    "birth_day": "27",
    "birth_month": "18",
    "birth_year": "2017",
}
STEPS = [
    {"title": "Votre téléphone", "is_done": True},
    {"title": "Le code reçu", "is_current": True},
    {"title": "Vos enfants"},
    {"title": "Votre accès"},
]
TAGS = [
    ("unnotified", "Non notifié"),
    ("notified", "Notifié"),
    ("expired", "Notification expirée"),
    ("confirm", "Courriel à confirmer"),
    ("active", "Activé"),
    ("blocked", "Bloqué"),
    ("disabled", "Désactivé"),
    ("temporary", "Mot de passe provisoire"),
]


def page_context(theme: str) -> dict[str, Any]:
    """What a family's page shows."""
    return {
        "theme": theme,
        "steps": STEPS,
        "back": "#",
        "is_arrival": True,
        "right": Questions(),
        "form": Questions(WRONG),
        "tags": TAGS,
        "facts": [
            {"label": "Nom", "value": "BELKACEM", "url": "#", "what": "le nom"},
            {
                "label": "Téléphone portable",
                "value": mark_safe('<span class="num" dir="ltr">06 39 98 12 17</span>'),
                "url": "#",
                "note": "Pour le changer, adressez-vous au secrétariat.",
            },
            {"label": "Vos enfants", "value": mark_safe("Inès, 5<sup>e</sup> B<br>Hugo, 6<sup>e</sup> A")},
        ],
        "links": [
            {"label": "Espace numérique de travail", "url": "#"},
            {"label": "Bourse de collège", "url": "#", "note": "Jusqu’au 15 octobre"},
        ],
        "events": [
            {"when": "à venir", "words": "Correction, puis SMS pour réessayer", "is_done": False},
            {
                "when": "23 novembre, 18 h 42",
                "datetime": datetime.datetime(2026, 11, 23, 18, 42, tzinfo=datetime.UTC),
                "words": "Connexion depuis un téléphone",
            },
        ],
    }


class Search(forms.Form):
    """The filters of a list."""

    q = django_forms.CharField(label="Nom d’un responsable ou d’un élève", required=False)
    division = django_forms.ChoiceField(label="Classe", choices=[("", "Toutes"), ("5E B", "5e B")], required=False)
    state = django_forms.ChoiceField(label="État", choices=[("", "Tous"), ("a", "Activé")], required=False)
    email = django_forms.ChoiceField(label="Courriel", choices=[("", "Indifférent")], required=False)


def desk_context(theme: str, *, page: Page[Any], at: datetime.datetime) -> dict[str, Any]:
    """What a page of the desk shows."""
    names = [
        ("ABADIE", "Mathilde"),
        ("BELKACEM", "Samira"),
        ("CAZENEUVE", "Paul"),
        ("DA SILVA", "Maria"),
        ("DUFOUR-N’DIAYE", "Aïssatou"),
        ("GARNIER", "Thomas"),
        ("LEFÈVRE", "Héloïse"),
        ("<b>\u202eX", "محمد"),
    ]
    people = [
        {
            "used_name": last,
            "first_name": first,
            "username": f"{first[0].lower()}.{last.lower()}",
            "tag": TAGS[place],
            "division": "5E B",
            "mobile": "+33639981217" if place % 3 else "",
            "seen_at": at if place % 2 else None,
            "ticked": place < 3,
        }
        for place, (last, first) in enumerate(names)
    ]
    return {
        "theme": theme,
        "school_name": "Collège Élise-Deroche",
        "school_line": "0991234D",
        "person": "Claire Vasseur",
        "account_links": [{"label": "Aide", "url": "#"}],
        "sign_out_url": "#",
        "search": Search(),
        "page": page,
        "people": people,
        "at": at,
        "desk_tabs": [
            {"label": word, "url": "#", "is_current": word == "Responsables"}
            for word in ("Tableau de bord", "Responsables", "Élèves", "Envois", "Imports")
        ],
        "crumbs": [{"label": "Responsables", "url": "#"}, {"label": "CAZENEUVE Paul"}],
        "columns": [
            {"label": "Responsable", "url": "#", "order": "ascending"},
            "Enfants",
            "État",
            "Portable",
            "Dernier signe",
            {"label": "Action", "is_hidden": True},
        ],
        "chips": [{"label": "Niveau : collège", "url": "#"}, {"label": "Année 2026-2027", "url": "#"}],
        "bars": [
            {"label": mark_safe("6<sup>e</sup> A"), "percent": 96},
            {"label": mark_safe("3<sup>e</sup> C"), "percent": 54, "is_low": True},
        ],
    }
