"""The RONK formats (docs/formats/ronk-v1.md) in Python, for making and checking test vectors.

Written from that page alone. Nothing here is fast, hardened or constant-time where it matters
to a service; it is meant to be read beside the page. Needs only the `cryptography` package
(38 or newer) and, for passphrases, either `argon2` (Debian: python3-argon2) or a `cryptography`
with Argon2id.

    python3 ronk.py        runs the self-test
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import struct
import sys
import uuid as uuid_module
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAX_INT = 2 ** 53 - 1
ZERO_HASH = "0" * 64


class RonkError(Exception):
    """A refusal. `code` is the name the format's page gives it, or "Refused" where it gives none."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


def corrupt(why):
    return RonkError("SealedCorrupt", why)


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(ikm, salt, info, length=32):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(ikm)


def subkey(store_key, store_id, name):
    """name: "store", "journal", "anchor" or "backup"."""
    return hkdf(store_key, store_id, b"RONK/v1/" + name.encode())


def uuid_text(uuid_bytes):
    return str(uuid_module.UUID(bytes=bytes(uuid_bytes)))


def uuid_bytes(text):
    """Only the lower-case hyphenated form."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise ValueError("not a lower-case hyphenated uuid")
    return bytes.fromhex(text.replace("-", ""))


def base64_strict(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as e:
        raise ValueError(f"base64: {e}")
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 is not in its one form")
    return data


# ---------------------------------------------------------------- canonical JSON (RFC 8785)

_SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def _canonical_string(s):
    out = []
    for c in s:
        n = ord(c)
        out.append(_SHORT.get(n) or (f"\\u{n:04x}" if n < 0x20 else c))
    return '"' + "".join(out) + '"'


def _canonical_text(v):
    if isinstance(v, str):
        return _canonical_string(v)
    if v is True or v is False or v is None:
        return {True: "true", False: "false", None: "null"}[v]
    if type(v) is int:
        if abs(v) > MAX_INT:
            raise ValueError("integer above 2^53 - 1")
        return str(v)
    if isinstance(v, dict):
        keys = sorted(v, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(_canonical_string(k) + ":" + _canonical_text(v[k]) for k in keys) + "}"
    if isinstance(v, list):
        return "[" + ",".join(_canonical_text(x) for x in v) + "]"
    raise ValueError(f"{type(v).__name__} is outside the subset")


def canonical(v):
    """The canonical bytes. Raises ValueError for what the formats never hold (lone surrogates too)."""
    return _canonical_text(v).encode("utf-8")


def parse_canonical(data):
    """Parses bytes that must equal their own re-serialisation. Raises ValueError otherwise."""

    def pairs(items):
        d = dict(items)
        if len(d) != len(items):
            raise ValueError("duplicate member")
        return d

    def refuse(what):
        raise ValueError(f"{what} is outside the subset")

    try:
        v = json.loads(bytes(data).decode("utf-8"), object_pairs_hook=pairs,
                       parse_float=refuse, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deep")
    if canonical(v) != data:
        raise ValueError("does not equal its own re-serialisation")
    return v


# ---------------------------------------------------------------- algorithms (section 5)

@dataclass(frozen=True)
class Alg:
    id: int
    name: str
    public_len: int
    secret_len: int  # None: PKCS#8 DER
    hybrid: int


ALGS = [
    Alg(0x0001, "ed25519", 32, 32, 0),
    Alg(0x0002, "x25519", 32, 32, 0),
    Alg(0x0003, "p256", 65, 32, 0),
    Alg(0x0010, "rsa2048", 294, None, 0),  # SPKI DER with e = 65537
    Alg(0x0011, "rsa3072", 422, None, 0),
    Alg(0x0012, "rsa4096", 550, None, 0),
    Alg(0x0020, "aes256gcm", 0, 32, 0),
    Alg(0x0021, "chacha20poly1305", 0, 32, 0),
    Alg(0x0022, "hmacsha256", 0, 32, 0),
    Alg(0x0101, "mlkem512", 800, 64, 0),
    Alg(0x0102, "mlkem768", 1184, 64, 0),
    Alg(0x0103, "mlkem1024", 1568, 64, 0),
    Alg(0x0111, "mldsa44", 1312, 32, 0),
    Alg(0x0112, "mldsa65", 1952, 32, 0),
    Alg(0x0113, "mldsa87", 2592, 32, 0),
    Alg(0x0201, "xwing", 1216, 32, 1),
    Alg(0x0211, "ed25519+mldsa65", 32 + 1952, 64, 1),
    Alg(0x0212, "composite-mldsa65-ed25519", 1952 + 32, 64, 1),
]
_slh_id = 0x0121
for _bits in (128, 192, 256):
    for _speed in "sf":
        for _hash in ("sha2", "shake"):
            ALGS.append(Alg(_slh_id, f"slhdsa-{_hash}-{_bits}{_speed}", _bits // 4, _bits // 2, 0))
            _slh_id += 1

ALG_BY_ID = {a.id: a for a in ALGS}
ALG_BY_NAME = {a.name: a for a in ALGS}

_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _mldsa_public(name, seed):
    from cryptography.hazmat.primitives.asymmetric import mldsa  # only in newer versions
    cls = getattr(mldsa, name.upper() + "PrivateKey")
    return cls.from_seed_bytes(seed).public_key().public_bytes(*_RAW)


def _mlkem_public(name, seed):
    from cryptography.hazmat.primitives.asymmetric import mlkem  # only in newer versions
    cls = getattr(mlkem, name.upper() + "PrivateKey")
    return cls.from_seed_bytes(seed).public_key().public_bytes(*_RAW)


def _ed25519_public(seed):
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(*_RAW)


def _x25519_public(secret):
    return x25519.X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(*_RAW)


def public_from_secret(name, secret):
    """The raw public key that belongs to the secret; b"" for symmetric algorithms, None where
    this Python cannot compute it. Raises ValueError for a secret that is none of that algorithm."""
    alg = ALG_BY_NAME[name]
    if alg.secret_len is not None and len(secret) != alg.secret_len:
        raise ValueError(f"a secret of {name} has {alg.secret_len} bytes, not {len(secret)}")
    if alg.public_len == 0:
        return b""
    try:
        if name == "ed25519":
            return _ed25519_public(secret)
        if name == "x25519":
            return _x25519_public(secret)
        if name == "p256":
            key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
            return key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        if name.startswith("rsa"):
            key = serialization.load_der_private_key(secret, None)
            if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != int(name[3:]):
                raise ValueError(f"not a key of {name}")
            return key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        if name.startswith("slhdsa-"):
            return secret[len(secret) // 2:]
        if name.startswith("mlkem"):
            return _mlkem_public(name, secret)
        if name.startswith("mldsa"):
            return _mldsa_public(name, secret)
        if name == "xwing":
            expanded = hashlib.shake_256(secret).digest(96)
            return _mlkem_public("mlkem768", expanded[:64]) + _x25519_public(expanded[64:])
        if name == "ed25519+mldsa65":
            return _ed25519_public(secret[:32]) + _mldsa_public("mldsa65", secret[32:])
        if name == "composite-mldsa65-ed25519":
            return _mldsa_public("mldsa65", secret[:32]) + _ed25519_public(secret[32:])
    except (ImportError, AttributeError):
        return None  # this `cryptography` does not know the algorithm
    except Exception as e:
        if type(e).__name__ == "UnsupportedAlgorithm":
            return None
        raise ValueError(f"secret of {name}: {e}")
    return None


# ---------------------------------------------------------------- KeyId text (section 5)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"v([1-9][0-9]{0,9})")


def _ascii_lower(s):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in s)


@dataclass(frozen=True)
class KeyId:
    tenant: str
    purpose: str
    alg: str
    uuid: bytes
    version: int  # None: #latest

    @staticmethod
    def parse(text):
        key, hash_sign, version = text.partition("#")
        parts = key.split("/")
        if not hash_sign or len(parts) != 4:
            raise ValueError("not <tenant>/<purpose>/<alg>/<uuid>#v<N>")
        tenant, purpose, alg, uid = parts
        if not _NAME.fullmatch(tenant) or not _NAME.fullmatch(purpose):
            raise ValueError("tenant and purpose: 1 to 64 of A-Z a-z 0-9 . _ -")
        alg = _ascii_lower(alg)
        if alg not in ALG_BY_NAME:
            raise ValueError("unknown algorithm")
        if not _UUID.fullmatch(uid):
            raise ValueError("not a hyphenated uuid")
        if version == "latest":
            number = None
        else:
            m = _VERSION.fullmatch(version)
            if not m or int(m.group(1)) > 0xFFFFFFFF:
                raise ValueError("version: v1 to v4294967295, or latest")
            number = int(m.group(1))
        return KeyId(tenant, purpose, alg, bytes.fromhex(uid.replace("-", "")), number)

    def __str__(self):
        version = "latest" if self.version is None else f"v{self.version}"
        return f"{self.tenant}/{self.purpose}/{self.alg}/{uuid_text(self.uuid)}#{version}"


# ---------------------------------------------------------------- the record (section 1)

@dataclass
class Record:
    alg: Alg
    created_at: int
    not_after: int
    kid: bytes
    public: bytes
    nonce: bytes
    version: int
    kind: int
    tenant: str
    purpose: str
    secret: bytes
    public_checked: bool  # False: a handle, or an algorithm this Python cannot compute


def record_header(alg_id, hybrid, created_at, not_after, kid, public, nonce, *,
                  magic=b"RONK", format_version=1, pubkey_len=None):
    """Bytes 0 to 54+n, unchecked; the keyword arguments are for records that must be refused."""
    n = len(public) if pubkey_len is None else pubkey_len
    return (magic + struct.pack(">BHBQQ", format_version, alg_id, hybrid, created_at, not_after)
            + kid + struct.pack(">H", n) + public + nonce)


def sealed_body(version, kind, tenant, purpose, secret):
    tenant, purpose = tenant.encode(), purpose.encode()
    return (b"\x01" + struct.pack(">IB", version, kind)
            + bytes([len(tenant)]) + tenant + bytes([len(purpose)]) + purpose
            + struct.pack(">I", len(secret)) + secret)


def record_key(store_key, kid, nonce):
    return hkdf(store_key, kid + nonce, b"RONK/v1/record")


def record_aad(store_id, header):
    return b"RONK/v1/aad\x00" + store_id + header


def seal_raw(store_key, store_id, header, body):
    """Seals any body under any header, well-formed or not."""
    kid, nonce = header[24:40], header[-12:]
    return header + AESGCM(record_key(store_key, kid, nonce)).encrypt(
        nonce, body, record_aad(store_id, header))


def seal_record(store_key, store_id, nonce, key_id, created_at, not_after, secret, kind=0, public=None):
    """A record by the rules. public is asked for only with a handle (kind 1)."""
    alg = ALG_BY_NAME[key_id.alg]
    if public is None:
        public = public_from_secret(key_id.alg, secret)
    if kind == 0 and public != public_from_secret(key_id.alg, secret):
        raise ValueError("the public key is not the secret's")
    header = record_header(alg.id, alg.hybrid, created_at, not_after, key_id.uuid, public, nonce)
    parse_header(header, exact=True)
    body = sealed_body(key_id.version, kind, key_id.tenant, key_id.purpose, secret)
    return seal_raw(store_key, store_id, header, body)


def parse_header(data, exact=False):
    """Reads and checks bytes 0 to 54+n. Returns (alg, created_at, not_after, kid, public, nonce,
    header length). exact: nothing may follow, as in a .pub file."""
    if len(data) < 54:
        raise corrupt("shorter than a header")
    if data[:4] != b"RONK":
        raise corrupt("magic")
    if data[4] != 1:
        raise corrupt("record version")
    alg_id, hybrid, created_at, not_after = struct.unpack(">HBQQ", data[5:24])
    alg = ALG_BY_ID.get(alg_id)
    if alg is None:
        raise corrupt("unknown alg")
    if hybrid != alg.hybrid:
        raise corrupt("hybrid")
    if created_at > MAX_INT:
        raise corrupt("created_at above 2^53 - 1")
    if not_after != 0 and (not_after <= created_at or not_after > MAX_INT):
        raise corrupt("not_after")
    n = struct.unpack(">H", data[40:42])[0]
    if n != alg.public_len:
        raise corrupt("pubkey_len is not what alg says")
    end = 54 + n
    if len(data) < end or (exact and len(data) != end):
        raise corrupt("header length")
    return alg, created_at, not_after, bytes(data[24:40]), bytes(data[42:42 + n]), bytes(data[42 + n:end]), end


def parse_body(body):
    """(version, kind, tenant, purpose, secret)"""
    at = 0

    def take(n):
        nonlocal at
        if len(body) - at < n:
            raise corrupt("body too short")
        at += n
        return body[at - n:at]

    def name():
        raw = take(take(1)[0])
        try:
            text = raw.decode("ascii")
        except UnicodeDecodeError:
            raise corrupt("tenant or purpose")
        if not _NAME.fullmatch(text):
            raise corrupt("tenant or purpose")
        return text

    if take(1) != b"\x01":
        raise corrupt("body version")
    version, kind = struct.unpack(">IB", take(5))
    if version == 0:
        raise corrupt("key version 0")
    if kind not in (0, 1):
        raise corrupt("kind")
    tenant, purpose = name(), name()
    secret = take(struct.unpack(">I", take(4))[0])
    if at != len(body):
        raise corrupt("bytes after the body")
    return version, kind, tenant, purpose, secret


def open_record(store_key, store_id, record, asked):
    """Opens and checks a record that is asked for by a concrete KeyId."""
    alg, created_at, not_after, kid, public, nonce, end = parse_header(record)
    if len(record) < end + 16:
        raise corrupt("no room for the tag")
    header = record[:end]
    try:
        body = AESGCM(record_key(store_key, kid, nonce)).decrypt(
            nonce, record[end:], record_aad(store_id, header))
    except InvalidTag:
        raise corrupt("tag")
    version, kind, tenant, purpose, secret = parse_body(body)
    found = KeyId(tenant, purpose, alg.name, kid, version)
    if found != asked:
        raise corrupt(f"asked for {asked}, found {found}")
    checked = False
    if kind == 0:
        try:
            expected = public_from_secret(alg.name, secret)
        except ValueError as e:
            raise corrupt(str(e))
        if expected is not None:
            if not hmac.compare_digest(expected, public):
                raise corrupt("the public key is not the secret's")
            checked = True
    elif not secret:
        raise corrupt("empty handle")
    return Record(alg, created_at, not_after, kid, public, nonce,
                  version, kind, tenant, purpose, secret, checked)


def pub_file(record):
    """What is left of a destroyed version."""
    return record[:parse_header(record)[6]]


# ---------------------------------------------------------------- store.json (section 2)

class MissingArgon2(RuntimeError):
    pass


def argon2id(passphrase, salt, mem_kib, ops):
    try:
        from argon2.low_level import Type, hash_secret_raw
        return hash_secret_raw(passphrase, salt, time_cost=ops, memory_cost=mem_kib,
                               parallelism=1, hash_len=32, type=Type.ID)
    except ImportError:
        pass
    try:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    except ImportError:
        raise MissingArgon2("Argon2id is missing: install argon2 (Debian: python3-argon2; PyPI: argon2-cffi), "
                            "or a `cryptography` of 44 or newer")
    return Argon2id(salt=salt, length=32, iterations=ops, lanes=1, memory_cost=mem_kib).derive(passphrase)


def read_keyfile(data):
    """Base64 of 32 bytes and at most one final LF."""
    text = data[:-1] if data.endswith(b"\n") else data
    key = base64_strict(text.decode("ascii"))
    if len(key) != 32:
        raise ValueError("a key file holds 32 bytes")
    return key


def read_passphrase(data):
    """To the first LF or CRLF."""
    line = data.split(b"\n", 1)
    return line[0][:-1] if len(line) == 2 and line[0].endswith(b"\r") else line[0]


@dataclass(frozen=True)
class Kek:
    kind: str      # "keyfile" or "passphrase"
    secret: bytes  # the 32 bytes, or the passphrase

    def key(self, kek):
        """The 32-byte KEK, by the `kek` member of a store.json."""
        kind = kek.get("kind")
        if kind != self.kind:
            raise RonkError("Refused", f"the store's KEK is {kind!r}, not {self.kind!r}")
        if kind == "keyfile":
            if kek != {"kind": "keyfile"}:
                raise corrupt("kek")
            return self.secret
        if set(kek) != {"kdf", "kind", "mem_kib", "ops", "salt"} or kek["kdf"] != "argon2id":
            raise corrupt("kek")
        mem_kib, ops = kek["mem_kib"], kek["ops"]
        if type(mem_kib) is not int or type(ops) is not int or type(kek["salt"]) is not str:
            raise corrupt("kek")
        if not 19456 <= mem_kib <= 1048576 or not 2 <= ops <= 16:
            raise RonkError("Refused", "Argon2id parameters outside the limits")
        try:
            salt = base64_strict(kek["salt"])
        except ValueError as e:
            raise corrupt(str(e))
        if len(salt) != 16:
            raise corrupt("salt")
        return argon2id(self.secret, salt, mem_kib, ops)


def make_store_json(store_key, store_id, gen, kek_member, kek_bytes):
    wrapped = keywrap.aes_key_wrap_with_padding(kek_bytes, store_key)
    store = {"format": "ronk-store/1", "gen": gen, "kek": kek_member, "store_id": uuid_text(store_id),
             "wrapped_key": base64.b64encode(wrapped).decode()}
    summed = canonical(store)
    store["sum"] = sha256_hex(summed)
    store["mac"] = hmac_sha256(subkey(store_key, store_id, "store"), summed).hex()
    return canonical(store)


def open_store_json(data, kek):
    """Returns (members, store_id, store_key)."""
    try:
        store = parse_canonical(data)
    except ValueError as e:
        raise corrupt(f"store.json: {e}")
    if type(store) is not dict or set(store) != {"format", "gen", "kek", "mac", "store_id", "sum", "wrapped_key"}:
        raise corrupt("store.json: members")
    if any(type(store[m]) is not str for m in ("format", "mac", "store_id", "sum", "wrapped_key")):
        raise corrupt("store.json: types")
    if store["format"] != "ronk-store/1" or type(store["gen"]) is not int or store["gen"] < 1 \
            or type(store["kek"]) is not dict:
        raise corrupt("store.json: members")
    summed = canonical({m: v for m, v in store.items() if m not in ("sum", "mac")})
    if store["sum"] != sha256_hex(summed):
        raise corrupt("store.json: sum")
    try:
        store_id = uuid_bytes(store["store_id"])
        wrapped = base64_strict(store["wrapped_key"])
    except ValueError as e:
        raise corrupt(f"store.json: {e}")
    kek_bytes = kek.key(store["kek"])
    try:
        store_key = keywrap.aes_key_unwrap_with_padding(kek_bytes, wrapped)
    except (keywrap.InvalidUnwrap, ValueError):
        raise RonkError("WrongKek", "the wrapped key does not open")
    if len(store_key) != 32:
        raise corrupt("store.json: the store key is not of 32 bytes")
    mac = hmac_sha256(subkey(store_key, store_id, "store"), summed).hex()
    if not hmac.compare_digest(mac, store["mac"]):
        raise corrupt("store.json: mac")
    return store, store_id, store_key


# ---------------------------------------------------------------- the anchor (section 4)

BACKUP_MAGIC = b"RONKBKUP\x01"
BACKUP_LIMITS = {0: (32, 32), 1: (0, 65536), 2: (20, 20 + (1 << 20)), 3: (20, 20 + (1 << 20)), 4: (1, 1 << 20)}


def make_backup(files, gen, store_key, store_id):
    """files: a store directory's, path -> bytes."""
    out = bytearray(BACKUP_MAGIC)

    def entry(kind, payload):
        out.extend(struct.pack(">BI", kind, len(payload)) + payload)

    entry(1, files["store.json"])
    for path in sorted(files):
        name, _, ending = path.rpartition("/")[2].rpartition(".")
        if path.startswith(f"g{gen}/keys/") and ending in ("ronk", "pub"):
            uid, _, version = name.rpartition(".v")
            entry(2 if ending == "ronk" else 3, uuid_bytes(uid) + struct.pack(">I", int(version)) + files[path])
    journal = files[f"g{gen}/journal.jsonl"]
    for at in range(0, len(journal), 1 << 20):
        entry(4, journal[at:at + (1 << 20)])
    out.extend(struct.pack(">BI", 0, 32))
    return bytes(out) + hmac_sha256(subkey(store_key, store_id, "backup"), bytes(out))


