"""Which mobile, which telephone, which address a person can be reached at, out of what the base wrote. Pure."""

from dataclasses import dataclass

from preau.identity.directory import phones
from preau.identity.imports import values

_GIVEN_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Contacts:
    """What can be used, and what was written that can't."""

    mobile: str = ""
    phone: str = ""
    email: str = ""
    unreadable_phone: str = ""
    unreadable_email: str = ""


def of(written: tuple[str, ...], email: str, *, department: str, demo_numbers: bool) -> Contacts:
    """The first valid mobile (they sit in the home and work boxes too), the first other number, the mail."""
    mobile = phone = unreadable = ""
    for text in written:
        number = phones.read(text, department=department, demo_numbers=demo_numbers)
        if number is None:
            unreadable = unreadable or text
        elif number.is_mobile and not mobile:
            mobile = number.e164
        elif number.e164 != mobile:
            phone = phone or number.e164
    usable = values.email(email)
    return Contacts(
        mobile=mobile,
        phone=phone,
        email=usable,
        unreadable_phone="" if mobile else unreadable[:_GIVEN_LENGTH],
        unreadable_email="" if usable else email,
    )
