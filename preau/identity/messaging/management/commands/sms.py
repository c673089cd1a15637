"""``preau identity sms``: where the gateway reports, and what left in the last day."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Sum

from preau import clock
from preau.identity.messaging import sms
from preau.identity.messaging.catalogue import Way
from preau.identity.messaging.models import Outgoing, SmsHour


class Command(BaseCommand):
    """Read only."""

    help = "Dit où la passerelle SMS rend compte, et ce qui est parti depuis un jour."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        at = clock.now()
        day = at - timedelta(days=1)
        self.stdout.write(f"Accusés de réception : {settings.PUBLIC_URL}{sms.receipts_path()}")
        self.stdout.write(f"Passerelle : {'ne répond pas' if sms.is_failing(at) else settings.SMS_URL or 'aucune'}")
        self.stdout.write(f"Cette heure : {sms.sent_in_hour(at)} sur {settings.SMS_PER_HOUR}")
        hours = SmsHour.objects.filter(hour_at__gt=day).values("dial_code").annotate(total=Sum("sent"))
        for line in hours.order_by("-total"):
            self.stdout.write(f"  +{line['dial_code']} : {line['total']} depuis un jour")
        sent = Outgoing.objects.by(Way.SMS).filter(sent_at__gt=day).exclude(reference="")
        delivered, lost = sent.exclude(delivered_at=None).count(), sent.exclude(undelivered_at=None).count()
        waiting = Outgoing.objects.by(Way.SMS).filter(sent_at=None, given_up_at=None).count()
        self.stdout.write(f"Arrivés : {delivered} · jamais arrivés : {lost} · en attente : {waiting}")