def open_backup(data, kek):
    """The store directory that a backup holds: (files, gen). Its records are still to be checked against the journal."""
    if data[:8] == BACKUP_MAGIC[:8] and data[8:9] > BACKUP_MAGIC[8:]:
        raise RonkError("NewerFormat", "a newer backup format")
    if data[:9] != BACKUP_MAGIC:
        raise corrupt("no backup")
    at, order, entries = 9, -1, []
    while order < 3:
        if len(data) - at < 5:
            raise corrupt("backup: cut short")
        kind, length = struct.unpack(">BI", data[at:at + 5])
        low, high = BACKUP_LIMITS.get(kind, (1, 0))
        if not low <= length <= high or length > len(data) - at - 5:
            raise corrupt("backup: type or length")
        place = {1: 0, 2: 1, 3: 1, 4: 2, 0: 3}[kind]
        if place < order or (place == order and kind == 1) or (order < 0) != (kind == 1) or (kind == 0 and order != 2):
            raise corrupt("backup: order of entries")
        order = place
        entries.append((kind, data[at + 5:at + 5 + length]))
        at += 5 + length
    if at != len(data):
        raise corrupt("backup: bytes after the end")
    store, store_id, store_key = open_store_json(entries[0][1], kek)
    if not hmac.compare_digest(hmac_sha256(subkey(store_key, store_id, "backup"), data[:-32]), data[-32:]):
        raise corrupt("backup: mac")
    files, gen = {"store.json": entries[0][1]}, store["gen"]
    for kind, payload in entries[1:-1]:
        if kind == 4:
            path = f"g{gen}/journal.jsonl"
            files[path] = files.get(path, b"") + payload
            continue
        text = uuid_text(payload[:16])
        path = f"g{gen}/keys/{text[:2]}/{text}.v{struct.unpack('>I', payload[16:20])[0]}.{'ronk' if kind == 2 else 'pub'}"
        if path in files:
            raise corrupt("backup: a version twice")
        files[path] = payload[20:]
    return files, gen


