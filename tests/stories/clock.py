"""Time, for stories in which it passes: the street’s clock and, with it, the codes of somebody’s phone."""

from time import sleep, time

import pyotp

from tests.stories.street import Street


class Clock:
    """The street's, moved on by pieces; a phone's application follows it."""

    def __init__(self, street: Street) -> None:
        self.street, self.hours = street, 0.0

    def later(self, hours: float) -> None:
        """So much later than now."""
        self.hours += hours
        self.street.move_clock(hours=self.hours)

    def a_pass(self) -> None:
        """What falls due is done; the street's own passes come each minute of ours."""
        self.street.preau("identity", "worker", "--once")

    def code(self, phone: pyotp.TOTP, *, after: str = "") -> str:
        """What the application shows; another than `after`, which has served."""
        while (shown := phone.at(int(time() + self.hours * 3600))) == after:
            sleep(1)
        return shown
