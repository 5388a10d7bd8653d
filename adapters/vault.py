"""Keys and sealed values: without the master key, which lives outside the database, none of them opens.

    master key (a file, or the environment)
      └── wraps, per tenant, two random keys kept on the tenant's row
            ├── values        AES-256-GCM; tenant, field and key id are bound to every ciphertext
            └── fingerprints  HMAC-SHA-256 cut to 16 bytes, for columns that must be looked up

A ciphertext is `v1`, four bytes of key id, a random nonce of 96 bits, then AES-GCM's output. Deleting a
tenant's two keys makes everything of that tenant unreadable for ever.
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.codes import Code
from domain.errors import PermanentError, TenantBlockedError
from domain.ids import TenantId

MARK = b"v1"
KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
HEAD_BYTES = len(MARK) + ID_BYTES
DIGEST_BYTES = 16
OWNER_ONLY = 0o600
TOO_OPEN = 0o027
"""A key file that strangers may read, or a group may write, protects nothing."""

KeyLoader: TypeAlias = Callable[[TenantId], bytes | None]
"""Fetch a tenant's wrapped keys from wherever they are kept; None for an unknown tenant."""


class VaultError(Exception):
    """Say that something could not be sealed or opened; never holds the value or a key."""


class MissingMasterKeyError(VaultError):
    """Say that there is no usable master key, and how to get one."""


class SealedElsewhereError(VaultError, PermanentError):
    """Say that a ciphertext belongs to another tenant, field or key, or was damaged."""

    def __init__(self, detail: str) -> None:
        PermanentError.__init__(self, Code.VALUE_UNREADABLE, detail)

    def __str__(self) -> str:
        """Say what is wrong, without the code."""
        return self.detail


class NoTenantKeysError(VaultError, TenantBlockedError):
    """Say that a tenant's keys are not there or do not open: nothing of this tenant can go on."""

    def __init__(self, detail: str) -> None:
        TenantBlockedError.__init__(self, Code.KEYS_UNREADABLE, detail)

    def __str__(self) -> str:
        """Say what is wrong, without the code."""
        return self.detail


class WrongMasterKeyError(NoTenantKeysError):
    """Say that the store was sealed under another master key, and which."""


class Cipher:
    """Seal and open with one key; the key's id travels in front of each ciphertext."""

    __slots__ = ("_aead", "_head", "key_id")

    def __init__(self, key_id: bytes, key: bytes) -> None:
        self.key_id = key_id
        self._head = MARK + key_id
        self._aead = AESGCM(key)

    def seal(self, owner: str, name: str, plain: bytes) -> bytes:
        """Encrypt so that it opens for this owner and this field only."""
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._aead.encrypt(nonce, plain, self._bound_to(owner, name))

    def open(self, owner: str, name: str, sealed: bytes) -> bytes:
        """Decrypt; raises `SealedElsewhereError` for whatever was not sealed exactly so."""
        if sealed[:HEAD_BYTES] != self._head:
            raise SealedElsewhereError(
                f"a value of «{name}» names key {named_key(sealed)}, the present key is {self.key_id.hex()}"
            )
        nonce = sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], self._bound_to(owner, name))
        except (InvalidTag, ValueError):
            raise SealedElsewhereError(
                f"a value of «{name}» was damaged, or was copied from another tenant or field"
            ) from None

    def _bound_to(self, owner: str, name: str) -> bytes:
        """Write tenant, field, key id and version so that no two combinations look alike."""
        text = f"{len(owner)}|{owner}|{name}"
        return self._head + text.encode("utf-8", "surrogatepass")


def named_key(sealed: bytes) -> str:
    """Tell which key a ciphertext asks for, as eight hex digits."""
    return sealed[len(MARK) : HEAD_BYTES].hex() if sealed.startswith(MARK) else "unknown"


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "unknown reason" if isinstance(error, OSError) else "it is no plain text"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """Hold the one key that is never in the database. Printed only by its id."""

    key: bytes = field(repr=False)
    key_id: str

    @classmethod
    def from_text(cls, text: str) -> "MasterKey":
        """Read a key from base64, as it stands in a file or in an environment variable."""
        try:
            key = b64decode(text.strip(), validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise MissingMasterKeyError(
                f"the master key must be {KEY_BYTES} bytes in base64 (44 characters); "
                f"{len(text.strip())} characters were given. Copy the whole line of the key file."
            )
        return cls(key, hashlib.sha256(b"staffetta master key id\0" + key).digest()[:ID_BYTES].hex())

    @classmethod
    def from_file(cls, path: Path) -> "MasterKey":
        """Read the key file; it must not be open to others than its owner (and readers of its group)."""
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise MissingMasterKeyError(
                f"no master key can be read from {path} ({_reason(error)}). Restore the file from "
                "your backup, or correct STAFFETTA_MASTER_KEY_FILE; a new key opens only a new, empty store."
            ) from error
        if mode & TOO_OPEN:
            raise MissingMasterKeyError(
                f"{path} may be read or written by others (mode {mode & 0o777:o}). "
                "Make it private first: chmod 600."
            )
        return cls.from_text(text)

    @classmethod
    def generate(cls, path: Path) -> "MasterKey":
        """Write a new random key to a private file; raises `FileExistsError` rather than overwrite one."""
        text = b64encode(os.urandom(KEY_BYTES)).decode("ascii")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        return cls.from_text(text)

    def cipher(self) -> Cipher:
        """Make the cipher that wraps tenants' keys and the canary."""
        return Cipher(bytes.fromhex(self.key_id), self.key)


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """Hold a tenant's two keys; `wrap` and `unwrap` carry them into the database and out again."""

    key_id: bytes
    values: bytes = field(repr=False)
    fingerprints: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> "SealedKeys":
        """Make two random keys."""
        return cls(os.urandom(ID_BYTES), os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))

    def wrap(self, master: Cipher, tenant_id: TenantId) -> bytes:
        """Seal both keys for the tenant's row."""
        return master.seal(tenant_id, "tenant-keys", self.key_id + self.values + self.fingerprints)

    @classmethod
    def unwrap(cls, master: Cipher, tenant_id: TenantId, wrapped: bytes) -> "SealedKeys":
        """Open what `wrap` sealed for the same tenant under the same master key."""
        plain = master.open(tenant_id, "tenant-keys", wrapped)
        values = plain[ID_BYTES : ID_BYTES + KEY_BYTES]
        return cls(plain[:ID_BYTES], values, plain[ID_BYTES + KEY_BYTES :])


