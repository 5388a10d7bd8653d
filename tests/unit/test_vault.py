"""The vault: what is sealed opens for its own tenant and field only, and never without the master key."""

import os
import threading
from pathlib import Path

import pytest

from adapters.vault import (
    Cipher,
    MasterKey,
    MissingMasterKeyError,
    NoTenantKeysError,
    SealedElsewhereError,
    SealedKeys,
    TenantVault,
    WrongMasterKeyError,
)
from domain.ids import TenantId
from domain.ports_world import Vault

ACME, OTHER = TenantId("acme"), TenantId("other")
SECRET = b"CANARY-iban-DE89370400440532013000"
MASTER = MasterKey.from_text("A" * 43 + "=")
STRANGER = MasterKey.from_text("B" * 43 + "=")


@pytest.fixture
def rows() -> dict[TenantId, bytes]:
    """The wrapped keys as a store would keep them."""
    cipher = MASTER.cipher()
    return {tenant_id: SealedKeys.fresh().wrap(cipher, tenant_id) for tenant_id in (ACME, OTHER)}


@pytest.fixture
def vault(rows: dict[TenantId, bytes]) -> TenantVault:
    return TenantVault(MASTER, rows.get)


def test_what_is_sealed_opens_again(vault: Vault) -> None:
    assert vault.open(ACME, "people.sealed", vault.seal(ACME, "people.sealed", SECRET)) == SECRET


def test_the_same_value_never_looks_the_same_twice(vault: Vault) -> None:
    assert vault.seal(ACME, "field", SECRET) != vault.seal(ACME, "field", SECRET)


def test_a_ciphertext_shows_neither_the_value_nor_much_more_length(vault: Vault) -> None:
    sealed = vault.seal(ACME, "field", SECRET)
    assert SECRET not in sealed
    assert sealed.startswith(b"v1")
    assert len(sealed) == len(SECRET) + 2 + 4 + 12 + 16


def test_k12_a_ciphertext_copied_to_another_tenant_stays_shut(vault: Vault) -> None:
    with pytest.raises(SealedElsewhereError, match="names key"):
        vault.open(OTHER, "field", vault.seal(ACME, "field", SECRET))


def test_k12_a_ciphertext_copied_to_another_field_stays_shut(vault: Vault) -> None:
    with pytest.raises(SealedElsewhereError, match="copied from another tenant or field"):
        vault.open(ACME, "other-field", vault.seal(ACME, "field", SECRET))


def test_even_two_tenants_with_one_key_cannot_open_each_others_values() -> None:
    cipher = Cipher(b"same", bytes(32))
    with pytest.raises(SealedElsewhereError):
        cipher.open("b", "field", cipher.seal("a", "field", SECRET))


def test_tenant_and_field_cannot_be_shifted_into_each_other() -> None:
    cipher = Cipher(b"same", bytes(32))
    with pytest.raises(SealedElsewhereError):
        cipher.open("a", "b|field", cipher.seal("a|b", "field", SECRET))


@pytest.mark.parametrize("position", [0, 3, 10, 20, -1], ids=["mark", "key id", "nonce", "body", "tag"])
def test_a_damaged_ciphertext_stays_shut(vault: Vault, position: int) -> None:
    sealed = bytearray(vault.seal(ACME, "field", SECRET))
    sealed[position] ^= 1
    with pytest.raises(SealedElsewhereError):
        vault.open(ACME, "field", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"v1", b"nonsense"])
def test_what_was_never_sealed_stays_shut(vault: Vault, sealed: bytes) -> None:
    with pytest.raises(SealedElsewhereError):
        vault.open(ACME, "field", sealed)


def test_messages_hold_no_value(vault: Vault) -> None:
    with pytest.raises(SealedElsewhereError) as caught:
        vault.open(ACME, "other", vault.seal(ACME, "field", SECRET))
    assert "CANARY" not in str(caught.value)


def test_a_fingerprint_is_the_same_for_the_same_tenant_purpose_and_value(vault: Vault) -> None:
    assert vault.digest(ACME, "key", b"ada") == vault.digest(ACME, "key", b"ada")
    assert len(vault.digest(ACME, "key", b"ada")) == 16


