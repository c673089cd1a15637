"""What the desk may choose to send, in the order it is offered."""

from django.db import models


class Wish(models.TextChoices):
    """A way to bring people in."""

    INVITE = "invite", "Inviter à entrer seul"
    CREDENTIALS = "credentials", "Envoyer un identifiant et un mot de passe provisoire"
    LETTERS = "letters", "Imprimer des lettres pour tous"
    SHEETS = "sheets", "Imprimer des fiches"


class Layout(models.TextChoices):
    """How sheets stand on paper."""

    FOUR = "four", "quatre par page, à découper"
    ONE = "one", "une par page"


# The first is the one a school is told to begin with: whoever gets in alone needs no paper.
FOR_GUARDIANS = (Wish.INVITE, Wish.CREDENTIALS, Wish.LETTERS)
FOR_PUPILS = (Wish.SHEETS,)
