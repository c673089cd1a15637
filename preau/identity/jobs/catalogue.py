"""Every kind of long work. `done_by` is a dotted path, resolved by the worker: rooms above do the work.

What it names takes ``(progress)`` (jobs/run.py) and returns facts for the result (JSON, no secret, no address). It may
be called again after a crash, and has to find what it had already done.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One line of the catalogue: name, what people read while it runs, who does it."""

    name: str
    words: str
    done_by: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        # One line per kind, in the order of the rooms.
        Kind("imports.apply", "Import de la base de l’établissement", "preau.identity.imports.runs.perform"),
    )
}


@dataclass(frozen=True)
class Chore:
    """What the worker does over and over: ``done_by`` takes ``at=``, and what it returns is true when it found some."""

    done_by: str
    every: float  # seconds between two calls; at once again while it finds something to do


CHORES = (
    Chore("preau.identity.messaging.outbox.send_due", every=1),
    Chore("preau.identity.jobs.reaper.take_up_again", every=10),
    Chore("preau.identity.audit.sealing.seal_waiting", every=10),
    Chore("preau.identity.jobs.tidying.forget_finished", every=3600),
    Chore("preau.identity.jobs.tidying.forget_drafts", every=3600),
    Chore("preau.identity.factors.webauthn.forget_unanswered", every=3600),
    Chore("preau.identity.accounts.channel_changes.take_effect", every=60),
    Chore("preau.identity.accounts.channel_removals.forget_due", every=60),
    Chore("preau.identity.accounts.closing.close_due", every=3600),
    Chore("preau.identity.accounts.adulthood.give_back_for_minors", every=86400),
    Chore("preau.identity.accounts.adulthood.tell_new_adults", every=86400),
    Chore("preau.identity.signin.tidying.forget_failures", every=3600),
    Chore("preau.identity.signin.tidying.forget_visits", every=3600),
    Chore("preau.identity.signin.tidying.forget_factors", every=3600),
    Chore("preau.identity.signin.lost_factors.remove_due", every=60),
    Chore("preau.identity.signin.old_accounts.forget_old_accounts", every=3600),
    Chore("preau.identity.signin.tidying.forget_codes", every=3600),
    Chore("preau.identity.signin.sms_watch.watch", every=60),
    Chore("preau.identity.directory.corrections.apply_due", every=60),
    Chore("preau.identity.support.tidying.tell_due", every=60),
    Chore("preau.identity.support.tidying.forget_tickets", every=3600),
    Chore("preau.identity.franceconnect.tidying.forget_attempts", every=3600),
    Chore("preau.identity.accounts.merging.perform_due", every=60),
    Chore("preau.identity.accounts.lifecycle.settle_merges", every=3600),
    Chore("preau.identity.recovery.tidying.forget_approvals", every=3600),
    Chore("preau.identity.federation.farewells.notice_endings", every=3),
    Chore("preau.identity.federation.farewells.tell_due", every=3),
    Chore("preau.identity.federation.tidying.forget_codes", every=3600),
    Chore("preau.identity.federation.tidying.forget_proofs", every=3600),
    Chore("preau.identity.federation.tidying.forget_troubles", every=3600),
    Chore("preau.identity.imports.settling.settle_due", every=3600),
    Chore("preau.identity.imports.runs.forget_unread", every=3600),
    Chore("preau.identity.federation.refresh.refresh_due", every=300),
)
