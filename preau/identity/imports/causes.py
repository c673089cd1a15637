"""Why an import is refused, and what it doubts: the two catalogues. The sentences are in sentences.py. Pure."""

from enum import StrEnum


class Cause(StrEnum):
    """What makes an import impossible: nothing is written."""

    # The file itself (archive.py)
    NO_FILE = "no_file"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    DAMAGED_ZIP = "damaged_zip"
    LOCKED_ZIP = "locked_zip"
    SEVERAL_MEMBERS = "several_members"
    NO_MEMBER = "no_member"
    UNSAFE_MEMBER = "unsafe_member"
    EXPANDS_TOO_MUCH = "expands_too_much"
    SPREADSHEET = "spreadsheet"
    NOT_XML = "not_xml"
    # Its writing (xml.py)
    MALFORMED = "malformed"
    HAS_DTD = "has_dtd"
    WRONG_ENCODING = "wrong_encoding"
    UNEXPECTED_ENCODING = "unexpected_encoding"
    TOO_DEEP = "too_deep"
    TOO_LONG = "too_long"
    # Its nature (formats.py)
    UNKNOWN_ROOT = "unknown_root"
    UNUSED_ROOT = "unused_root"
    REVERSED_STS = "reversed_sts"
    NO_SCHOOL_CODE = "no_school_code"
    NO_YEAR = "no_year"
    NO_KEY = "no_key"
    SAME_KIND_TWICE = "same_kind_twice"
    # Its place (reconcile.py)
    SEVERAL_SCHOOLS = "several_schools"
    UNKNOWN_SCHOOL = "unknown_school"
    OTHER_SCHOOL = "other_school"
    SEVERAL_YEARS = "several_years"
    OTHER_YEAR = "other_year"
    OLDER_EXPORT = "older_export"
    NO_PUPIL = "no_pupil"
    SAME_PUPIL_KEY = "same_pupil_key"
    SAME_PERSON_KEY = "same_person_key"
    SAME_INE = "same_ine"
    # Its applying (apply.py)
    PLAN_CHANGED = "plan_changed"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEEDS_SECOND_PERSON = "needs_second_person"
    ALREADY_CLOSED = "already_closed"


class Doubt(StrEnum):
    """What is imported all the same, or left aside, and that somebody at the school should look at."""

    # Pupils
    LOST_LETTERS = "lost_letters"
    NO_INE = "no_ine"
    WRONG_INE = "wrong_ine"
    NO_BIRTH_DATE = "no_birth_date"
    NO_NAME = "no_name"
    UNREADABLE_DATE = "unreadable_date"
    HOMONYM_PUPILS = "homonym_pupils"
    IN_TWO_SCHOOLS = "in_two_schools"
    INE_OF_ANOTHER = "ine_of_another"
    FUTURE_EXIT = "future_exit"
    LEAVER_WITH_DIVISION = "leaver_with_division"
    NO_DIVISION = "no_division"
    SEVERAL_DIVISIONS = "several_divisions"
    UNLISTED_DIVISION = "unlisted_division"
    PLACED_TWICE = "placed_twice"
    PLACEMENT_OF_UNKNOWN = "placement_of_unknown"
    OTHER_PUPIL_UNDER_KEY = "other_pupil_under_key"
    NO_GUARDIAN = "no_guardian"
    MANY_GUARDIANS = "many_guardians"
    # Links
    LINK_TO_UNKNOWN_PUPIL = "link_to_unknown_pupil"
    LINK_TO_UNKNOWN_PERSON = "link_to_unknown_person"
    LEVELS_DISAGREE = "levels_disagree"
    NO_LEVEL = "no_level"
    LINK_TWICE = "link_twice"
    SELF_GUARDIAN_MINOR = "self_guardian_minor"
    SELF_GUARDIAN_OTHER_NAME = "self_guardian_other_name"
    # Guardians
    BODY = "body"
    PERSON_WITHOUT_PUPIL = "person_without_pupil"
    NO_CHANNEL = "no_channel"
    SHARED_MOBILE = "shared_mobile"
    SHARED_EMAIL = "shared_email"
    HOMONYM_GUARDIANS = "homonym_guardians"
    UNREADABLE_MOBILE = "unreadable_mobile"
    UNREADABLE_EMAIL = "unreadable_email"
    CONTACT_KEPT = "contact_kept"
    # Corrections of the school (overlay.py)
    CORRECTION_KEPT = "correction_kept"
    CORRECTION_OVERRULED = "correction_overruled"
    LINK_REFUTED = "link_refuted"
    # Staff
    UNKNOWN_DIVISION_OF_TUTOR = "unknown_division_of_tutor"
    ENDED_MANDATE = "ended_mandate"
    NO_FUNCTION = "no_function"
    SAME_STAFF_KEY = "same_staff_key"
    # Files
    WRONG_SCHOOL_KEY = "wrong_school_key"
    NO_EXPORT_DATE = "no_export_date"


class Refused(Exception):
    """An import that cannot be done. `facts` fill the sentence of its cause; `file` is the name the person gave."""

    def __init__(self, cause: Cause, *, file: str = "", **facts: object) -> None:
        super().__init__(cause.value)
        self.cause, self.file, self.facts = cause, file, facts