def make_anchor(store_key, store_id, seq, head):
    anchor = {"format": "ronk-anchor/1", "head": head, "seq": seq, "store_id": uuid_text(store_id)}
    anchor["mac"] = hmac_sha256(subkey(store_key, store_id, "anchor"), canonical(anchor)).hex()
    return canonical(anchor)


def open_anchor(data, store_key, store_id):
    """(seq, head). An anchor that does not authenticate says nothing for the journal: Rollback."""
    try:
        anchor = parse_canonical(data)
        if type(anchor) is not dict or set(anchor) != {"format", "head", "mac", "seq", "store_id"}:
            raise ValueError("members")
        mac = hmac_sha256(subkey(store_key, store_id, "anchor"),
                          canonical({m: v for m, v in anchor.items() if m != "mac"})).hex()
        if type(anchor["mac"]) is not str or not hmac.compare_digest(mac, anchor["mac"]):
            raise ValueError("mac")
        if anchor["format"] != "ronk-anchor/1" or anchor["store_id"] != uuid_text(store_id) \
                or not _is_seq(anchor["seq"]) or not _is_hash(anchor["head"]):
            raise ValueError("members")
    except (ValueError, TypeError) as e:
        raise RonkError("Rollback", f"anchor: {e}")
    return anchor["seq"], anchor["head"]


