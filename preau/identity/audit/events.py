"""The catalogue of events: everything Préau remembers, one line each, readable by a head of school."""

from django.db import models


class Events(models.TextChoices):
    """Name of an event (``room.what_happened``) and the sentence people read about it."""

    # The school's base
    SCHOOL_ADDED = "directory.school_added", "Établissement ajouté"
    IMPORT_PREVIEWED = "imports.previewed", "Import préparé"
    IMPORT_APPROVED = "imports.approved", "Import approuvé par une seconde personne"
    IMPORT_APPLIED = "imports.applied", "Base de l’établissement importée"
    IMPORT_REFUSED = "imports.refused", "Import refusé"
    GUARDIANSHIP_ADDED = "directory.guardianship_added", "Responsable légal ajouté à l’élève"
    GUARDIANSHIP_ENDED = "directory.guardianship_ended", "Lien avec l’élève terminé"
    GUARDIANSHIP_DISPUTED = "directory.guardianship_disputed", "Lien avec l’élève contesté par le responsable"
    CONTACT_CHANGED = "directory.contact_changed", "Coordonnées changées par l’établissement"
    # Accounts
    ACCOUNT_OPENED = "accounts.opened", "Compte ouvert"
    ACCOUNT_NOTIFIED = "accounts.notified", "Compte notifié"
    ACCOUNT_ACTIVATED = "accounts.activated", "Compte activé"
    ACCOUNT_BLOCKED = "accounts.blocked", "Compte bloqué"
    ACCOUNT_UNBLOCKED = "accounts.unblocked", "Compte débloqué"
    ACCOUNT_DISABLED = "accounts.disabled", "Compte désactivé : plus aucun enfant dans l’établissement"
    ACCOUNT_ENABLED = "accounts.enabled", "Compte réactivé"
    ACCOUNT_CLOSED = "accounts.closed", "Compte fermé"
    RECORD_GATHERED = "accounts.record_gathered", "Fiche d’un autre établissement rassemblée dans le compte"
    SECRETS_BURNT = "accounts.secrets_burnt", "Mots de passe provisoires détruits"
    PASSWORD_CHOSEN = "accounts.password_chosen", "Mot de passe choisi"
    PASSWORD_RESET = "accounts.password_reset", "Mot de passe réinitialisé"
    EMAIL_GIVEN = "accounts.email_given", "Adresse électronique donnée"
    EMAIL_CONFIRMED = "accounts.email_confirmed", "Adresse électronique confirmée"
    # Sign-in
    SIGNED_IN = "signin.signed_in", "Connexion"
    SIGNED_OUT = "signin.signed_out", "Déconnexion"
    SIGNIN_PAUSED = "signin.paused", "Connexion mise en pause après des échecs"
    # Distribution
    INVITED = "distribution.invited", "Invitation envoyée"
    BATCH_MADE = "distribution.batch_made", "Lot préparé"
    BATCH_DOWNLOADED = "distribution.batch_downloaded", "Lot imprimé"
    ROSTER_EXPORTED = "distribution.roster_exported", "Liste exportée"
    MAIL_DOUBLED = "distribution.mail_doubled", "Message renvoyé après une panne, seul le dernier compte"
    # Staff
    STAFF_ENTERED = "staff.entered", "Entrée au bureau de l’établissement"
    STAFF_LEFT = "staff.left", "Sortie du bureau de l’établissement"
    STAFF_REFUSED = "staff.refused", "Entrée refusée au bureau de l’établissement"
    ACCESS_ASKED = "staff.access_asked", "Accès demandé par un personnel"
    ACCESS_CONFIRMED = "staff.access_confirmed", "Accès d’un personnel confirmé par le chef d’établissement"
    ACCESS_REVOKED = "staff.access_revoked", "Accès d’un personnel retiré"
    FACTOR_ENROLLED = "staff.factor_enrolled", "Second facteur enregistré"
    FACTOR_PROVED = "staff.factor_proved", "Second facteur vérifié"
    FACTOR_REFUSED = "staff.factor_refused", "Second facteur refusé"
    FACTOR_REMOVED = "staff.factor_removed", "Second facteur retiré"
    QUOTA_REACHED = "staff.quota_reached", "Limite d’actes atteinte, personnel suspendu"
    STAFF_SUSPENDED = "staff.suspended", "Personnel suspendu"
    STAFF_REINSTATED = "staff.reinstated", "Personnel rétabli"
    # The desk
    PAGE_READ = "console.page_read", "Page d’une liste lue"
    RECORD_READ = "console.record_read", "Fiche consultée"
    # Relying parties
    PARTY_REGISTERED = "federation.party_registered", "Service raccordé"
    PARTY_VISITED = "federation.visited", "Service ouvert avec ce compte"
    KEY_MADE = "federation.key_made", "Clé de signature créée"
