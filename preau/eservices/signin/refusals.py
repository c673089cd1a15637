"""What every refusal to sign in has in common: a status, a reference, words. Each is defined where it is raised."""

from typing import ClassVar

from django.utils.functional import Promise

Words = str | Promise


class SignInRefused(Exception):
    """Nothing was opened. `reference` tells the assistance which check failed; people read the rest."""

    status: ClassVar[int] = 400
    title: ClassVar[Words]
    sentence: ClassVar[Words]
    advice: ClassVar[Words]
    action: ClassVar[Words]

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference
