"""This is where seals are tested: opened only with the key, for the subject, untouched."""

import base64
import os

import pytest

from services.kit.seal import Seal, SealBroken
from services.kit.settings import DEVELOPMENT_SEAL_KEY


def test_what_is_sealed_opens_for_its_subject_only() -> None:
    seal = Seal(DEVELOPMENT_SEAL_KEY)
    sealed = seal.close(b"12 Garden Road", "ord_1")
    assert b"Garden" not in sealed
    assert seal.open(sealed, "ord_1") == b"12 Garden Road"
    with pytest.raises(SealBroken):
        seal.open(sealed, "ord_2")


def test_another_key_or_a_changed_byte_breaks_it() -> None:
    seal, other = Seal(DEVELOPMENT_SEAL_KEY), Seal(base64.b64encode(os.urandom(32)).decode())
    sealed = seal.close(b"x", "s")
    with pytest.raises(SealBroken):
        other.open(sealed, "s")
    with pytest.raises(SealBroken):
        seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "s")