@pytest.mark.parametrize(
    ("tenant_id", "purpose", "plain"),
    [(OTHER, "key", b"ada"), (ACME, "match", b"ada"), (ACME, "key", b"bob")],
    ids=["tenant", "purpose", "value"],
)
def test_a_fingerprint_differs_with_each_of_them(
    vault: Vault, tenant_id: TenantId, purpose: str, plain: bytes
) -> None:
    assert vault.digest(tenant_id, purpose, plain) != vault.digest(ACME, "key", b"ada")


def test_purpose_and_value_cannot_be_shifted_into_each_other(vault: Vault) -> None:
    assert vault.digest(ACME, "a", b"b|c") != vault.digest(ACME, "a|b", b"c")


def test_keys_are_loaded_once(rows: dict[TenantId, bytes]) -> None:
    asked: list[TenantId] = []

    def load(tenant_id: TenantId) -> bytes | None:
        asked.append(tenant_id)
        return rows[tenant_id]

    vault = TenantVault(MASTER, load)
    for _ in range(3):
        vault.seal(ACME, "field", SECRET)
    assert asked == [ACME]


def test_views_share_what_was_loaded(rows: dict[TenantId, bytes]) -> None:
    first = TenantVault(MASTER, rows.get)
    sealed = first.seal(ACME, "field", SECRET)
    assert first.reading(lambda _: None).open(ACME, "field", sealed) == SECRET


def test_keys_of_a_tenant_being_added_serve_only_the_view_that_made_them() -> None:
    """A transaction that rolls back must not leave keys behind that no row has."""
    shared = TenantVault(MASTER)
    shared.reading(lambda _: None).new_keys(ACME)
    with pytest.raises(NoTenantKeysError):
        shared.seal(ACME, "field", SECRET)


def test_new_keys_open_what_they_sealed_once_they_are_stored() -> None:
    adding = TenantVault(MASTER)
    wrapped = adding.new_keys(ACME)
    sealed = adding.seal(ACME, "field", SECRET)
    assert TenantVault(MASTER, lambda _: wrapped).open(ACME, "field", sealed) == SECRET


def test_a_tenant_without_keys_is_named() -> None:
    with pytest.raises(NoTenantKeysError, match="acme"):
        TenantVault(MASTER).seal(ACME, "field", SECRET)


def test_another_master_key_opens_no_tenant_and_the_needed_one_is_named(rows: dict[TenantId, bytes]) -> None:
    with pytest.raises(WrongMasterKeyError, match=MASTER.key_id):
        TenantVault(STRANGER, rows.get).seal(ACME, "field", SECRET)


def test_k12_wrapped_keys_of_one_tenant_are_useless_on_anothers_row(rows: dict[TenantId, bytes]) -> None:
    with pytest.raises(NoTenantKeysError, match="do not open"):
        TenantVault(MASTER, lambda _: rows[OTHER]).seal(ACME, "field", SECRET)


def test_many_threads_share_one_vault(vault: TenantVault) -> None:
    opened: list[bytes] = []

    def work() -> None:
        opened.extend(vault.open(ACME, "f", vault.seal(ACME, "f", SECRET)) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert opened == [SECRET] * 200


def test_a_generated_key_is_private_and_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    made = MasterKey.generate(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKey.from_file(path) == made


def test_k11_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = MasterKey.generate(path)
    with pytest.raises(FileExistsError):
        MasterKey.generate(path)
    assert MasterKey.from_file(path) == made


def test_k11_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingMasterKeyError, match="Restore the file from your backup"):
        MasterKey.from_file(tmp_path / "gone.key")


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620], ids=oct)
def test_a_key_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    MasterKey.generate(path)
    path.chmod(mode)
    with pytest.raises(MissingMasterKeyError, match="chmod 600"):
        MasterKey.from_file(path)


@pytest.mark.parametrize(
    "text", ["", "short", "A" * 44, "not base64 at all, but some forty-four letters"], ids=len
)
def test_a_text_that_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(MissingMasterKeyError, match="32 bytes in base64") as caught:
        MasterKey.from_text(text)
    assert not text or text not in str(caught.value)


def test_keys_are_never_printed() -> None:
    keys = SealedKeys.fresh()
    shown = repr(MASTER) + repr(keys) + repr(TenantVault(MASTER))
    for secret in (MASTER.key, keys.values, keys.fingerprints):
        assert repr(secret) not in shown


def test_each_key_has_an_id_of_its_own() -> None:
    assert MASTER.key_id != STRANGER.key_id
    assert len(os.fsencode(MASTER.key_id)) == 8