# ---------------------------------------------------------------- the journal (section 3)

_COMMON = {"base", "mac", "op", "prev", "seq", "time_ms"}
_KEY = {"alg", "kid", "labels", "not_after_ms", "public", "record"}
_MEMBERS = {
    "open_store": {"store", "store_id", "anchor", "from", "reason"},
    "create": _KEY, "import": _KEY, "rotate": _KEY, "state": _KEY | {"state"},
    "disable": {"kid"}, "enable": {"kid"}, "destroy": {"kid"},
    "annex": {"digest", "type"}, "rewrap": {"store"}, "anchor": {"anchor"},
}


def _is_hash(v):
    return type(v) is str and re.fullmatch(r"[0-9a-f]{64}", v) is not None


def _is_time(v):
    return type(v) is int and 0 <= v <= MAX_INT


def _is_seq(v):
    return type(v) is int and 1 <= v <= MAX_INT


def journal_line(journal_key, members):
    """The line's bytes without its newline; mac is computed over everything but itself."""
    members = {m: v for m, v in members.items() if m != "mac"}
    return canonical({**members, "mac": hmac_sha256(journal_key, canonical(members)).hex()})


def authentic_line(raw, journal_key):
    """The members of a line that is canonical, has a right mac and the members of every line;
    otherwise None. Says nothing of its place in the chain."""
    try:
        line = parse_canonical(raw)
    except ValueError:
        return None
    if type(line) is not dict or not _COMMON <= set(line):
        return None
    bare = canonical({m: v for m, v in line.items() if m != "mac"})
    if not _is_hash(line["mac"]) or not hmac.compare_digest(hmac_sha256(journal_key, bare).hex(), line["mac"]):
        return None
    if type(line["op"]) is not str or not _is_hash(line["prev"]) or not _is_seq(line["seq"]) \
            or not _is_time(line["base"]) or not _is_time(line["time_ms"]):
        return None
    return line


