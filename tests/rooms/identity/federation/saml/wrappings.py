"""Signature wrapping (Somorovsky et al., 2012): eight shapes in which one document is signed and another is read."""

import copy

from lxml import etree

from tests.rooms.identity.federation.saml.ent import NAMES

_SIGNATURE, _OBJECT = f"{{{NAMES['ds']}}}Signature", f"{{{NAMES['ds']}}}Object"
_EXTENSIONS = f"{{{NAMES['samlp']}}}Extensions"


def wrappings(good: bytes, bad: bytes) -> list[bytes]:
    """The eight: the signed document `good` is somewhere, `bad`, without a signature, is where the reader looks."""
    signed, evil = etree.fromstring(good), etree.fromstring(bad)
    name = signed.get("ID", "")
    bare = copy.deepcopy(signed)
    signature = bare.find(_SIGNATURE)
    assert signature is not None
    bare.remove(signature)
    found: list[bytes] = []

    def keep(root: etree._Element) -> None:
        found.append(etree.tostring(root))

    one, mark = copy.deepcopy(evil), copy.deepcopy(signature)
    mark.append(copy.deepcopy(bare))
    one.insert(1, mark)
    keep(one)  # 1: the original inside its signature
    two = copy.deepcopy(evil)
    two.insert(1, copy.deepcopy(signature))
    two.append(copy.deepcopy(bare))
    keep(two)  # 2: the original beside its signature
    three = etree.Element(_EXTENSIONS)
    three.append(copy.deepcopy(evil))
    three.append(copy.deepcopy(signed))
    keep(three)  # 3: both under another root
    four = copy.deepcopy(evil)
    four.append(copy.deepcopy(signed))
    keep(four)  # 4: the original whole inside the other
    five = copy.deepcopy(evil)
    five.set("ID", name)
    five.insert(1, copy.deepcopy(signature))
    five.append(copy.deepcopy(bare))
    keep(five)  # 5: one identifier twice
    six, mark = copy.deepcopy(evil), copy.deepcopy(signature)
    six.set("ID", name)
    mark.append(copy.deepcopy(bare))
    six.insert(1, mark)
    keep(six)  # 6: one identifier twice, inside the signature
    seven = copy.deepcopy(evil)
    holder = etree.SubElement(seven, _EXTENSIONS)
    holder.append(copy.deepcopy(signed))
    keep(seven)  # 7: the original in Extensions
    eight, mark = copy.deepcopy(evil), copy.deepcopy(signature)
    etree.SubElement(mark, _OBJECT).append(copy.deepcopy(bare))
    eight.insert(1, mark)
    keep(eight)  # 8: the original in an Object of the signature
    return found
