"""What the operator is asked about a service. Shapes only: whether it holds together is `checks.py`'s."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, Form, ManyChoices
from preau.identity.accounts.models import Kind
from preau.identity.federation import checks, fetching, release
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import ContentEncryption, Naming, Notice, RelyingParty, SamlProfile, SubjectType

# What each registered scope lets out, in the words of release.py. `openid` goes without saying.
_SCOPES = [(name, name) for name in release.SCOPES if name not in ("openid", release.OFFLINE)]
_SCOPE_HINTS = {name: reason for name, (_names, reason) in release.SCOPES.items()}
_ATTRIBUTE_HINTS = {name: attribute.words for name, attribute in ATTRIBUTES.items()}
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _lines(**more: Any) -> forms.CharField:
    """Several answers, one a line."""
    return forms.CharField(widget=forms.Textarea(attrs={**_PLAIN, "rows": 3}), **more)


def listed(text: str) -> list[str]:
    """The answers of such a field: a line, a comma or a space parts them."""
    return [one for one in text.replace(",", " ").replace(";", " ").split() if one]


class _AboutParty(Form):
    """Puts a refusal of the verb beside the answer it names."""

    lists: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What the verb takes."""
        return {name: listed(value) if name in self.lists else value for name, value in self.cleaned_data.items()}

    def refuse(self, error: checks.CannotRegister) -> None:
        """Show why, where it can be corrected."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)


class ReleaseForm(_AboutParty):
    """Who may enter, from where, and what is learnt of them."""

    lists = ("academies", "schools")
    audience = forms.MultipleChoiceField(
        label=_("Pour qui est ce service ?"), choices=Kind.choices, widget=ManyChoices()
    )
    academies = forms.CharField(
        label=_("Académies desservies"), required=False, help_text=_("Leurs codes, par exemple 10 12. Vide : partout."),
        widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip
    schools = _lines(
        label=_("Établissements desservis"), required=False, help_text=_("Leurs codes UAI, en plus des académies.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Ce qu’il peut demander (portées)"), choices=_SCOPES, widget=ManyChoices(hints=_SCOPE_HINTS),
        required=False, help_text=_("Rien n’est coché d’avance : ne donnez que ce dont il a besoin."),
    )  # fmt: skip
    own_scope = forms.CharField(
        label=_("Portée d’EduConnect propre à ce service"), required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Par exemple ect.scope.stage : elle donne les attributs cochés ci-dessous."),
    )  # fmt: skip
    attributes = forms.MultipleChoiceField(
        label=_("Attributs donnés en propre"), choices=[(name, name) for name in ATTRIBUTES],
        widget=ManyChoices(hints=_ATTRIBUTE_HINTS), required=False,
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Pourquoi ?"), max_length=200, required=False,
        help_text=_("La convention, l’article, l’usage. Obligatoire dès qu’un attribut est donné en propre."),
    )  # fmt: skip
    notice = forms.ChoiceField(
        label=_("Avant d’y entrer, la personne"), choices=Notice.choices, widget=Choices(), initial=Notice.NONE
    )
    takes_every_affiliation = forms.BooleanField(
        label=_("Donner tous les profils d’une personne qui a des enfants dans les deux degrés"), required=False
    )
    subject_type = forms.ChoiceField(
        label=_("Nom opaque de la personne"), choices=SubjectType.choices, widget=Choices(),
        initial=SubjectType.PAIRWISE,
    )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """The scope of the service itself joins the others."""
        found = super().facts()
        found["scopes"] = [*found["scopes"], *listed(found.pop("own_scope"))]
        return found

    @staticmethod
    def said(party: RelyingParty) -> dict[str, Any]:
        """What is said of it now."""
        own = [scope for scope in party.scopes if scope.startswith(release.EDUCONNECT) and scope not in release.SCOPES]
        return {
            "audience": party.audience, "academies": " ".join(party.academies), "schools": "\n".join(party.schools),
            "scopes": party.scopes, "own_scope": " ".join(own), "attributes": party.attributes, "reason": party.reason,
            "notice": party.notice, "takes_every_affiliation": party.takes_every_affiliation,
            "subject_type": party.subject_type,
        }  # fmt: skip


class _Names(_AboutParty):
    client_id = forms.CharField(
        label=_("Nom court"), max_length=60, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Son « client_id » : lettres, chiffres, points et tirets. Il ne changera plus."),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Nom que les familles liront"), max_length=120, help_text=_("Par exemple : ENT Les Tilleuls.")
    )

    def clean_client_id(self) -> str:
        """A service that exists is changed on its own page."""
        given: str = self.cleaned_data["client_id"].strip()
        if RelyingParty.objects.filter(client_id=given).exists():
            raise forms.ValidationError(_("Un service porte déjà ce nom court. Choisissez-en un autre."))
        return given


class OidcForm(_Names):
    """A new service that speaks OpenID Connect: the least that makes it work; the rest is on its page."""

    lists = ("redirect_uris", "post_logout_redirect_uris")
    redirect_uris = _lines(
        label=_("Adresses de retour (redirect_uri)"),
        help_text=_("Une par ligne, en https, comparées lettre pour lettre."),
    )
    post_logout_redirect_uris = _lines(label=_("Adresses après déconnexion"), required=False)
    audience = forms.MultipleChoiceField(
        label=_("Pour qui est ce service ?"), choices=Kind.choices, widget=ManyChoices()
    )
    scopes = forms.MultipleChoiceField(
        label=_("Ce qu’il peut demander (portées)"), choices=_SCOPES, widget=ManyChoices(hints=_SCOPE_HINTS),
        required=False, help_text=_("Rien n’est coché d’avance : ne donnez que ce dont il a besoin."),
    )  # fmt: skip


class OidcSettingsForm(_AboutParty):
    """How a service by OpenID Connect is spoken to."""

    lists = ("redirect_uris", "post_logout_redirect_uris")
    name = forms.CharField(label=_("Nom que les familles liront"), max_length=120)
    redirect_uris = _lines(label=_("Adresses de retour (redirect_uri)"), help_text=_("Une par ligne."))
    post_logout_redirect_uris = _lines(label=_("Adresses après déconnexion"), required=False)
    backchannel_logout_uri = forms.CharField(
        label=_("Adresse où il apprend les déconnexions"), required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Sans elle, une déconnexion d’ici ne ferme pas la session ouverte chez lui."),
    )  # fmt: skip
    token_endpoint_auth_method = forms.ChoiceField(
        label=_("Comment il prouve qui il est"), required=False, widget=Choices(),
        choices=[
            ("", _("Son secret, par l’une ou l’autre méthode")), ("client_secret_basic", _("Son secret, en en-tête")),
            ("client_secret_post", _("Son secret, dans la demande")), ("private_key_jwt", _("Sa propre clé")),
            ("none", _("Rien : une application, tenue par PKCE seul")),
        ],
    )  # fmt: skip
    jwks = _lines(
        label=_("Ses clés publiques (JWKS)"), required=False, help_text=_("Pour « sa propre clé » seulement.")
    )
    id_token_signed_response_alg = forms.ChoiceField(
        label=_("Signature de ses jetons"), choices=[("RS256", "RS256"), ("ES256", "ES256")], widget=Choices()
    )
    userinfo_signed_response_alg = forms.ChoiceField(
        label=_("Réponse de userinfo"), required=False, widget=Choices(),
        choices=[("", _("JSON simple")), ("RS256", _("Signée, RS256")), ("ES256", _("Signée, ES256"))],
    )  # fmt: skip
    must_prove_key = forms.BooleanField(
        label=_("Exiger la preuve de clé (PKCE)"), required=False,
        help_text=_("Ne décochez que pour un service qui ne sait pas faire, le temps qu’il apprenne."),
    )  # fmt: skip
    may_refresh = forms.BooleanField(
        label=_("Il peut agir en l’absence de la personne (offline_access)"), required=False
    )
    speaks_educonnect = forms.BooleanField(label=_("Lui répondre dans les formes d’EduConnect"), required=False)

    def clean_jwks(self) -> dict[str, Any]:
        """The set of keys."""
        given = self.cleaned_data["jwks"].strip()
        try:
            read = json.loads(given) if given else {}
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise forms.ValidationError(_('Ces clés ne se lisent pas : il faut un JWKS, {"keys": […]}.'))
        return read

    @staticmethod
    def said(party: RelyingParty) -> dict[str, Any]:
        """What is said of it now."""
        plain = (
            "name", "backchannel_logout_uri", "token_endpoint_auth_method", "id_token_signed_response_alg",
            "userinfo_signed_response_alg", "must_prove_key", "may_refresh", "speaks_educonnect",
        )  # fmt: skip
        return {
            **{name: getattr(party, name) for name in plain},
            "redirect_uris": "\n".join(party.redirect_uris),
            "post_logout_redirect_uris": "\n".join(party.post_logout_redirect_uris),
            "jwks": json.dumps(party.jwks, indent=1) if party.jwks else "",
        }


class MetadataForm(Form):
    """Where the metadata of a service are: a file, or an address."""

    file = forms.FileField(label=_("Fichier de métadonnées (XML)"), required=False)
    url = forms.CharField(
        label=_("Ou leur adresse"), required=False, max_length=1000, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("En https. Elles y seront relues chaque jour."),
    )  # fmt: skip
    entity_id = forms.CharField(
        label=_("entityID, si le fichier décrit plusieurs services"), required=False, max_length=256,
        widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """One service is a few kilobytes."""
        file = self.cleaned_data["file"]
        if file and file.size > fetching.LARGEST:
            raise forms.ValidationError(_("Ce fichier dépasse 1 Mio : ce n’est pas celui d’un seul service."))
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two. A file wins over the address that was there already."""
        given: dict[str, Any] = self.cleaned_data
        if given.get("file") and given.get("url") == self.initial.get("url"):
            given["url"] = ""
        if bool(given.get("file")) == bool(given.get("url")) and not self.errors:
            raise forms.ValidationError(_("Donnez un fichier ou une adresse, l’un des deux."))
        return given