class JournalWriter:
    """Makes lines. commit() marks what was added as durable, so that the next base says so."""

    def __init__(self, store_key, store_id, seq=0, head=ZERO_HASH, time_ms=0):
        self.key = subkey(store_key, store_id, "journal")
        self.seq, self.head, self.time_ms = seq, head, time_ms
        self.durable = seq
        self.lines = []

    def members(self, op, time_ms, **more):
        return {"base": self.durable, "op": op, "prev": self.head, "seq": self.seq + 1, "time_ms": time_ms, **more}

    def add(self, op, time_ms, **more):
        return self.add_raw(journal_line(self.key, self.members(op, time_ms, **more)), time_ms)

    def add_raw(self, raw, time_ms=None):
        self.lines.append(raw)
        self.seq += 1
        self.head = sha256_hex(raw)
        self.time_ms = self.time_ms if time_ms is None else time_ms
        return raw

    def commit(self):
        self.durable = self.seq

    def bytes(self):
        return b"".join(line + b"\n" for line in self.lines)


@dataclass
class Journal:
    """A journal as opened: what the chain holds, and the fold of its lines."""
    first_seq: int = 0
    head_seq: int = 0
    head: str = ""
    time_ms: int = 0
    lines: list = field(default_factory=list)
    torn_bytes: int = 0
    completed: bool = False   # the last line lacked only its newline
    length: int = 0           # of the journal once opened for writing
    store: str = ""           # the SHA-256 of store.json that was named last
    anchor_kind: str = ""
    came_from: dict = None    # `from` of the first line
    versions: dict = field(default_factory=dict)  # KeyId text -> state

    def latest(self, uid):
        return max(KeyId.parse(k).version for k in self.versions if KeyId.parse(k).uuid == uid)


