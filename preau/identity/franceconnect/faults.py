"""What can go wrong between us and FranceConnect: one class per cause, with what people read and what they do next.

The rows are those of the error table of FranceConnect's documentation, and those of what a client must check.
"""

from django.utils.translation import gettext_lazy as _


class Fault(Exception):
    """FranceConnect brought nobody. `title`, `sentence` and `next_step` are what people read.

    `is_ours`: the site is badly configured, its operator is told. `status`: of our answer. `purpose` and `going_to`
    are those of the attempt, when there was one.
    """

    title = _("FranceConnect n’a pas abouti")
    sentence = _("La réponse de FranceConnect n’est pas celle que nous attendions. Par prudence, nous l’avons refusée.")
    next_step = _("Recommencez. Si cela dure, entrez autrement, puis signalez-le à l’établissement.")
    is_ours = False
    status = 403
    purpose = ""
    going_to = ""


# Nobody answers ------------------------------------------------------------------------------------------------------
class NotOffered(Fault):
    """This site has no FranceConnect."""

    sentence = _("FranceConnect n’est pas proposé ici.")
    next_step = _("Entrez avec votre identifiant et votre mot de passe.")
    status = 404


class Unreachable(Fault):
    """No answer in time, an error 500, or an answer that is none. Also `server_error`, `temporarily_unavailable`."""

    title = _("FranceConnect ne répond pas")
    sentence = _("FranceConnect ne répond pas en ce moment. Votre compte n’y est pour rien.")
    next_step = _(
        "Réessayez dans quelques minutes, ou entrez avec votre identifiant et votre mot de passe. Si c’est la première"
        " fois, le téléphone que connaît l’établissement, ou sa lettre, ouvrent aussi votre compte."
    )
    status = 503


class Resting(Unreachable):
    """It did not answer several times in a row: for a while nobody is made to wait for it."""


# What FranceConnect says ---------------------------------------------------------------------------------------------
class Abandoned(Fault):
    """`access_denied`: the person turned back (« User auth aborted »), or FranceConnect could not let them in.

    Also what ends in `access_denied` after a page of theirs: unknown or deceased in the register (Y010015), account
    disabled (Y180001), identity provider blocked (Y100011), no e-mail from it (Y600006).
    """

    title = _("FranceConnect n’est pas allé jusqu’au bout")
    sentence = _("Rien n’a été transmis et rien n’a changé ici.")
    next_step = _("Vous pouvez recommencer, ou entrer autrement.")
    status = 200


class NotAsTheyAsk(Fault):
    """`invalid_request`, `unsupported_response_type`, `invalid_scope`, Y100009…: we asked wrongly."""

    sentence = _("Notre demande à FranceConnect n’était pas bonne : la faute est chez nous, pas chez vous.")
    next_step = _("Entrez autrement. L’équipe du site est prévenue.")
    is_ours = True
    status = 502


class CodeTooOld(Fault):
    """`invalid_grant`: the code is over thirty seconds old, or was used."""

    title = _("Il s’est passé trop de temps")
    sentence = _("Le retour de FranceConnect ne vaut que trente secondes, et une seule fois.")
    next_step = _("Recommencez : votre passage chez FranceConnect est encore ouvert, ce sera plus court.")


class WrongSecret(NotAsTheyAsk):
    """`invalid_client`: our name or our secret is not the one they know."""


class TokenTooOld(CodeTooOld):
    """`invalid_token`: the identity was asked for more than sixty seconds after."""


# What we check -------------------------------------------------------------------------------------------------------
class AttemptLost(Fault):
    """No attempt of this browser has this `state`: too old, used already, or somebody else's."""

    title = _("Ce passage par FranceConnect est terminé")
    sentence = _("Il a commencé dans un autre navigateur, il y a trop longtemps, ou il a déjà servi.")
    next_step = _("Recommencez depuis le début, dans cet onglet.")


class WrongResponder(Fault):
    """The answer does not say that it comes from FranceConnect (RFC 9207: mix-up)."""


class WrongDiscovery(NotAsTheyAsk):
    """The issuer of the settings is not what the partner says it is."""


class WrongSignature(Fault):
    """What came is not signed by FranceConnect's keys, with an algorithm we take."""


class WrongIssuer(Fault):
    """What came was signed for somebody else to say."""


class WrongAudience(Fault):
    """What came is for another site."""


class TooOld(Fault):
    """What came is over, or says nothing of when it is."""


class WrongNonce(Fault):
    """What came answers another attempt."""


class WeakLevel(Fault):
    """The level of assurance is not the one we asked for."""


class NotAnew(Fault):
    """They were asked to prove who they are again, and did not."""

    sentence = _("FranceConnect devait vous redemander qui vous êtes, et ne l’a pas fait.")


class NobodyThere(Fault):
    """What came names nobody."""


class OtherPerson(Fault):
    """The identity is not that of the person who signed in."""


# RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, and what FranceConnect adds.
BY_ERROR: dict[str, type[Fault]] = {
    "access_denied": Abandoned,
    "server_error": Unreachable,
    "temporarily_unavailable": Unreachable,
    "login_required": Abandoned,
    "interaction_required": Abandoned,
    "consent_required": Abandoned,
}
BY_TOKEN_ERROR: dict[str, type[Fault]] = {
    "invalid_grant": CodeTooOld,
    "invalid_client": WrongSecret,
    "server_error": Unreachable,
    "temporarily_unavailable": Unreachable,
}