class TenantVault:
    """Seal, open and fingerprint with each tenant's own keys, loaded once and kept in memory.

    Safe to share between threads: the shared ring only ever gains entries, and loading twice gives the same.
    """

    __slots__ = ("_fresh", "_load", "_master", "_ring")

    def __init__(self, master: MasterKey, load: KeyLoader = lambda _: None) -> None:
        self._master = master.cipher()
        self._load = load
        self._ring: dict[TenantId, tuple[Cipher, bytes]] = {}
        self._fresh: dict[TenantId, tuple[Cipher, bytes]] = {}

    @property
    def master(self) -> Cipher:
        """Return the cipher of the master key, for the store's canary."""
        return self._master

    def reading(self, load: KeyLoader) -> "TenantVault":
        """Make a view that loads keys elsewhere (through an open transaction) and shares the ring."""
        view = object.__new__(TenantVault)
        view._master, view._ring = self._master, self._ring
        view._load, view._fresh = load, {}
        return view

    def new_keys(self, tenant_id: TenantId) -> bytes:
        """Make keys for a tenant that is being added and return them wrapped.

        Only this view uses them until they are loaded from where they were stored: a transaction that rolls
        back must not leave keys behind in the shared ring.
        """
        keys = SealedKeys.fresh()
        self._fresh[tenant_id] = _ready(keys)
        return keys.wrap(self._master, tenant_id)

    def forget(self, tenant_id: TenantId) -> None:
        """Throw away keys from `new_keys` that were not stored after all."""
        self._fresh.pop(tenant_id, None)

    def seal(self, tenant_id: TenantId, field: str, plain: bytes) -> bytes:
        """Encrypt for one tenant and one field."""
        return self._keys(tenant_id)[0].seal(tenant_id, field, plain)

    def open(self, tenant_id: TenantId, field: str, sealed: bytes) -> bytes:
        """Decrypt, or raise `SealedElsewhereError` if the text belongs to another tenant, field or key."""
        return self._keys(tenant_id)[0].open(tenant_id, field, sealed)

    def digest(self, tenant_id: TenantId, purpose: str, plain: bytes) -> bytes:
        """Fingerprint a value for one purpose (HMAC-SHA-256 cut to 16 bytes)."""
        message = f"{len(purpose)}|{purpose}|".encode() + plain
        return hmac.digest(self._keys(tenant_id)[1], message, "sha256")[:DIGEST_BYTES]

    def _keys(self, tenant_id: TenantId) -> tuple[Cipher, bytes]:
        return self._fresh.get(tenant_id) or self._ring.get(tenant_id) or self._loaded(tenant_id)

    def _loaded(self, tenant_id: TenantId) -> tuple[Cipher, bytes]:
        wrapped = self._load(tenant_id)
        if wrapped is None:
            raise NoTenantKeysError(f"tenant «{tenant_id}» has no keys: it does not exist, or was shredded")
        if named_key(wrapped) != self._master.key_id.hex():
            raise WrongMasterKeyError(
                f"the keys of tenant «{tenant_id}» need master key {named_key(wrapped)}, "
                f"the present one is {self._master.key_id.hex()}. Start with the key that is named first."
            )
        try:
            keys = _ready(SealedKeys.unwrap(self._master, tenant_id, wrapped))
        except SealedElsewhereError:
            raise NoTenantKeysError(
                f"the keys of tenant «{tenant_id}» do not open as this tenant's"
            ) from None
        self._ring[tenant_id] = keys
        return keys


def _ready(keys: SealedKeys) -> tuple[Cipher, bytes]:
    return Cipher(keys.key_id, keys.values), keys.fingerprints