def open_journal(data, gen, store_key, store_id, store_sha256, anchor=None):
    """Opens by the rules of section 3, "Opening", and section 4. anchor: None or (seq, head)."""
    key = subkey(store_key, store_id, "journal")
    if not data:
        raise corrupt("empty journal")
    j = Journal()
    hashes_by_seq = {}
    at = 0
    while at < len(data):
        newline = data.find(b"\n", at)
        raw = data[at:] if newline < 0 else data[at:newline]
        line = authentic_line(raw, key)
        if line is None or not _fits(line, j, gen):
            break
        j.lines.append(line)
        j.first_seq = j.first_seq or line["seq"]
        j.head_seq, j.head, j.time_ms = line["seq"], sha256_hex(raw), line["time_ms"]
        hashes_by_seq[j.head_seq] = j.head
        at += len(raw) + 1
        j.completed = newline < 0
    if not j.lines:
        raise corrupt("no whole first line")
    j.length = at
    tail = data[at:]
    if tail:
        if tail.endswith(b"\n") and b"\0" not in tail:
            raise corrupt(f"after seq {j.head_seq}: whole lines that do not hold")
        for piece in re.split(rb"[\n\0]", tail):
            line = authentic_line(piece, key)
            if line and line["base"] >= j.head_seq + 1:
                raise corrupt(f"after seq {j.head_seq}: a later line was written when seq {line['base']} was durable")
        if anchor and anchor[0] > j.head_seq:
            raise corrupt(f"after seq {j.head_seq}: the anchor has seen seq {anchor[0]}")
        j.torn_bytes = len(tail)

    for n, line in enumerate(j.lines):
        _fold(j, line, n == 0, gen, store_id)

    if j.store != store_sha256:
        raise RonkError("Rollback", "store.json is not the one that the journal names last")
    if anchor is None:
        if j.anchor_kind != "none":
            raise RonkError("Rollback", f"the journal names an anchor ({j.anchor_kind}), none was given")
    else:
        came_from = j.came_from and (j.came_from["seq"], j.came_from["head"])
        if hashes_by_seq.get(anchor[0]) != anchor[1] and anchor != came_from:
            raise RonkError("Rollback", "the journal does not hold the anchor's line")
    return j


def _fits(line, j, gen):
    """Whether the line continues the chain."""
    if line["base"] >= line["seq"]:
        return False
    if j.lines:
        return (line["seq"] == j.head_seq + 1 and line["prev"] == j.head
                and line["base"] >= j.lines[-1]["base"] and line["time_ms"] >= j.time_ms)
    return gen > 1 or (line["seq"] == 1 and line["prev"] == ZERO_HASH)


def _fold(j, line, first, gen, store_id):
    def need(ok, why):
        if not ok:
            raise corrupt(f"journal seq {line['seq']}: {why}")

    op = line["op"]
    if op not in _MEMBERS:
        raise RonkError("NewerFormat", f"journal seq {line['seq']}: op {op!r}")
    unknown = set(line) - _COMMON - _MEMBERS[op]
    if unknown:
        raise RonkError("NewerFormat", f"journal seq {line['seq']}: member {sorted(unknown)[0]!r}")
    need(first == (op == "open_store"), "open_store is the first line and only that")

    if op == "open_store":
        need(_is_hash(line.get("store")), "store")
        need(line.get("store_id") == uuid_text(store_id), "store_id")
        need(type(line.get("anchor")) is str and line["anchor"] != "", "anchor")
        need(("from" in line) == ("reason" in line) == (gen > 1), "from and reason")
        if gen > 1:
            origin = line["from"]
            need(type(origin) is dict and set(origin) == {"gen", "head", "seq"}, "from")
            need(type(origin["gen"]) is int and 1 <= origin["gen"] < gen, "from.gen")
            need(_is_seq(origin["seq"]) and origin["seq"] < line["seq"], "from.seq")
            need(_is_hash(origin["head"]) and origin["head"] == line["prev"], "from.head")
            need(type(line["reason"]) is str and line["reason"] != "", "reason")
            j.came_from = origin
        j.store, j.anchor_kind = line["store"], line["anchor"]
        return
    if op == "rewrap":
        need(_is_hash(line.get("store")), "store")
        j.store = line["store"]
        return
    if op == "anchor":
        need(type(line.get("anchor")) is str and line["anchor"] != "", "anchor")
        j.anchor_kind = line["anchor"]
        return
    if op == "annex":
        need(_is_hash(line.get("digest")), "digest")
        need(type(line.get("type")) is str and line["type"] != "", "type")
        return

    kid_text = line.get("kid")
    need(type(kid_text) is str, "kid")
    try:
        kid = KeyId.parse(kid_text)
    except ValueError as e:
        need(False, f"kid: {e}")
    need(kid.version is not None and str(kid) == kid_text, "kid is not in its printed form")

    if op in ("disable", "enable", "destroy"):
        need(kid_text in j.versions, "a key version that was never made")
        version = j.versions[kid_text]
        need(op == "destroy" or version["state"] != "destroyed", "destroyed is final")
        version["state"] = {"disable": "disabled", "enable": "enabled", "destroy": "destroyed"}[op]
        return

    alg = ALG_BY_NAME[kid.alg]
    need(line.get("alg") == kid.alg, "alg")
    need(_is_time(line.get("not_after_ms")), "not_after_ms")
    need(("public" in line) == (alg.public_len > 0), "public")
    need("public" not in line or _is_hash(line["public"]), "public")
    state = line.get("state", "enabled")
    need(op != "state" or ("state" in line and state in ("enabled", "disabled", "destroyed")), "state")
    need(("record" in line) == (state != "destroyed"), "record")
    need("record" not in line or _is_hash(line["record"]), "record")
    if "labels" in line:
        labels = line["labels"]
        need(type(labels) is dict and 1 <= len(labels) <= 16, "labels")
        for name, value in labels.items():
            need(_NAME.fullmatch(name), "label name")
            need(type(value) is str and len(value.encode()) <= 256, "label value")

    same = [KeyId.parse(k) for k in j.versions if KeyId.parse(k).uuid == kid.uuid]
    need(all((k.tenant, k.purpose, k.alg) == (kid.tenant, kid.purpose, kid.alg) for k in same),
         "one uuid, two keys")
    if op in ("create", "import"):
        need(not same, "a uuid that is already in use")
    elif op == "rotate":
        need(same, "rotate of an unknown key")
        need(kid.version > max(k.version for k in same), "versions only go up")
    else:
        need(gen > 1, "state lines belong to later generations")
        need(kid_text not in j.versions, "a version twice")
    j.versions[kid_text] = {"alg": kid.alg, "labels": line.get("labels", {}), "not_after_ms": line["not_after_ms"],
                            "public": line.get("public"), "record": line.get("record"), "state": state}


