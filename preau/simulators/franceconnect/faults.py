"""What FranceConnect can do wrong, on demand: one switch per fault, thrown on its page or by a test."""

import threading
from typing import Final

FAULTS: Final[dict[str, str]] = {
    "token_500": "Le point de jetons répond 500",
    "userinfo_401": "L’identité est refusée : jeton expiré (401)",
    "userinfo_clear": "L’identité arrive en clair, sans signature",
    "rotated": "Les clés viennent de changer, et sont publiées",
    "unknown_kid": "Signé par une clé que personne ne publie",
    "same_kid": "Signé par une autre clé, sous le nom de la bonne",
    "alg_none": "Un jeton qui dit « alg: none »",
    "alg_hs256": "Un jeton HS256, dont le secret serait la clé publique",
    "wrong_nonce": "Un autre nonce",
    "no_nonce": "Aucun nonce",
    "wrong_iss": "Un autre émetteur, dans les jetons",
    "wrong_callback_iss": "Un autre émetteur, dans l’adresse de retour",
    "no_callback_iss": "Aucun émetteur dans l’adresse de retour",
    "wrong_aud": "Un jeton pour un autre site",
    "two_aud": "Un jeton pour nous et pour un autre",
    "wrong_acr": "Un niveau de garantie que personne n’a demandé",
    "no_acr": "Aucun niveau de garantie",
    "old_auth_time": "La personne ne s’est pas identifiée à nouveau",
    "expired": "Un jeton expiré depuis une heure",
    "userinfo_expired": "Une identité expirée",
    "userinfo_wrong_aud": "Une identité pour un autre site",
    "other_sub": "L’identité est celle de quelqu’un d’autre",
    "new_sub": "Un autre « sub » pour la même personne : l’état civil a changé",
    "slow": "Dix secondes avant chaque réponse",
    "down": "Tout répond 503",
}


class Switches:
    """Which faults are on, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: frozenset[str] = frozenset()

    def throw(self, names: list[str]) -> None:
        """These faults are on, and no other."""
        with self._lock:
            self._on = frozenset(name for name in names if name in FAULTS)

    def __contains__(self, name: str) -> bool:
        return name in self._on


switches: Final = Switches()