class SamlForm(_Names):
    """A new service that speaks SAML 2.0, once its metadata are read. They travel with the form that was looked at."""

    xml = forms.CharField(widget=forms.HiddenInput, strip=False)
    metadata_url = forms.CharField(widget=forms.HiddenInput, required=False)
    entity_id = forms.CharField(widget=forms.HiddenInput)
    audience = forms.MultipleChoiceField(
        label=_("Pour qui est ce service ?"), choices=Kind.choices, widget=ManyChoices()
    )
    scopes = forms.MultipleChoiceField(
        label=_("Ce qu’il apprend (portées)"), choices=_SCOPES, widget=ManyChoices(hints=_SCOPE_HINTS), required=False,
        help_text=_("Rien n’est coché d’avance : ne donnez que ce dont il a besoin."),
    )  # fmt: skip
    is_clear_accepted = forms.BooleanField(
        label=_("Accepter que les réponses voyagent en clair"), required=False,
        help_text=_("Ce service ne publie pas de clé de chiffrement : ce que contient la réponse se lirait en chemin."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_key: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_key:
            del self.fields["is_clear_accepted"]


class SamlSettingsForm(_AboutParty):
    """How a service by SAML is answered."""

    naming = forms.ChoiceField(
        label=_("Noms des attributs"), choices=Naming.choices, widget=Choices(hints={
            Naming.OID: _("Ceux d’EduConnect. Convient à presque tous."),
            Naming.BASIC: _("FrEduVecteur, sn… Pour les services qui les cherchent ainsi."),
        }),
    )  # fmt: skip
    content_encryption = forms.ChoiceField(label=_("Chiffrement"), choices=ContentEncryption.choices, widget=Choices())
    name_id_formats = forms.MultipleChoiceField(
        label=_("Noms de la personne, outre le nom éphémère"), required=False,
        choices=[
            (checks.PERSISTENT, _("Un nom durable, propre à ce service")),
            (checks.EMAIL, _("Son adresse électronique")),
        ],
        widget=ManyChoices(
            hints={checks.EMAIL: _("Seulement si une convention le demande : dites-le dans ses droits.")}
        ),
    )  # fmt: skip
    signs_assertions = forms.BooleanField(label=_("Signer aussi l’assertion, en plus de la réponse"), required=False)
    is_clear_accepted = forms.BooleanField(
        label=_("Accepter que les réponses voyagent en clair"), required=False,
        help_text=_("Ne sert que s’il ne publie aucune clé de chiffrement. À éviter."),
    )  # fmt: skip
    accepts_sha1 = forms.BooleanField(
        label=_("Accepter des demandes signées en SHA-1"), required=False,
        help_text=_("Cette signature se contrefait. Ne cochez que le temps qu’il passe à SHA-256."),
    )  # fmt: skip
    metadata_url = forms.CharField(
        label=_("Adresse de ses métadonnées"), required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Relues chaque jour. Vide : vous donnerez un fichier à chaque changement."),
    )  # fmt: skip

    @staticmethod
    def said(profile: SamlProfile) -> dict[str, Any]:
        """What is chosen for it now."""
        return {name: getattr(profile, name) for name in SamlSettingsForm.base_fields}


class VouchForm(Form):
    """The last word on metadata that may be somebody else's."""

    xml = forms.CharField(widget=forms.HiddenInput, strip=False)
    vouched = forms.BooleanField(label=_("J’ai vérifié auprès du responsable technique du service : c’est bien lui."))


class PreviewForm(Form):
    """Of whom."""

    username = forms.CharField(
        label=_("Identifiant de la personne"), max_length=150, help_text=_("Par exemple : e.durand3."),
        widget=forms.TextInput(attrs={**_PLAIN, "dir": "ltr"}),
    )  # fmt: skip