# ---------------------------------------------------------------- the envelope (section 6)

def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def xaes_derive(key, nonce):
    """XAES-256-GCM (C2SP): the AES-256-GCM key for the first half of the nonce, by AES-CMAC."""
    def aes(block):
        e = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return e.update(block) + e.finalize()

    l = int.from_bytes(aes(bytes(16)), "big")
    k1 = (l << 1) & (2 ** 128 - 1)
    if l >> 127:
        k1 ^= 0x87
    k1 = k1.to_bytes(16, "big")
    m1 = b"\x00\x01X\x00" + nonce[:12]
    m2 = b"\x00\x02X\x00" + nonce[:12]
    return aes(_xor(m1, k1)) + aes(_xor(m2, k1))


def xaes_encrypt(key, nonce, plaintext, aad):
    return AESGCM(xaes_derive(key, nonce)).encrypt(nonce[12:], plaintext, aad)


def xaes_decrypt(key, nonce, ciphertext, aad):
    return AESGCM(xaes_derive(key, nonce)).decrypt(nonce[12:], ciphertext, aad)


def hchacha20(key, nonce16):
    def rotl(v, n):
        return ((v << n) | (v >> (32 - n))) & 0xFFFFFFFF

    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce16))

    def quarter(a, b, c, d):
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF; s[d] = rotl(s[d] ^ s[a], 16)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF; s[b] = rotl(s[b] ^ s[c], 12)
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF; s[d] = rotl(s[d] ^ s[a], 8)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF; s[b] = rotl(s[b] ^ s[c], 7)

    for _ in range(10):
        quarter(0, 4, 8, 12); quarter(1, 5, 9, 13); quarter(2, 6, 10, 14); quarter(3, 7, 11, 15)
        quarter(0, 5, 10, 15); quarter(1, 6, 11, 12); quarter(2, 7, 8, 13); quarter(3, 4, 9, 14)
    return struct.pack("<8I", *s[0:4], *s[12:16])


def xchacha_encrypt(key, nonce, plaintext, aad):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plaintext, aad)


def xchacha_decrypt(key, nonce, ciphertext, aad):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(bytes(4) + nonce[16:], ciphertext, aad)


def envelope_header(kid, version):
    return b"\x01" + kid + struct.pack(">I", version)


def envelope_aad(header, aad):
    return b"RonKms/envelope/v1\x00" + header + aad


def seal_envelope(alg, key, kid, version, nonce, plaintext, aad=b""):
    encrypt = {"aes256gcm": xaes_encrypt, "chacha20poly1305": xchacha_encrypt}[alg]
    header = envelope_header(kid, version)
    return header + nonce + encrypt(key, nonce, plaintext, envelope_aad(header, aad))


def open_envelope(alg, key, kid, version, envelope, aad=b""):
    """key: that of the version that is given, which must be the one the envelope names."""
    if len(envelope) < 1 + 16 + 4 + 24 + 16:
        raise RonkError("Refused", "envelope too short")
    header, nonce, rest = envelope[:21], envelope[21:45], envelope[45:]
    if header[0] != 1:
        raise RonkError("Refused", "envelope version")
    if header != envelope_header(kid, version):
        raise RonkError("Refused", "an envelope of another key or version")
    decrypt = {"aes256gcm": xaes_decrypt, "chacha20poly1305": xchacha_decrypt}[alg]
    try:
        return decrypt(key, nonce, rest, envelope_aad(header, aad))
    except InvalidTag:
        raise RonkError("Refused", "envelope tag")


# ---------------------------------------------------------------- HPKE to X25519 (section 6)

def _labeled_extract(suite, salt, label, ikm):
    return hmac_sha256(salt or bytes(32), b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite, prk, label, info, length):
    full = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac_sha256(prk, block + full + bytes([n]))
        out, n = out + block, n + 1
    return out[:length]


def dhkem_secret(dh, enc, public):
    suite = b"KEM" + struct.pack(">H", 0x0020)
    prk = _labeled_extract(suite, b"", b"eae_prk", dh)
    return _labeled_expand(suite, prk, b"shared_secret", enc + public, 32)


def _hpke_aead(shared, info):
    """Base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: key and nonce of message 0."""
    suite = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0002)
    context = (b"\x00" + _labeled_extract(suite, b"", b"psk_id_hash", b"")
               + _labeled_extract(suite, b"", b"info_hash", info))
    secret = _labeled_extract(suite, shared, b"secret", b"")
    return (_labeled_expand(suite, secret, b"key", context, 32),
            _labeled_expand(suite, secret, b"base_nonce", context, 12))


def x25519_encapsulate(ephemeral, public):
    """(enc, shared secret) with a given ephemeral secret: fit for vectors only."""
    enc = _x25519_public(ephemeral)
    dh = x25519.X25519PrivateKey.from_private_bytes(ephemeral).exchange(
        x25519.X25519PublicKey.from_public_bytes(public))
    return enc, dhkem_secret(dh, enc, public)


def x25519_decapsulate(secret, enc):
    dh = x25519.X25519PrivateKey.from_private_bytes(secret).exchange(x25519.X25519PublicKey.from_public_bytes(enc))
    return dhkem_secret(dh, enc, _x25519_public(secret))


def hpke_seal(ephemeral, public, plaintext, info=b"", aad=b""):
    enc, shared = x25519_encapsulate(ephemeral, public)
    key, nonce = _hpke_aead(shared, info)
    return enc + AESGCM(key).encrypt(nonce, plaintext, aad)


def hpke_open(secret, sealed, info=b"", aad=b""):
    key, nonce = _hpke_aead(x25519_decapsulate(secret, sealed[:32]), info)
    return AESGCM(key).decrypt(nonce, sealed[32:], aad)


# ---------------------------------------------------------------- self-test

# Published vectors: XAES-256-GCM from the C2SP specification.
XAES_VECTORS = [
    {"key": "01" * 32, "nonce": b"ABCDEFGHIJKLMNOPQRSTUVWX".hex(), "plaintext": b"XAES-256-GCM".hex(), "aad": "",
     "ciphertext": "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
    {"key": "03" * 32, "nonce": b"ABCDEFGHIJKLMNOPQRSTUVWX".hex(), "plaintext": b"XAES-256-GCM".hex(),
     "aad": b"c2sp.org/XAES-256-GCM".hex(),
     "ciphertext": "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
]


def self_test():
    from cryptography import __version__ as version
    done = []

    def check(name, ok):
        if not ok:
            sys.exit(f"FAILED: {name}")
        done.append(name)

    for v in XAES_VECTORS:
        key, nonce, pt, aad, ct = (bytes.fromhex(v[m]) for m in ("key", "nonce", "plaintext", "aad", "ciphertext"))
        check("XAES-256-GCM (C2SP)", xaes_encrypt(key, nonce, pt, aad) == ct and xaes_decrypt(key, nonce, ct, aad) == pt)
    # draft-irtf-cfrg-xchacha, 2.2.1
    check("HChaCha20 (draft-irtf-cfrg-xchacha 2.2.1)",
          hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex()
          == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")
    # RFC 5649, section 6 (a 192-bit KEK)
    kek = bytes.fromhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
    check("AES-KWP (RFC 5649, 20 octets)",
          keywrap.aes_key_wrap_with_padding(kek, bytes.fromhex("c37b7e6492584340bed12207808941155068f738")).hex()
          == "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")
    # RFC 5869, test case 1
    check("HKDF-SHA-256 (RFC 5869, case 1)",
          hkdf(b"\x0b" * 22, bytes(range(13)), bytes(range(0xf0, 0xfa)), 42).hex()
          == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    # the test of the Argon2 reference code: version 19, t=2, m=2^16, p=1
    try:
        check("Argon2id (reference code)",
              argon2id(b"password", b"somesalt", 65536, 2).hex()
              == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")
    except MissingArgon2 as e:
        print(f"skipped: {e}")
    # RFC 8785, 3.2.3, without its numbers
    check("canonical JSON key order (RFC 8785, 3.2.3)",
          canonical({"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
                     "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
                     "\u00f6": "Latin Small Letter O With Diaeresis"}).decode()
          == '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",'
             '"\u20ac":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}')

    store_key, store_id, uid = bytes(range(32)), bytes(range(100, 116)), bytes(range(16, 32))
    key_id = KeyId("acme", "test", "ed25519", uid, 3)
    record = seal_record(store_key, store_id, bytes(12), key_id, 5, 0, b"\x07" * 32)
    opened = open_record(store_key, store_id, record, key_id)
    check("a record comes back", opened.secret == b"\x07" * 32 and opened.public_checked)
    refused = 0
    for i in range(len(record)):
        try:
            open_record(store_key, store_id, record[:i] + bytes([record[i] ^ 1]) + record[i + 1:], key_id)
        except RonkError as e:
            refused += e.code == "SealedCorrupt"
    check("a flip of any byte of it is refused", refused == len(record))

    kek = Kek("keyfile", b"\x09" * 32)
    data = make_store_json(store_key, store_id, 1, {"kind": "keyfile"}, kek.secret)
    check("store.json comes back", open_store_json(data, kek)[2] == store_key)
    w = JournalWriter(store_key, store_id)
    w.add("open_store", 1, store=sha256_hex(data), store_id=uuid_text(store_id), anchor="none")
    j = open_journal(w.bytes(), 1, store_key, store_id, sha256_hex(data))
    check("a journal comes back", j.head_seq == 1 and j.head == w.head)
    for alg in ("aes256gcm", "chacha20poly1305"):
        e = seal_envelope(alg, store_key, uid, 1, bytes(24), b"hello", b"aad")
        check(f"an envelope comes back ({alg})", open_envelope(alg, store_key, uid, 1, e, b"aad") == b"hello")
    sealed = hpke_seal(b"\x05" * 32, _x25519_public(b"\x06" * 32), b"hello", b"i", b"a")
    check("HPKE comes back", hpke_open(b"\x06" * 32, sealed, b"i", b"a") == b"hello")
    for name in done:
        print("ok  ", name)
    print(f"{len(done)} checks passed (cryptography {version}, Python {sys.version.split()[0]})")


if __name__ == "__main__":
    self_test()
