"""Writes the RONK test vectors, byte for byte the same on every run:

    python3 make.py

Whatever ought to be random is SHA-256 of a label. Every case is put through ronk.py before it is
written: what should open must open, what should be refused must be refused for the reason named.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils

import ronk
from ronk import (ALG_BY_NAME, KeyId, JournalWriter, RonkError, canonical, journal_line, sha256_hex,
                  subkey, uuid_text)

HERE = Path(__file__).resolve().parent
T0 = 1735689600000  # 2025-01-01T00:00:00Z
DAY = 86400000
SPEC = "docs/formats/ronk-v1.md"

# A fixed RSA key for tests, PKCS#8 DER, e = 65537.
RSA_PKCS8 = bytes.fromhex("""
308204bd020100300d06092a864886f70d0101010500048204a7308204a30201000282010100dbb72ecc5694e3422d88ac5329a4f25ccf
c60b28d9ef8b2ee5b5050ab1c3e529515fe4f72a29c06e6a1bf0369a43b29e1c125e2106dec362c974c54d336513de3fc451af7ab68af4
0aa6406ff592ddd0362c408bda3631a579d99ce5f3a0cf08b23aba5e19c854ca157a06c0d9b3575a3eb95c2f2a7cb884a4dd5806e92c01
fe262c0851b4cf2a028619bce2ee78565350f8d9bd1e30815f7e661090be48594c330fb1bd3f25029bca745fcd0026126929a43d894474
39708bed69e49a0206375305fbf072505e1e9eea3232bb980b6a2587c110669a73891c36feb41110fc915b452a70b49003251199005fb9
621a31fd7f764313f956478a54a76528c0e61502030100010282010031c82a894fe0c2311f6205317e9109fcef72beda8dae91c999704f
6921e7f1c74fd1bb6e291676ac4dcc70bbde6e124d72acd2b906f6782cacda914db1a46841060fb4365f4676eb5e7256cd4745f48e1588
2743c8b858bd568370e245361d52aa17565cb5d8c7255682647f539427e9a1a69bf56fd9fc70c96e0160e779fa2530e6216091d494f6be
9fe122edff25bf416fa1b06a1b47c86aeef542ce0a50a641c7850397b4ced234f82179509cdc78d60dd826f892990427e2d2231637b04d
f6d781e0a457f45db95257939c89c7066e0ea0232dea46ce0a46dcdb61315ab68e1671501be530fe6acfb65ed6108c8b4d83377b027b93
e648f6dc5ea074fc0102818100f8d9815abea4bcf71618df290b324763da4328b4eb7ec00a4787aacfcad750abf80b9e60b42965aef38b
394850a900d3edca4f6b65951feb34ecb9a9aeabed16ea601e5632087784656ea1a26766567bfae06221f620ec472741239effc27b864a
5469f7c5ff3ef22c1a90e269179d17314a36e9ea425f3e550e42134e4a771502818100e2075f513eba29448b5180b381b154d669178711
8bb5fb2095b7cb141cd0e5084028489d56227b07d75ed315cfea13be41a6465f5ef4dd2ac75721658385045bad99c491323844d7cfde32
9f6515375958fe9a5c9ee50f7796fc518d8a989f13c6a29853e10b42938c6954916ceb9af33692395cae3aea3efffba2ed891873010281
802ed265f7580591148090df744e8a004ab6678a8238091a4314e05ef047ff294ba219358c86797f8b6281a09e8da6aee4314aae94cb81
3a873be70aabf5949dc0810ae2ca5f119ec3477e80651945752250bae55bf47e8f5677f956a57503f7cff5ae5a5de760364cc4a59efb2a
c0e9aad2785f4ab5ec15159a555b735c78c05d02818006102890675c5b0b09a9b00820ac7f18194d9643f4397779124b11d9824460406e
68263a823afe8de14b1be273e7558c3efa94dcae116775644f8407d315585e953390c04c5692122ff347ec5aabcd064a8ad9dd2e2dfad2
3c6c9c4b6db25662136bfd2612dd5875d8c8628a5c1f9dd2745e4bc79eacd9e7c2ba1f4ebbe4ba0102818100b5bafbedcb138cd4d87ebb
078e802ed1b6c09514eb26ec47c8ce52e8edb467a13420e084dee5600271e4074e4166507aef0bd6e933e1bdf5b2ec0b88853c2ac3b67c
6c9ed841e79a3fc7a9f5a004242adb48e3a87458c2d30b02b8941a070ce5d80af0cc6165b982e6f1e9543d55a50924be59e1ba6ed77a56
993ed9d52b98db
""")


def rnd(label, n=32):
    out = b""
    while len(out) < n:
        out += hashlib.sha256(f"ronk vectors {label} {len(out) // 32}".encode()).digest()
    return out[:n]


def rnd_uuid(label):
    u = bytearray(rnd("uuid " + label, 16))
    u[6] = u[6] & 0x0F | 0x40
    u[8] = u[8] & 0x3F | 0x80
    return bytes(u)


def secret_for(alg, label):
    return RSA_PKCS8 if alg == "rsa2048" else rnd("secret " + label, ALG_BY_NAME[alg].secret_len)


def write_json(name, value):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode())


def must_refuse(code, call):
    try:
        call()
    except RonkError as e:
        assert e.code == code, f"{e.code}, not {code}: {e.why}"
        return
    raise AssertionError(f"not refused, {code} expected")


# ---------------------------------------------------------------- records.json

STORE_KEY = rnd("records store key")
STORE_ID = rnd_uuid("records store")


def asked_json(k):
    return {"key_id": str(k), "uuid": uuid_text(k.uuid), "alg": k.alg, "version": k.version,
            "tenant": k.tenant, "purpose": k.purpose}


def make_records():
    cases, refused = [], []

    def record(name, alg, version=1, tenant="acme", purpose="signing", created_at=T0, not_after=0, kind=0,
               secret=None, public=None):
        key_id = KeyId(tenant, purpose, alg, rnd_uuid("record " + name), version)
        secret = secret_for(alg, "record " + name) if secret is None else secret
        public = ronk.public_from_secret(alg, secret) if public is None else public
        nonce = rnd("nonce " + name, 12)
        sealed = ronk.seal_record(STORE_KEY, STORE_ID, nonce, key_id, created_at, not_after, secret, kind, public)
        header = ronk.pub_file(sealed)
        opened = ronk.open_record(STORE_KEY, STORE_ID, sealed, key_id)
        assert opened.secret == secret and opened.public == public
        cases.append({
            "name": name, "store_key": STORE_KEY.hex(), "store_id": uuid_text(STORE_ID), **asked_json(key_id),
            "alg_id": ALG_BY_NAME[alg].id, "kind": kind, "created_at": created_at, "not_after": not_after,
            "nonce": nonce.hex(), "secret": secret.hex(), "public": public.hex(),
            "record_key": ronk.record_key(STORE_KEY, key_id.uuid, nonce).hex(), "header": header.hex(),
            "aad": ronk.record_aad(STORE_ID, header).hex(),
            "body": ronk.sealed_body(version, kind, tenant, purpose, secret).hex(), "record": sealed.hex(),
            "record_sha256": sha256_hex(sealed), "public_sha256": sha256_hex(public) if public else None,
        })
        return key_id, secret, public, nonce, sealed

    base = record("ed25519", "ed25519")
    record("ed25519 with not_after, version 7", "ed25519", 7, not_after=T0 + 90 * DAY)
    record("ed25519, the highest version", "ed25519", 0xFFFFFFFF, "Globex.EU_1-a", "release.v2")
    record("x25519", "x25519", 2, "globex", "inbox")
    record("p256", "p256", 3, "acme", "tls", not_after=T0 + 1)
    record("rsa2048", "rsa2048", 1, "acme", "legacy")
    symmetric = record("aes256gcm", "aes256gcm", 12, "acme", "wrap", not_after=T0 + 365 * DAY)
    record("chacha20poly1305", "chacha20poly1305", 1, "acme", "wrap-mobile")
    record("hmacsha256", "hmacsha256", 256, "acme", "webhooks")
    record("longest names", "ed25519", 65536, "T" * 63 + "9", "p" * 60 + "._-0")
    record("shortest names", "aes256gcm", 1, "a", "-")
    record("names that are only dots", "hmacsha256", 1, "..", ".")
    record("created_at 0", "ed25519", created_at=0, not_after=1)
    record("largest times", "ed25519", created_at=2 ** 53 - 2, not_after=2 ** 53 - 1)
    record("created_at 2^53 - 1", "x25519", created_at=2 ** 53 - 1)
    record("a handle, with a public key", "p256", 1, "acme", "hsm", kind=1,
           secret=b"pkcs11:token=test;object=signing;id=%01",
           public=ronk.public_from_secret("p256", rnd("secret behind the handle")))
    record("a handle, symmetric", "aes256gcm", 4, "acme", "hsm-wrap", kind=1,
           secret=b"\x00\x01handle\xff", public=b"")

    k, secret, public, nonce, good = base
    ed = ALG_BY_NAME["ed25519"]
    body = ronk.sealed_body(k.version, 0, k.tenant, k.purpose, secret)

    def bad(name, why, sealed, asked=k, store_key=STORE_KEY, store_id=STORE_ID, reading=None):
        must_refuse("SealedCorrupt", lambda: ronk.open_record(store_key, store_id, sealed, asked))
        case = {"name": name, "why": why, "expect": "SealedCorrupt", "store_key": store_key.hex(),
                "store_id": uuid_text(store_id), "asked": asked_json(asked), "record": sealed.hex()}
        if reading:
            case["reading"] = reading
        refused.append(case)

    def sealed_with(body=body, alg_id=ed.id, hybrid=0, created_at=T0, not_after=0, uid=k.uuid, public=public, **raw):
        header = ronk.record_header(alg_id, hybrid, created_at, not_after, uid, public, nonce, **raw)
        return ronk.seal_raw(STORE_KEY, STORE_ID, header, body)

    assert sealed_with() == good
    sealed = "sealed with a right tag: only this rule refuses it"
    bad("magic RONL", sealed, sealed_with(magic=b"RONL"))
    bad("magic ronk", sealed, sealed_with(magic=b"ronk"))
    bad("record version 0", sealed, sealed_with(format_version=0))
    bad("record version 2", sealed, sealed_with(format_version=2))
    for alg_id in (0x0000, 0x0004, 0x0013, 0x0104, 0x0120, 0x0100, 0xFFFF):
        bad(f"unknown alg 0x{alg_id:04x}", sealed, sealed_with(alg_id=alg_id))
    bad("hybrid 1 on ed25519", sealed, sealed_with(hybrid=1))
    bad("hybrid 2", sealed, sealed_with(hybrid=2))
    bad("created_at 2^53", sealed, sealed_with(created_at=2 ** 53))
    bad("created_at 2^64 - 1", sealed, sealed_with(created_at=2 ** 64 - 1))
    bad("not_after equal to created_at", sealed, sealed_with(not_after=T0))
    bad("not_after before created_at", sealed, sealed_with(not_after=T0 - 1))
    bad("not_after 1", sealed, sealed_with(not_after=1))
    bad("not_after 2^53", sealed, sealed_with(not_after=2 ** 53), reading="R9")
    bad("public key of 31 bytes", sealed, sealed_with(public=public[:31]))
    bad("public key of 33 bytes", sealed, sealed_with(public=public + b"\x00"))
    bad("no public key", sealed, sealed_with(public=b""))
    bad("pubkey_len 0 before 32 bytes", sealed, sealed_with(pubkey_len=0))
    bad("pubkey_len 65535", "a length beyond the bytes in hand", sealed_with(pubkey_len=65535))
    sk, ssecret, _, snonce, sgood = symmetric
    sbody = ronk.sealed_body(sk.version, 0, sk.tenant, sk.purpose, ssecret)
    sheader = ronk.record_header(0x20, 0, T0, 0, sk.uuid, rnd("no such key"), snonce)
    bad("a public key on aes256gcm", sealed, ronk.seal_raw(STORE_KEY, STORE_ID, sheader, sbody), sk)

    end = len(ronk.pub_file(good))
    for n in sorted({0, 1, 3, 4, 5, 7, 8, 16, 24, 40, 41, 42, 43, 53, 54, 73, 74, 85, end, end + 1, end + 15, end + 16,
                     end + 17, len(good) - 17, len(good) - 16, len(good) - 1}):
        bad(f"cut to {n} bytes", "truncated", good[:n])
    bad("a trailing zero byte", "trailing byte", good + b"\x00")
    bad("a trailing newline", "trailing byte", good + b"\n")
    bad("doubled", "trailing bytes", good + good)
    for at in (0, 4, 5, 6, 7, 8, 15, 16, 23, 24, 39, 40, 41, 42, 73, 74, 85, 86, 91, len(good) - 17, len(good) - 16,
               len(good) - 1):
        where = "header" if at < end else "tag" if at >= len(good) - 16 else "ciphertext"
        bad(f"bit flipped at {at}", f"a bit of the {where}", good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    bad("zeros in place of the record", "all zero", bytes(len(good)))
    bad("another store key", "wrong key", good, store_key=rnd("another store key"))
    bad("another store id", "the store id is in the AAD", good, store_id=rnd_uuid("another store"))
    le = STORE_ID[3::-1] + STORE_ID[5:3:-1] + STORE_ID[7:5:-1] + STORE_ID[8:]
    bad("store id in .NET's Guid byte order", "the AAD was made with the mixed-endian uuid",
        ronk.seal_raw(STORE_KEY, le, ronk.pub_file(good), body))

    other = rnd_uuid("another key")
    bad("asked for another uuid", "sealed for the first uuid", good, KeyId(k.tenant, k.purpose, k.alg, other, 1))
    bad("asked for another version", "sealed for version 1", good, KeyId(k.tenant, k.purpose, k.alg, k.uuid, 2))
    bad("asked for another tenant", "sealed for acme", good, KeyId("globex", k.purpose, k.alg, k.uuid, 1))
    bad("asked for the tenant in another case", "tenants are compared as bytes", good,
        KeyId("Acme", k.purpose, k.alg, k.uuid, 1))
    bad("asked for another purpose", "sealed for signing", good, KeyId(k.tenant, "codesign", k.alg, k.uuid, 1))
    bad("tenant and purpose swapped", "sealed for acme/signing", good, KeyId("signing", "acme", k.alg, k.uuid, 1))
    bad("asked for x25519", "sealed as ed25519", good, KeyId(k.tenant, k.purpose, "x25519", k.uuid, 1))
    bad("asked for aes256gcm, sealed as chacha20poly1305", "alg",
        ronk.seal_raw(STORE_KEY, STORE_ID, ronk.record_header(0x21, 0, T0, 0, sk.uuid, b"", snonce), sbody), sk)

    bad("body with a trailing byte", sealed, sealed_with(body + b"\x00"))
    bad("body cut by one byte", sealed, sealed_with(body[:-1]))
    bad("empty body", sealed, sealed_with(b""))
    bad("body of one byte", sealed, sealed_with(b"\x01"))
    bad("body version 0", sealed, sealed_with(b"\x00" + body[1:]))
    bad("body version 2", sealed, sealed_with(b"\x02" + body[1:]))
    bad("kind 2", sealed, sealed_with(ronk.sealed_body(1, 2, k.tenant, k.purpose, secret)))
    bad("kind 255", sealed, sealed_with(ronk.sealed_body(1, 255, k.tenant, k.purpose, secret)))
    bad("key version 0 in the body", sealed, sealed_with(ronk.sealed_body(0, 0, k.tenant, k.purpose, secret)))
    bad("key version 2 in the body", sealed, sealed_with(ronk.sealed_body(2, 0, k.tenant, k.purpose, secret)))
    bad("tenant length beyond the body", sealed, sealed_with(body[:6] + b"\xff" + body[7:]))
    bad("tenant length 0", sealed, sealed_with(ronk.sealed_body(1, 0, "", k.purpose, secret)))
    bad("secret length beyond the body", sealed,
        sealed_with(body[:-36] + b"\xff\xff\xff\xff" + secret))
    bad("secret length one more than there is", sealed, sealed_with(body[:-36] + b"\x00\x00\x00\x21" + secret))
    bad("secret of 31 bytes", sealed, sealed_with(ronk.sealed_body(1, 0, k.tenant, k.purpose, secret[:31])))
    bad("secret of 33 bytes", sealed, sealed_with(ronk.sealed_body(1, 0, k.tenant, k.purpose, secret + b"\x00")))
    bad("secret of 64 bytes (seed and public key)", sealed,
        sealed_with(ronk.sealed_body(1, 0, k.tenant, k.purpose, secret + public)))
    bad("symmetric secret of 16 bytes", sealed,
        ronk.seal_raw(STORE_KEY, STORE_ID, ronk.pub_file(sgood),
                      ronk.sealed_body(sk.version, 0, sk.tenant, sk.purpose, ssecret[:16])), sk)

    foreign = "sealed with a right tag; the header's public key is not the secret's"
    bad("another key's ed25519 public key", foreign,
        sealed_with(public=ronk.public_from_secret("ed25519", rnd("another seed"))))
    bad("ed25519 public key with its sign bit flipped", foreign, sealed_with(public=public[:31] + bytes([public[31] ^ 0x80])))
    for alg in ("x25519", "p256", "rsa2048"):
        kk = KeyId("acme", "signing", alg, rnd_uuid("foreign " + alg), 1)
        own = secret_for(alg, "foreign " + alg)
        if alg == "rsa2048":
            pub = bytearray(ronk.public_from_secret(alg, own))
            pub[-10] ^= 2  # inside the modulus
            wrong = bytes(pub)
        else:
            wrong = ronk.public_from_secret(alg, rnd("another " + alg))
        header = ronk.record_header(ALG_BY_NAME[alg].id, 0, T0, 0, kk.uuid, wrong, nonce)
        bad(f"another key's {alg} public key", foreign,
            ronk.seal_raw(STORE_KEY, STORE_ID, header, ronk.sealed_body(1, 0, kk.tenant, kk.purpose, own)), kk)

    write_json("records.json", {"format": f"{SPEC}, section 1", "cases": cases, "refused": refused})
    return len(cases), len(refused)


# ---------------------------------------------------------------- envelopes.json

def make_envelopes():
    cases, refused = [], []
    for alg in ("aes256gcm", "chacha20poly1305"):
        for pname, plaintext in (("empty", b""), ("short", b"attack at dawn"), ("1000 bytes", rnd("plaintext", 1000))):
            for aname, aad in (("no aad", b""), ("aad", "tenant=acme;größe=7".encode())):
                name = f"{alg}, {pname}, {aname}"
                key, uid, nonce = rnd("key " + name), rnd_uuid("envelope " + name), rnd("nonce " + name, 24)
                version = {"empty": 1, "short": 258, "1000 bytes": 0xFFFFFFFF}[pname]
                sealed = ronk.seal_envelope(alg, key, uid, version, nonce, plaintext, aad)
                assert ronk.open_envelope(alg, key, uid, version, sealed, aad) == plaintext
                header = ronk.envelope_header(uid, version)
                case = {"name": name, "alg": alg, "key": key.hex(), "uuid": uuid_text(uid), "version": version,
                        "nonce": nonce.hex(), "aad": aad.hex(), "plaintext": plaintext.hex(), "header": header.hex(),
                        "full_aad": ronk.envelope_aad(header, aad).hex()}
                if alg == "aes256gcm":
                    case["derived_key"] = ronk.xaes_derive(key, nonce).hex()
                else:
                    case["derived_key"] = ronk.hchacha20(key, nonce[:16]).hex()
                case["envelope"] = sealed.hex()
                cases.append(case)

        key, uid, nonce, aad = rnd("neg key " + alg), rnd_uuid("neg " + alg), rnd("neg nonce " + alg, 24), b"context"
        good = ronk.seal_envelope(alg, key, uid, 3, nonce, b"attack at dawn", aad)

        def bad(name, why, envelope, aad=aad, uid=uid, version=3, key=key):
            must_refuse("Refused", lambda: ronk.open_envelope(alg, key, uid, version, envelope, aad))
            refused.append({"name": f"{alg}: {name}", "why": why, "alg": alg, "key": key.hex(), "uuid": uuid_text(uid),
                            "version": version, "aad": aad.hex(), "envelope": envelope.hex()})

        def flip(at):
            return good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]

        bad("version byte 0", "envelope version", b"\x00" + good[1:])
        bad("version byte 2", "envelope version", b"\x02" + good[1:])
        resealed = b"\x02" + good[1:21]
        encrypt = ronk.xaes_encrypt if alg == "aes256gcm" else ronk.xchacha_encrypt
        bad("version byte 2, sealed so", "the tag is right, the version is not known",
            resealed + nonce + encrypt(key, nonce, b"attack at dawn", ronk.envelope_aad(resealed, aad)))
        for at, where in ((1, "first byte of the uuid"), (16, "last byte of the uuid"), (17, "first byte of the key version"),
                          (20, "last byte of the key version"), (21, "first byte of the nonce"),
                          (33, "second half of the nonce"), (44, "last byte of the nonce"), (45, "ciphertext"),
                          (len(good) - 17, "last byte of the ciphertext"), (len(good) - 16, "tag"), (len(good) - 1, "tag")):
            bad(f"flip at {at}", where, flip(at))
        moved = rnd_uuid("elsewhere")
        bad("header rewritten to the uuid asked for", "the header is in the AAD", good[:1] + moved + good[17:], uid=moved)
        bad("header rewritten to the version asked for", "the header is in the AAD",
            good[:17] + (4).to_bytes(4, "big") + good[21:], version=4)
        bad("asked for another uuid", "an envelope of another key", good, uid=moved)
        bad("asked for another version", "an envelope of another version", good, version=4)
        bad("another key", "wrong key", good, key=rnd("another envelope key"))
        bad("no aad", "aad", good, aad=b"")
        bad("other aad", "aad", good, aad=b"Context")
        bad("longer aad", "aad", good, aad=b"context\x00")
        for n in (0, 1, 20, 21, 44, 45, 60, 61, len(good) - 1):
            bad(f"cut to {n} bytes", "truncated", good[:n])
        bad("trailing byte", "trailing byte", good + b"\x00")
        bare = encrypt(key, nonce, b"attack at dawn", aad)
        bad("caller's aad without the prefix", "AAD lacks its label and header", good[:45] + bare)

    write_json("envelopes.json", {"format": f"{SPEC}, section 6", "xaes256gcm": ronk.XAES_VECTORS,
                                  "cases": cases, "refused": refused})
    return len(cases), len(refused)


# ---------------------------------------------------------------- keyids.json

def make_keyids():
    u = "0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b"
    valid, invalid = [], []

    def ok(text):
        k = KeyId.parse(text)
        valid.append({"text": text, "tenant": k.tenant, "purpose": k.purpose, "alg": k.alg, "uuid": uuid_text(k.uuid),
                      "version": "latest" if k.version is None else k.version,
                      "printed": None if k.version is None else str(k)})

    for a in sorted(ALG_BY_NAME.values(), key=lambda a: a.id):
        ok(f"acme/signing/{a.name}/{u}#v1")
    ok(f"acme/signing/ed25519/{u}#v4294967295")
    ok(f"acme/signing/ed25519/{u}#v10")
    ok(f"acme/signing/ed25519/{u}#latest")
    ok(f"acme/signing/ED25519/{u}#v3")
    ok(f"acme/signing/Ed25519+MlDsa65/{u}#v3")
    ok(f"acme/signing/COMPOSITE-MLDSA65-ED25519/{u}#v3")
    ok(f"acme/signing/SLHDSA-Shake-256F/{u}#v3")
    ok(f"acme/signing/aes256gcm/{u.upper()}#v3")
    ok(f"acme/signing/AES256GCM/{u.upper()}#latest")
    ok(f"Acme/Signing/p256/{u}#v1")
    ok(f"{'A' * 64}/{'z' * 64}/p256/{u}#v1")
    ok(f"a/b/p256/{u}#v1")
    ok(f"./../p256/{u}#v1")
    ok(f"A.b_c-9/-._/p256/{u}#v1")
    ok(f"acme/ronkms.attestation/ed25519/{u}#v1")
    ok(f"0/1/p256/ffffffff-ffff-4fff-bfff-ffffffffffff#v1")

    def no(text, why):
        try:
            KeyId.parse(text)
        except ValueError:
            invalid.append({"text": text, "why": why})
            return
        raise AssertionError(f"{text!r} was taken: {why}")

    no("", "empty")
    no("/", "parts missing")
    no("///#v1", "parts empty")
    no(f"/signing/p256/{u}#v1", "tenant empty")
    no(f"acme//p256/{u}#v1", "purpose empty")
    no(f"acme/signing//{u}#v1", "alg empty")
    no("acme/signing/p256/#v1", "uuid empty")
    no(f"signing/p256/{u}#v1", "tenant missing")
    no("acme/signing/p256#v1", "uuid missing")
    no(f"acme/signing/p256/{u}", "version missing")
    no(f"acme/signing/p256/{u}#", "version empty")
    no(f"acme/signing/p256/{u}#v", "version without a number")
    no(f"acme/signing/p256/{u}#1", "version without its v")
    no(f"acme/signing/p256/{u}v1", "# missing")
    no(f"acme/signing/p256/{u}/v1", "/ in place of #")
    no(f"acme/x/signing/p256/{u}#v1", "a part too many")
    no(f"acme/signing/p256/{u}/#v1", "a trailing slash")
    no(f"/acme/signing/p256/{u}#v1", "a leading slash")
    no(f"{'a' * 65}/signing/p256/{u}#v1", "tenant of 65")
    no(f"acme/{'a' * 65}/p256/{u}#v1", "purpose of 65")
    for c in (" ", "+", "@", "*", ":", "\\", "%", "~", "\t", "\x00", "\x7f", "\u00e9", "\u0430", "\uff41", "\u212a"):
        no(f"ac{c}me/signing/p256/{u}#v1", f"U+{ord(c):04X} in the tenant")
    no(f"acme/sign#ing/p256/{u}#v1", "# in the purpose")
    no(f"acme/sign ing/p256/{u}#v1", "a space in the purpose")
    no(f"acme/signi\u014bg/p256/{u}#v1", "U+014B in the purpose")
    no(f"acme/signing/p384/{u}#v1", "unknown alg")
    no(f"acme/signing/rsa1024/{u}#v1", "unknown alg")
    no(f"acme/signing/ml-kem-768/{u}#v1", "unknown alg (mlkem768 is the name)")
    no(f"acme/signing/ed25519 /{u}#v1", "a space after the alg")
    no(f"acme/signing/ed25519-mldsa65/{u}#v1", "unknown alg")
    no(f"acme/signing/1/{u}#v1", "the alg's number is no name")
    no(f"acme/signing/ml\u212aem768/{u}#v1", "U+212A, which lower-cases to k, in the alg")
    no(f"acme/signing/r\u017fa2048/{u}#v1", "U+017F, which upper-cases to S, in the alg")
    no(f"acme/signing/\uff50256/{u}#v1", "a full-width letter in the alg")
    no(f"acme/signing/p256/{{{u}}}#v1", "uuid in braces")
    no(f"acme/signing/p256/({u})#v1", "uuid in parentheses")
    no(f"acme/signing/p256/{u.replace('-', '')}#v1", "uuid without hyphens")
    no(f"acme/signing/p256/urn:uuid:{u}#v1", "urn:uuid:")
    no(f"acme/signing/p256/{u[:-1]}#v1", "uuid cut short")
    no(f"acme/signing/p256/{u}0#v1", "uuid too long")
    no(f"acme/signing/p256/{u[:-1]}g#v1", "g in the uuid")
    no(f"acme/signing/p256/0f8b2c4e9-d31-4a67-8b5e-1c2d3e4f5a6b#v1", "a hyphen in the wrong place")
    no(f"acme/signing/p256/ {u}#v1", "a space before the uuid")
    no(f"acme/signing/p256/{u} #v1", "a space after the uuid")
    no(f"acme/signing/p256/{u.replace('0', chr(0x0660), 1)}#v1", "an Arabic-Indic digit in the uuid")
    no(f"acme/signing/p256/{{0x0f8b2c4e,0x9d31,0x4a67,{{0x8b,0x5e,0x1c,0x2d,0x3e,0x4f,0x5a,0x6b}}}}#v1", "uuid in hex arrays")
    no(f"acme/signing/p256/+f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#v1", "a sign in the uuid")
    no(f"acme/signing/p256/0xf8b2c4-9d31-4a67-8b5e-1c2d3e4f5a6b#v1", "0x in the uuid")
    for v, why in (("v0", "version 0"), ("v01", "leading zero"), ("v00", "leading zero"), ("v+1", "sign"), ("v-1", "sign"),
                   ("v4294967296", "above 2^32 - 1"), ("v18446744073709551617", "above 2^64"),
                   ("v99999999999999999999999999999999", "far too large"), ("v1.0", "not an integer"), ("v1e3", "not an integer"),
                   ("v1,000", "separator"), ("v0x1", "hex"), ("v1a", "not a number"), ("va", "not a number"), ("v 1", "space"),
                   ("v1 ", "trailing space"), ("v1\n", "trailing newline"), ("v1\x00", "trailing NUL"), ("V1", "upper-case v"),
                   ("vv1", "two v"), ("v1#v1", "two versions"), ("v1/", "trailing slash"), ("v\uff11", "full-width digit"),
                   ("v\u0661", "Arabic-Indic digit"), ("v1\u0660", "Arabic-Indic digit"), ("LATEST", "upper case"),
                   ("Latest", "upper case"), ("latest ", "trailing space"), ("vlatest", "not a number"),
                   ("latest#v1", "two versions"), ("*", "not a version")):
        no(f"acme/signing/p256/{u}#{v}", why)
    no(f" acme/signing/p256/{u}#v1", "a leading space")
    no(f"\ufeffacme/signing/p256/{u}#v1", "a leading byte order mark")
    no(f"\nacme/signing/p256/{u}#v1", "a leading newline")
    no(f"acme\\signing\\p256\\{u}#v1", "backslashes")
    no(f"acme%2Fsigning/p256/{u}#v1", "percent encoding")

    write_json("keyids.json", {"format": f"{SPEC}, section 5", "valid": valid, "invalid": invalid})
    return len(valid), len(invalid)


# ---------------------------------------------------------------- canonical.json

def make_canonical():
    cases, refused = [], []

    def ok(name, value):
        data = canonical(value)
        assert ronk.parse_canonical(data) == value
        cases.append({"name": name, "value": value, "canonical": data.decode(), "sha256": sha256_hex(data)})

    ok("empty object", {})
    ok("one member", {"a": "b"})
    ok("empty strings", {"": ""})
    ok("integers", {"zero": 0, "one": 1, "large": 2 ** 53 - 1, "time": T0})
    ok("nested objects", {"b": {"z": {}, "a": {"k": 1}}, "a": {}})
    ok("order of plain keys", {"b": 1, "a": 2, "B": 3, "A": 4, "aa": 5, "": 6, "1": 7, "10": 8, "2": 9, "_": 10, "-": 11, ".": 12})
    ok("order: prefix first", {"seq": 1, "se": 2, "sequence": 3, "seq ": 4})
    ok("order by UTF-16 units, not by code points", {"\ufb33": 1, "\U0001f600": 2, "\uffff": 3, "\U00010000": 4, "\ud7ff": 5, "\ue000": 6})
    ok("order of RFC 8785, 3.2.3", {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
                                     "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
                                     "\u00f6": "Latin Small Letter O With Diaeresis"})
    ok("order inside a nested object", {"labels": {"\u00e9": "1", "e": "2", "E": "3", "z": "4", "\U0001f511": "5", "\uff5a": "6"}})
    ok("keys need escapes", {"\n": 1, "\"": 2, "\\": 3, "\u0000": 4, "/": 5, "\u001f": 6, " ": 7})
    ok("all control characters", {"c": "".join(chr(n) for n in range(0x20))})
    ok("quote, backslash, slash", {"q": "\"\\/"})
    ok("nothing else is escaped", {"s": "\u007f\u0080\u009f\u00a0\u00ad\u2028\u2029\ufeff\ufffd\uffff<>&'+`"})
    ok("two, three and four byte characters", {"s": "\u00fc\u20ac\u4e2d\U0001f511\U0010ffff"})
    ok("not normalised", {"nfc": "\u00e9", "nfd": "e\u0301"})
    ok("a string that looks like an escape", {"s": "\\u0041\\n"})
    ok("a store.json's kek", {"kind": "passphrase", "kdf": "argon2id", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "ops": 3, "mem_kib": 65536})

    def no(name, why, data):
        data = data if isinstance(data, bytes) else data.encode("utf-8")
        try:
            ronk.parse_canonical(data)
        except ValueError:
            refused.append({"name": name, "why": why, "hex": data.hex()})
            return
        raise AssertionError(name)

    no("empty", "no value", "")
    no("space after colon", "whitespace", '{"a": 1}')
    no("space after comma", "whitespace", '{"a":1, "b":2}')
    no("leading space", "whitespace", ' {"a":1}')
    no("trailing newline", "whitespace", '{"a":1}\n')
    no("trailing carriage return", "whitespace", '{"a":1}\r')
    no("byte order mark", "BOM", b'\xef\xbb\xbf{"a":1}')
    no("members out of order", "order", '{"b":1,"a":2}')
    no("members in code point order", "order is by UTF-16 units", '{"\ufb33":1,"\U0001f600":2}')
    no("duplicate member", "duplicate", '{"a":1,"a":1}')
    no("duplicate member, other value", "duplicate", '{"a":1,"a":2}')
    no("duplicate through an escape", "duplicate", '{"a":1,"\\u0061":1}')
    no("duplicate in a nested object", "duplicate", '{"o":{"a":1,"a":1}}')
    no("needless escape", "escape", '{"a":"\\u0041"}')
    no("escaped slash", "escape", '{"a":"\\/"}')
    no("escaped non-ASCII", "escape", '{"a":"\\u00e9"}')
    no("escaped surrogate pair", "escape", '{"a":"\\ud83d\\ude00"}')
    no("long form of newline", "escape", '{"a":"\\u000a"}')
    no("upper-case hex", "escape", '{"a":"\\u001F"}')
    no("lone high surrogate", "not Unicode", '{"a":"\\ud800"}')
    no("lone low surrogate", "not Unicode", '{"a":"\\udc00"}')
    no("lone surrogate in a key", "not Unicode", '{"\\ud800":1}')
    no("surrogate in UTF-8", "invalid UTF-8", b'{"a":"\xed\xa0\x80"}')
    no("overlong UTF-8", "invalid UTF-8", b'{"a":"\xc0\xaf"}')
    no("stray byte", "invalid UTF-8", b'{"a":"\xff"}')
    no("cut character", "invalid UTF-8", b'{"a":"\xc3"}')
    no("raw control character", "must be escaped", '{"a":"\x1f"}')
    no("raw newline", "must be escaped", '{"a":"\n"}')
    no("raw NUL", "must be escaped", '{"a":"\x00"}')
    no("2^53", "integer too large", '{"a":9007199254740992}')
    no("2^64", "integer too large", '{"a":18446744073709551616}')
    no("a thousand digits", "integer too large", '{"a":' + "9" * 1000 + '}')
    no("fraction", "not an integer", '{"a":1.0}')
    no("exponent", "not an integer", '{"a":1e3}')
    no("minus zero", "not canonical", '{"a":-0}')
    no("leading zero", "not JSON", '{"a":01}')
    no("plus sign", "not JSON", '{"a":+1}')
    no("NaN", "not JSON", '{"a":NaN}')
    no("trailing comma", "not JSON", '{"a":1,}')
    no("comment", "not JSON", '{"a":1/**/}')
    no("single quotes", "not JSON", "{'a':1}")
    no("bare key", "not JSON", "{a:1}")
    no("two values", "not JSON", '{"a":1}{"b":2}')
    no("cut short", "not JSON", '{"a":1')
    no("bytes after", "not JSON", '{"a":1}\x00')
    no("deep nesting", "too deep, or not closed", '{"a":' * 2000)

    write_json("canonical.json", {"format": f"{SPEC}, conventions; RFC 8785", "cases": cases, "refused": refused})
    return len(cases), len(refused)


# ---------------------------------------------------------------- storejson.json

def make_storejson():
    import base64
    cases, keyfiles, passphrases = [], [], []
    store_key, store_id = rnd("storejson store key"), rnd_uuid("storejson store")
    kek = rnd("storejson kek")
    passphrase = "correct horse battery staple".encode()
    salt = rnd("storejson salt", 16)

    def member(mem_kib, ops, **change):
        return {"kdf": "argon2id", "kind": "passphrase", "mem_kib": mem_kib, "ops": ops,
                "salt": base64.b64encode(salt).decode(), **change}

    def case(name, why, data, given, expect="ok"):
        c = {"name": name, "why": why, "expect": expect, "store_json": data.decode(), "kek_kind": given.kind,
             "kek": given.secret.hex()}
        if expect == "ok":
            store, sid, key = ronk.open_store_json(data, given)
            assert key == store_key and sid == store_id
            c.update(store_id=uuid_text(sid), gen=store["gen"], store_key=key.hex(),
                     store_mac_key=subkey(key, sid, "store").hex(), sha256=sha256_hex(data))
        else:
            must_refuse(expect, lambda: ronk.open_store_json(data, given))
        cases.append(c)

    def changed(data, resum=False, **change):
        store = {**json.loads(data), **change}
        if resum:
            bare = canonical({m: v for m, v in store.items() if m not in ("sum", "mac")})
            store["sum"] = sha256_hex(bare)
        return canonical(store)

    by_file, by_phrase = ronk.Kek("keyfile", kek), ronk.Kek("passphrase", passphrase)
    wrong = ronk.Kek("keyfile", rnd("storejson another kek"))
    good = ronk.make_store_json(store_key, store_id, 1, {"kind": "keyfile"}, kek)
    case("keyfile", "", good, by_file)
    case("keyfile, generation 7", "", ronk.make_store_json(store_key, store_id, 7, {"kind": "keyfile"}, kek), by_file)
    phrase = {}
    for mem_kib, ops in ((19456, 2), (65536, 3)):
        derived = ronk.argon2id(passphrase, salt, mem_kib, ops)
        phrase[mem_kib] = ronk.make_store_json(store_key, store_id, 1, member(mem_kib, ops), derived)
        case(f"passphrase, {mem_kib} KiB, {ops} passes", "", phrase[mem_kib], by_phrase)
    case("another KEK", "the sum holds, the unwrap does not", good, wrong, "WrongKek")
    case("another passphrase", "the sum holds, the unwrap does not", phrase[19456],
         ronk.Kek("passphrase", passphrase + b" "), "WrongKek")
    case("gen changed", "bad sum", changed(good, gen=2), by_file, "SealedCorrupt")
    case("gen changed, another KEK", "the sum is checked before the KEK is tried", changed(good, gen=2), wrong, "SealedCorrupt")
    case("gen changed, sum made anew", "bad mac", changed(good, True, gen=2), by_file, "SealedCorrupt")
    case("gen changed, sum made anew, another KEK", "the unwrap is tried before the mac is checked",
         changed(good, True, gen=2), wrong, "WrongKek")
    case("mac flipped", "bad mac", changed(good, mac="0" * 64), by_file, "SealedCorrupt")
    case("sum flipped", "bad sum", changed(good, sum="0" * 64), by_file, "SealedCorrupt")
    case("store_id changed, sum made anew", "bad mac", changed(good, True, store_id=uuid_text(rnd_uuid("other"))), by_file, "SealedCorrupt")
    case("wrapped_key changed", "bad sum", changed(good, wrapped_key=base64.b64encode(rnd("x", 40)).decode()), by_file, "SealedCorrupt")
    case("wrapped_key changed, sum made anew", "the unwrap fails", changed(good, True, wrapped_key=base64.b64encode(rnd("x", 40)).decode()),
         by_file, "WrongKek")
    store = json.loads(good)
    case("a space", "not its own re-serialisation", good.replace(b":", b": ", 1), by_file, "SealedCorrupt")
    case("a trailing newline", "not its own re-serialisation", good + b"\n", by_file, "SealedCorrupt")
    case("empty", "no JSON", b"", by_file, "SealedCorrupt")
    case("cut short", "no JSON", good[:-1], by_file, "SealedCorrupt")
    case("no mac", "a member is missing", canonical({m: v for m, v in store.items() if m != "mac"}), by_file, "SealedCorrupt")
    upper = changed(good, sum=store["sum"].upper())
    case("sum in upper case", "hex is lower case", upper, by_file, "SealedCorrupt")
    for mem_kib, ops in ((19455, 3), (1048577, 3), (2 ** 53 - 1, 3), (0, 3), (65536, 1), (65536, 17), (65536, 0), (65536, 2 ** 32 + 3)):
        case(f"passphrase, {mem_kib} KiB, {ops} passes", "outside the limits, though sum and mac hold: refused before any work",
             ronk.make_store_json(store_key, store_id, 1, member(mem_kib, ops), kek), by_phrase, "Refused")
    case("key file for a passphrase store", "the kinds must be equal", phrase[19456], by_file, "Refused")
    case("passphrase for a key file store", "the kinds must be equal", good, by_phrase, "Refused")

    text = base64.b64encode(kek)

    def keyfile(name, data, ok):
        try:
            assert ronk.read_keyfile(data) == kek and ok, name
        except ValueError:
            assert not ok, name
        keyfiles.append({"name": name, "hex": data.hex(), "key": kek.hex() if ok else None})

    keyfile("no newline", text, True)
    keyfile("one LF", text + b"\n", True)
    keyfile("two LF", text + b"\n\n", False)
    keyfile("CRLF", text + b"\r\n", False)
    keyfile("leading space", b" " + text, False)
    keyfile("trailing space", text + b" ", False)
    keyfile("a newline inside", text[:20] + b"\n" + text[20:], False)
    keyfile("unpadded", text.rstrip(b"="), False)
    keyfile("padding bits set", text[:-2] + bytes([text[-2] + 1]) + b"=", False)
    keyfile("31 bytes", base64.b64encode(kek[:31]), False)
    keyfile("33 bytes", base64.b64encode(kek + b"\x00"), False)
    keyfile("raw bytes", kek, False)
    keyfile("hex", kek.hex().encode(), False)
    keyfile("empty", b"", False)
    keyfile("byte order mark", b"\xef\xbb\xbf" + text, False)

    for name, data, phrase_bytes in (("no newline", b"one two", b"one two"), ("LF", b"one two\n", b"one two"),
                                     ("CRLF", b"one two\r\n", b"one two"), ("second line", b"one two\nthree\n", b"one two"),
                                     ("spaces are kept", b" one two \n", b" one two "), ("a lone CR is kept", b"one\rtwo\r", b"one\rtwo\r"),
                                     ("only the CR before the LF goes", b"one\r\r\n", b"one\r"),
                                     ("not normalised (NFD)", "e\u0301\n".encode(), "e\u0301".encode()),
                                     ("not normalised (NFC)", "\u00e9\n".encode(), "\u00e9".encode())):
        assert ronk.read_passphrase(data) == phrase_bytes, name
        passphrases.append({"name": name, "hex": data.hex(), "passphrase": phrase_bytes.hex()})

    write_json("storejson.json", {"format": f"{SPEC}, section 2", "cases": cases, "keyfiles": keyfiles,
                                  "passphrase_files": passphrases})
    return len(cases), sum(c["expect"] != "ok" for c in cases)


# ---------------------------------------------------------------- journals.json

class Book:
    """A journal being written for a case. The records it names do not exist: their hashes are made up."""

    def __init__(self, seq=0, head=ronk.ZERO_HASH, first=True, **open_members):
        self.w = JournalWriter(J_KEY, J_ID, seq, head)
        self.t = T0
        if first:
            self.add("open_store", **{"store": STORE_A, "store_id": uuid_text(J_ID), "anchor": "none", **open_members})
            if open_members.get("from") is None:
                self.w.commit()

    def add(self, op, step=1000, commit=None, **members):
        self.t += step
        return self.w.add(op, self.t, **members)

    def one(self, op, **members):
        """A line that is a group of its own."""
        raw = self.add(op, **members)
        self.w.commit()
        return raw

    def bytes(self):
        return self.w.bytes()

    def head(self):
        return self.w.seq, self.w.head

    def next(self, op="annex", **members):
        """The line that would come next, not added."""
        members = members or {"digest": sha256_hex(b"next"), "type": "note"}
        return journal_line(self.w.key, self.w.members(op, self.t + 1000, **members))


J_KEY = rnd("journals store key")
J_ID = rnd_uuid("journals store")
STORE_A, STORE_B = sha256_hex(b"store.json, first"), sha256_hex(b"store.json, second")
FROM = {"gen": 1, "seq": 40, "head": sha256_hex(b"head of generation 1")}


def kid(label, alg, version=1, tenant="acme", purpose="signing"):
    return str(KeyId(tenant, purpose, alg, rnd_uuid("journal key " + label), version))


def key_members(kid_text, not_after_ms=0, labels=None, state=None):
    alg = ALG_BY_NAME[KeyId.parse(kid_text).alg]
    m = {"alg": alg.name, "kid": kid_text, "not_after_ms": not_after_ms}
    if labels:
        m["labels"] = labels
    if alg.public_len:
        m["public"] = sha256_hex(b"public " + kid_text.encode())
    if state != "destroyed":
        m["record"] = sha256_hex(b"record " + kid_text.encode())
    if state:
        m["state"] = state
    return m


def annex(n):
    return {"digest": sha256_hex(b"annexed document %d" % n), "type": "approval"}


def make_journals():
    cases = []
    counts = {}

    def case(name, why, data, expect="ok", gen=1, store=STORE_A, anchor=None, anchor_text=None, reading=None):
        """anchor: (seq, head) to make one of; anchor_text: as it is."""
        if isinstance(data, Book):
            data = data.bytes()
        if anchor is not None:
            anchor_text = ronk.make_anchor(J_KEY, J_ID, *anchor)
        c = {"name": name, "why": why, "expect": expect, "gen": gen, "store_sha256": store,
             "anchor": anchor_text.decode() if anchor_text is not None else None}
        try:
            c["journal"] = data.decode()
        except UnicodeDecodeError:
            c["journal_hex"] = data.hex()
        if reading:
            c["reading"] = reading

        def run():
            a = ronk.open_anchor(anchor_text, J_KEY, J_ID) if anchor_text is not None else None
            return ronk.open_journal(data, gen, J_KEY, J_ID, store, a)

        if expect == "ok":
            j = run()
            after = data[:j.length - 1] + b"\n"
            assert len(after) == j.length
            c.update(first_seq=j.first_seq, head_seq=j.head_seq, head=j.head, time_ms=j.time_ms, torn_bytes=j.torn_bytes,
                     completed=j.completed, journal_length=j.length, journal_sha256=sha256_hex(after),
                     anchor_kind=j.anchor_kind, versions={
                k: {"state": v["state"], "latest": j.latest(KeyId.parse(k).uuid) == KeyId.parse(k).version,
                    "not_after_ms": v["not_after_ms"], "labels": v["labels"], "public": v["public"], "record": v["record"]}
                for k, v in sorted(j.versions.items())})
        else:
            must_refuse(expect, run)
        counts[expect] = counts.get(expect, 0) + 1
        cases.append(c)

    def small():
        """open_store, one key, one annex: three groups of one line."""
        b = Book()
        b.one("create", **key_members(kid("small", "ed25519")))
        b.one("annex", **annex(1))
        return b

    NL = b"\n"
    # whole journals
    case("open_store only", "a new store", Book())
    b = Book()
    s1, s2, s3 = (kid("life", "ed25519", v) for v in (1, 2, 3))
    w1, m1 = kid("wrap", "aes256gcm", purpose="wrap"), kid("mac", "hmacsha256", tenant="globex", purpose="hooks")
    b.one("create", **key_members(s1))
    b.one("create", **key_members(w1, labels={"owner": "payments"}))
    b.one("import", **key_members(m1, not_after_ms=T0 + 30 * DAY))
    b.one("rotate", **key_members(s2, not_after_ms=T0 + 60 * DAY))
    b.one("disable", kid=s1)
    b.one("rotate", **key_members(s3))
    b.one("destroy", kid=s2)
    b.one("disable", kid=w1)
    b.one("enable", kid=w1)
    b.one("annex", **annex(7))
    b.one("rewrap", store=STORE_B)
    b.one("destroy", kid=m1)
    case("every op of a generation", "create, import, rotate, disable, enable, destroy, annex, rewrap", b, store=STORE_B)
    life = b
    case("the latest version destroyed", "latest stays the highest ever issued, destroyed or not", _latest_destroyed())
    b = Book()
    for a in sorted(ALG_BY_NAME.values(), key=lambda a: a.id):
        b.add("create", **key_members(kid("alg " + a.name, a.name)))
    b.w.commit()
    case("a key of every algorithm", "one group: public is there for the asymmetric ones only", b)
    b = Book()
    labels = {"owner": "Zahlungsverkehr \u00fc\u20ac\u4e2d\U0001f511", "Owner": "case matters", "b": "\"quoted\\\" \n\t\u0001\u007f",
              "a.b_c-9": "\u2028\u2029\ufeff", "empty": "", "N" * 64: "\u00e9" * 128}
    b.one("create", **key_members(kid("labels", "p256"), labels=labels))
    b.one("create", **key_members(kid("labels 16", "aes256gcm"), labels={f"n{i}": str(i) for i in range(16)}))
    case("labels", "unicode and escapes in values, sorted names, 16 of them, the longest name and value", b)
    b = Book()
    b.add("create", **key_members(kid("g1", "ed25519")))
    b.add("create", **key_members(kid("g2", "x25519")))
    b.add("create", **key_members(kid("g3", "rsa2048")))
    b.w.commit()
    b.one("annex", **annex(1))
    case("a group of three", "base is equal for the lines written together", b)
    b = Book()
    b.one("annex", step=0, **annex(1))
    b.one("annex", step=0, **annex(2))
    case("time standing still", "equal times are allowed", b)
    b = Book()
    b.one("annex", step=2 ** 53 - 1 - b.t, **annex(1))
    case("the largest time", "2^53 - 1", b)

    # the last line without its newline
    case("last newline missing", "a last line whole but for its newline is completed", small().bytes()[:-1])
    case("only line, newline missing", "completed", Book().bytes()[:-1])
    b = small()
    raw = b.next("frobnicate", x="y")
    case("unknown op in a last line without its newline", "the line is whole, so it counts", b.bytes() + raw, "NewerFormat", reading="R8")

    # torn tails
    b = small()
    raw = b.next()
    text = "a half-written line, cut after"
    for n in (1, 2, 30, len(raw) // 2, len(raw) - 1):
        case(f"torn: {n} of {len(raw)} bytes", f"{text} {n}", b.bytes() + raw[:n])
    case("torn: one zero byte", "lacks a newline and is zero", b.bytes() + b"\0")
    case("torn: zero tail", "a block that was allocated and not written", b.bytes() + bytes(64))
    case("torn: zeros and a newline", "ends in a newline but holds a zero byte", b.bytes() + bytes(64) + NL)
    case("torn: newlines and zeros", "holds a zero byte", b.bytes() + NL + bytes(3) + NL)
    case("torn: half a line, then zeros", "block cut", b.bytes() + raw[:100] + bytes(64))
    case("torn: zeros inside a line", "the newline is there, the middle is not", b.bytes() + raw[:100] + bytes(50) + raw[150:] + NL)
    case("torn: a whole line, then zeros for its newline", "the line is not whole but for its newline",
         b.bytes() + raw + bytes(8), reading="R1")
    case("torn: garbage without a newline", "not UTF-8", b.bytes() + b"\xff\xfe\x80garbage")
    flipped = raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]
    case("torn: a flipped byte in a last line without its newline", "not valid, and lacks its newline", b.bytes() + flipped)
    uni = b.next("create", **key_members(kid("cut", "aes256gcm"), labels={"o": "\u20ac"}))
    cut = uni.index("\u20ac".encode()) + 1
    case("torn: cut inside a character", "the bytes are not UTF-8", b.bytes() + uni[:cut])
    b = small()
    b.add("annex", **annex(2))
    b.add("annex", **annex(3))
    third = b.next("annex", **annex(4))
    case("torn: the last line of a group", "the whole lines of the group are kept", b.bytes() + third[:40])
    b = small()
    keep = b.bytes()
    x = b.add("annex", **annex(2))
    y = b.add("annex", **annex(3))
    case("torn: first line of a group lost, second there", "base of the second is 3: the first was never durable",
         keep + bytes(len(x)) + NL + y + NL)
    case("torn: first line of a group lost with its newline, second there", "as before, the zeros run up to the second line",
         keep + bytes(len(x) + 1) + y + NL)
    case("torn: first line of a group half zero, second there", "base of the second is 3",
         keep + x[:80] + bytes(len(x) - 80) + NL + y + NL)
    case("torn: garbled first line of a group, second without its newline", "base of the second is 3",
         keep + x[:80] + b"#" + x[81:] + NL + y)
    case("torn: anchor at the last whole line", "the anchor's seq is at most L", _with_anchor_kind()[0] + b"{\"ba",
         anchor=_with_anchor_kind()[1])

    # tails that are no torn write
    b = small()
    keep = b.bytes()
    x = b.one("annex", **annex(2))
    y = b.one("annex", **annex(3))
    later = "seq 5 was written when seq 4 was durable"
    case("hidden: line lost, a later group there", later, keep + bytes(len(x)) + NL + y + NL, "SealedCorrupt")
    case("hidden: line half zero, a later group there", later, keep + x[:80] + bytes(len(x) - 80) + NL + y + NL, "SealedCorrupt")
    case("hidden: the same, with a torn end", later, keep + bytes(len(x)) + NL + y + NL + b"{\"base", "SealedCorrupt")
    case("hidden: the same, with a zero tail", later, keep + bytes(len(x)) + NL + y + NL + bytes(64), "SealedCorrupt")
    case("hidden: line garbled, a later line without its newline", later, keep + x[:80] + b"#" + x[81:] + NL + y, "SealedCorrupt",
         reading="R1")
    case("hidden: line missing, a later line without its newline", later, keep + y, "SealedCorrupt", reading="R1")
    case("hidden: zeros up to the later line", later, keep + bytes(len(x) + 1) + y + NL, "SealedCorrupt", reading="R1")
    case("hidden: a later line, then zeros", later, keep + bytes(len(x)) + NL + y + bytes(9), "SealedCorrupt", reading="R1")
    b.add("annex", **annex(4))
    g6 = b.w.lines[-1]
    g7 = b.add("annex", **annex(5))
    case("hidden: the middle group lost", "seq 4 whole, 5 lost, 7 has base 5", keep + x + NL + bytes(len(y)) + NL + g6[:50] + bytes(20) + NL + g7 + NL,
         "SealedCorrupt")
    b = small()
    raw = b.next()
    case("tail: a flipped byte in the last line, newline there", "a whole line that does not hold", b.bytes() + flipped + NL, "SealedCorrupt")
    case("tail: an empty line", "ends in a newline, holds no zero byte", b.bytes() + NL, "SealedCorrupt")
    case("tail: garbage with a newline", "ends in a newline, holds no zero byte", b.bytes() + b"garbage\n", "SealedCorrupt")
    case("tail: {} with a newline", "no members", b.bytes() + b"{}\n", "SealedCorrupt")
    case("tail: a half line with a newline", "ends in a newline, holds no zero byte", b.bytes() + raw[:90] + NL, "SealedCorrupt")
    case("tail: the last line twice", "seq and prev", b.bytes() + b.w.lines[-1] + NL, "SealedCorrupt")

    # broken in the middle
    b = small()
    b.one("annex", **annex(2))
    lines = b.w.lines

    def joined(ls):
        return b"".join(l + NL for l in ls)

    for at in (5, len(lines[1]) // 2, len(lines[1]) - 4):
        bad = lines[1][:at] + bytes([lines[1][at] ^ 1]) + lines[1][at + 1:]
        case(f"middle: flipped byte at {at}", "a bit of line 2", joined([lines[0], bad] + lines[2:]), "SealedCorrupt")
    case("middle: a zero byte in line 2", "not the last group", joined([lines[0], lines[1][:50] + b"\0" + lines[1][51:]] + lines[2:]), "SealedCorrupt")
    case("middle: line 3 missing", "seq gap", joined(lines[:2] + lines[3:]), "SealedCorrupt")
    case("middle: line 1 missing", "seq gap", joined(lines[1:]), "SealedCorrupt")
    case("middle: lines swapped", "seq", joined([lines[0], lines[2], lines[1], lines[3]]), "SealedCorrupt")
    case("middle: line 2 twice", "seq", joined([lines[0], lines[1]] + lines[1:]), "SealedCorrupt")
    case("middle: newline between lines missing", "two lines on one", lines[0] + NL + lines[1] + lines[2] + NL + lines[3] + NL, "SealedCorrupt")
    case("middle: an empty line", "an empty line is no line", joined(lines[:2] + [b""] + lines[2:]), "SealedCorrupt")
    case("CRLF line ends", "the carriage return is part of the line", joined([l + b"\r" for l in lines]), "SealedCorrupt")
    case("byte order mark", "not canonical", b"\xef\xbb\xbf" + joined(lines), "SealedCorrupt")

    def crafted(name, why, change, expect="SealedCorrupt", reading=None, recompute=True, raw=lambda r: r):
        """Line 3 of 4 is made with `change`; the chain and the MACs after it hold."""
        b = Book()
        b.one("create", **key_members(kid("crafted", "ed25519")))
        m = b.w.members("annex", b.t + 1000, **annex(1))
        change(m)
        line = raw(journal_line(b.w.key, m) if recompute else canonical(m))
        b.t += 1000
        b.w.add_raw(line, b.t)
        b.w.commit()
        b.one("annex", **annex(2))
        case(name, why, b, expect, reading=reading)

    crafted("crafted: nothing changed", "the frame of the cases below holds", lambda m: None, "ok")
    crafted("crafted: seq one too high", "seq gap, with right mac and prev", lambda m: m.update(seq=m["seq"] + 1))
    crafted("crafted: seq repeated", "seq, with right mac and prev", lambda m: m.update(seq=m["seq"] - 1))
    crafted("crafted: wrong prev", "prev, with a right mac", lambda m: m.update(prev=sha256_hex(b"elsewhere")))
    crafted("crafted: prev of zeros", "prev, with a right mac", lambda m: m.update(prev=ronk.ZERO_HASH))
    crafted("crafted: wrong mac", "mac", lambda m: m.update(mac=sha256_hex(b"mac")), recompute=False)
    crafted("crafted: no mac", "a member is missing", lambda m: None, recompute=False)
    crafted("crafted: upper-case mac", "hex is lower case", lambda m: None, raw=_upper_mac)
    crafted("crafted: time going back", "time_ms, with a right mac", lambda m: m.update(time_ms=m["time_ms"] - 1001))
    crafted("crafted: base equal to seq", "a line cannot be durable before it is written", lambda m: m.update(base=m["seq"]), reading="R3")
    crafted("crafted: base going down", "what was durable stays so", lambda m: m.update(base=0), reading="R3")
    crafted("crafted: unknown op", "it could be a revocation", lambda m: m.update(op="revoke"), "NewerFormat")
    crafted("crafted: unknown op in upper case", "ops are compared as they are", lambda m: m.update(op="ANNEX"), "NewerFormat")
    crafted("crafted: unknown op with a wrong mac", "not believed", lambda m: m.update(op="revoke", mac="0" * 64), recompute=False)
    crafted("crafted: unknown member", "it could be a revocation", lambda m: m.update(until="never"), "NewerFormat")
    crafted("crafted: a member of another op", "kid on annex is as unknown as any other", lambda m: m.update(kid=kid("crafted", "ed25519")), "NewerFormat")
    crafted("crafted: unknown member, an integer", "it could be a revocation", lambda m: m.update(weight=1), "NewerFormat")
    crafted("crafted: a space", "not canonical; mac over the canonical form, prev over the bytes", lambda m: None,
            raw=lambda r: r.replace(b'":', b'": ', 1))
    crafted("crafted: a trailing space", "not canonical", lambda m: None, raw=lambda r: r + b" ")
    crafted("crafted: members out of order", "not canonical", lambda m: None,
            raw=lambda r: json.dumps(dict(reversed(list(json.loads(r).items()))), separators=(",", ":")).encode())
    crafted("crafted: an escaped letter", "not canonical", lambda m: None, raw=lambda r: r.replace(b'"approval"', b'"\\u0061pproval"'))
    crafted("crafted: base as 2.0", "not canonical", lambda m: None, raw=lambda r: r.replace(b'"base":2,', b'"base":2.0,'))
    crafted("crafted: duplicate member", "the same member twice", lambda m: None, raw=lambda r: r.replace(b'"base":2,', b'"base":2,"base":2,'))
    crafted("crafted: duplicate member, other value", "the last one would be believed", lambda m: None,
            raw=lambda r: r.replace(b'"base":2,', b'"base":1,"base":2,'))
    crafted("crafted: seq as a string", "type", lambda m: m.update(seq=str(m["seq"])))

    # what a fold cannot take, with a right mac and chain
    def fold(name, why, op, members, reading="R4", expect="SealedCorrupt"):
        b = Book()
        b.one("create", **key_members(kid("fold", "ed25519", 1)))
        b.one("destroy", kid=kid("fold", "ed25519", 1))
        b.one("rotate", **key_members(kid("fold", "ed25519", 2)))
        b.one(op, **members)
        case("fold: " + name, why, b, expect, reading=reading)

    def f(version):
        return kid("fold", "ed25519", version)

    fold("versions may leap", "after a restore they go on 1,000 higher", "rotate", key_members(f(1002)), "R4", "ok")
    fold("rotate to a version in use", "versions are never reused", "rotate", key_members(f(2)))
    fold("rotate to a destroyed version", "versions are never reused", "rotate", key_members(f(1)))
    fold("rotate of an unknown key", "no such uuid", "rotate", key_members(kid("nobody", "ed25519", 2)))
    fold("rotate under another purpose", "one uuid, two keys", "rotate", key_members(kid("fold", "ed25519", 7, purpose="other")))
    fold("create of a uuid in use", "one uuid, two keys", "create", key_members(f(3)))
    fold("enable of a destroyed version", "destroyed is final", "enable", {"kid": f(1)})
    fold("disable of an unknown version", "never made", "disable", {"kid": f(3)})
    fold("destroy of an unknown key", "never made", "destroy", {"kid": kid("nobody", "ed25519", 1)})
    fold("kid in upper case", "not its printed form", "disable", {"kid": _upper_uuid(f(2))})
    fold("kid #latest", "a journal names concrete versions", "disable", {"kid": f(2).split("#")[0] + "#latest"})
    fold("alg is not the kid's", "alg", "rotate", {**key_members(f(3)), "alg": "x25519"})
    fold("public missing", "an asymmetric key", "rotate", {m: v for m, v in key_members(f(3)).items() if m != "public"})
    fold("record missing", "a create, import or rotate has one", "rotate", {m: v for m, v in key_members(f(3)).items() if m != "record"})
    fold("not_after_ms missing", "always there", "rotate", {m: v for m, v in key_members(f(3)).items() if m != "not_after_ms"})
    fold("public of a symmetric key", "left out", "create", {**key_members(kid("sym", "aes256gcm")), "public": "0" * 64})
    fold("labels empty", "left out when empty", "rotate", {**key_members(f(3)), "labels": {}})
    fold("17 labels", "at most 16", "rotate", key_members(f(3), labels={f"n{i}": "v" for i in range(17)}))
    fold("label name of 65", "1 to 64 characters", "rotate", key_members(f(3), labels={"n" * 65: "v"}))
    fold("label name empty", "1 to 64 characters", "rotate", key_members(f(3), labels={"": "v"}))
    fold("label name with a space", "the KeyId alphabet", "rotate", key_members(f(3), labels={"a b": "v"}))
    fold("label value of 257 bytes", "at most 256 UTF-8 bytes", "rotate", key_members(f(3), labels={"a": "\u00e9" * 128 + "x"}))
    fold("label value a number", "an object of strings", "rotate", {**key_members(f(3)), "labels": {"a": 1}})
    fold("open_store again", "the first line of a generation, and no other", "open_store",
         {"store": STORE_A, "store_id": uuid_text(J_ID), "anchor": "none"})
    fold("state in generation 1", "state lines begin a later generation", "state", key_members(kid("s", "p256"), state="enabled"))
    b = Book(first=False)
    b.one("create", **key_members(kid("first", "ed25519")))
    case("fold: no open_store", "the first line of a generation", b, "SealedCorrupt", reading="R4")
    case("fold: store_id of another store", "the line names another store", Book(store_id=uuid_text(rnd_uuid("elsewhere"))), "SealedCorrupt", reading="R4")
    case("fold: from in generation 1", "later generations only", Book(**{"from": FROM, "reason": "reseal"}), "SealedCorrupt", reading="R4")

    # the ends of the world
    case("empty", "an empty journal beside a store.json", b"", "SealedCorrupt")
    case("only a torn first line", "store.json is written after the first line is durable", Book().bytes()[:90], "SealedCorrupt", reading="R2")
    case("only zeros", "the same", bytes(512), "SealedCorrupt", reading="R2")
    case("only a newline", "no line", NL, "SealedCorrupt")
    w = JournalWriter(rnd("a foreign store key"), J_ID)
    w.add("open_store", T0, store=STORE_A, store_id=uuid_text(J_ID), anchor="none")
    case("another store's key", "every mac is wrong", w.bytes(), "SealedCorrupt")

    # later generations
    def gen2(seq=FROM["seq"], head=FROM["head"], origin=FROM, reason="reseal", **more):
        members = {"from": origin, "reason": reason, **more}
        return Book(seq, head, **{m: v for m, v in members.items() if v is not None})

    def states(b):
        b.add("state", **key_members(kid("st", "ed25519", 1), state="destroyed"))
        b.add("state", **key_members(kid("st", "ed25519", 2), state="disabled", labels={"owner": "release"}))
        b.add("state", **key_members(kid("st", "ed25519", 3), not_after_ms=T0 + DAY, state="enabled"))
        b.add("state", **key_members(kid("sw", "aes256gcm", 9), state="enabled"))
        b.add("state", **key_members(kid("sh", "hmacsha256", 1), state="destroyed"))
        b.w.commit()
        return b

    case("generation 2: open_store only", "an empty store resealed", gen2(), gen=2)
    b = states(gen2())
    case("generation 2: states", "open_store carries from and reason, then a state line a version", b, gen=2)
    b.one("enable", kid=kid("st", "ed25519", 2))
    b.one("rotate", **key_members(kid("sw", "aes256gcm", 1009)))
    b.one("destroy", kid=kid("st", "ed25519", 3))
    b.one("create", **key_members(kid("new", "xwing")))
    case("generation 2: states and what came after", "enable, rotate, destroy, create go on from the states", b, gen=2)
    b = states(gen2())
    b.one("rotate", **key_members(kid("sw", "aes256gcm", 8)))
    case("generation 2: rotate downwards", "versions only go up", b, "SealedCorrupt", gen=2, reading="R4")
    b = states(gen2())
    b.one("annex", **annex(1))
    case("generation 2: last newline missing", "completed", states(gen2(reason="compact")).bytes()[:-1], gen=2)
    case("generation 2: torn", "torn", b.bytes() + b"\0\0\0", gen=2)
    case("generation 3 from generation 2", "from.gen is the one before", gen2(origin={**FROM, "gen": 2}), gen=3)
    far = JournalWriter(J_KEY, J_ID, FROM["seq"] + 9, FROM["head"])
    far.durable = FROM["seq"]
    far.add("open_store", T0, **{"store": STORE_A, "store_id": uuid_text(J_ID), "anchor": "none", "from": FROM, "reason": "restore"})
    case("generation 2: seq leaps", "a restore goes on above the anchor too", far.bytes(), gen=2)
    case("generation 2: no from", "later generations have it", gen2(origin=None, reason=None), "SealedCorrupt", gen=2, reading="R4")
    case("generation 2: no reason", "later generations have it", gen2(reason=None), "SealedCorrupt", gen=2, reading="R4")
    case("generation 2: prev is not from.head", "prev of its first line is from.head", gen2(head=sha256_hex(b"other")), "SealedCorrupt", gen=2, reading="R4")
    case("generation 2: seq not above from.seq", "seq goes on above", gen2(seq=FROM["seq"] - 1), "SealedCorrupt", gen=2, reading="R4")
    b = gen2()
    b.add("state", **key_members(kid("st", "ed25519", 1), state="enabled"))
    b.add("state", **key_members(kid("st", "ed25519", 1), state="disabled"))
    case("generation 2: one version twice", "one state line a version", b, "SealedCorrupt", gen=2, reading="R4")
    b = gen2()
    b.add("state", **{**key_members(kid("st", "ed25519", 1), state="destroyed"), "record": "0" * 64})
    case("generation 2: a destroyed state with a record", "then without record", b, "SealedCorrupt", gen=2, reading="R4")
    b = gen2()
    b.add("state", **{**key_members(kid("st", "ed25519", 1), state="enabled"), "state": "expired"})
    case("generation 2: state expired", "expiry is no state", b, "SealedCorrupt", gen=2, reading="R4")
    b = gen2()
    b.add("state", **key_members(kid("st", "ed25519", 1)))
    case("generation 2: state missing", "state", b, "SealedCorrupt", gen=2, reading="R4")
    case("generation 2 opened as generation 1", "seq does not begin at 1", gen2(), "SealedCorrupt")

    # rollback
    case("store.json is another", "not the one that the journal names last", small(), "Rollback", store=STORE_B)
    case("store.json is the one before the rewrap", "not the one that the journal names last", life, "Rollback", store=STORE_A)
    b = small()
    b.one("rewrap", store=STORE_B)
    b.one("rewrap", store=STORE_A)
    case("rewrapped twice", "the last counts", b)
    data, head, b = _with_anchor_kind()
    case("anchored", "the anchor is at the head", data, anchor=head)
    case("anchored, anchor behind", "valid lines after the anchor's are kept", b.bytes() + b.next() + NL, anchor=head)
    case("anchored, anchor at the first line", "the same", data, anchor=(1, sha256_hex(b.w.lines[0])))
    case("anchored, anchor missing", "the journal names a kind", data, "Rollback")
    case("anchored, journal cut cleanly", "the anchor's seq is above the last line", b"".join(l + NL for l in b.w.lines[:-1]), "Rollback", anchor=head)
    case("anchored, another head at that seq", "the journal does not hold the anchor's line", data, "Rollback", anchor=(head[0], sha256_hex(b"fork")))
    case("anchored, head of an earlier line", "the journal does not hold the anchor's line", data, "Rollback",
         anchor=(head[0], sha256_hex(b.w.lines[0])))
    case("anchored, torn tail, anchor above it", "the anchor has seen more: not torn", b"".join(l + NL for l in b.w.lines[:-1]) + b.w.lines[-1][:70],
         "SealedCorrupt", anchor=head, reading="R7")
    wrong = json.loads(ronk.make_anchor(J_KEY, J_ID, *head))
    wrong["mac"] = sha256_hex(b"not the mac")
    case("anchored, anchor's mac wrong", "an anchor that does not authenticate", data, "Rollback",
         anchor_text=canonical(wrong), reading="R5")
    case("anchored, anchor of another store", "store_id, under the other store's own key", data, "Rollback",
         anchor_text=ronk.make_anchor(rnd("a foreign store key"), rnd_uuid("elsewhere"), *head), reading="R5")
    b = small()
    b.one("anchor", anchor="file")
    b.one("annex", **annex(9))
    case("anchor from now on", "an anchor line names the kind", b, anchor=b.head())
    case("anchor from now on, not given", "the kind that was named last counts", b, "Rollback")
    b.one("anchor", anchor="none")
    case("anchor no more", "the kind that was named last counts", b)
    b = states(gen2(anchor="file"))
    case("generation 2, anchor in it", "anchored", b, gen=2, anchor=b.head())
    case("generation 2, anchor still at from", "cut short between the rename and the anchor", b, gen=2, anchor=(FROM["seq"], FROM["head"]), reading="R6")
    case("generation 2, anchor at from.seq with another head", "a fork", b, "Rollback", gen=2, anchor=(FROM["seq"], sha256_hex(b"fork")))

    names = [c["name"] for c in cases]
    assert len(set(names)) == len(names)
    write_json("journals.json", {
        "format": f"{SPEC}, sections 3 and 4", "store_key": J_KEY.hex(), "store_id": uuid_text(J_ID),
        "journal_key": subkey(J_KEY, J_ID, "journal").hex(), "anchor_key": subkey(J_KEY, J_ID, "anchor").hex(),
        "subkeys": [{"store_key": k.hex(), "store_id": uuid_text(i), "name": n, "key": subkey(k, i, n).hex()}
                    for k, i in ((J_KEY, J_ID), (bytes(range(32)), bytes(range(16)))) for n in ("store", "journal", "anchor")],
        "cases": cases})
    return len(cases), counts


def _latest_destroyed():
    b = Book()
    for v in (1, 2):
        b.one("create" if v == 1 else "rotate", **key_members(kid("ld", "ed25519", v)))
    b.one("destroy", kid=kid("ld", "ed25519", 2))
    return b


def _with_anchor_kind():
    b = Book(anchor="file")
    b.one("create", **key_members(kid("anchored", "ed25519")))
    b.one("annex", **annex(1))
    return b.bytes(), b.head(), b


def _upper_mac(raw):
    return re.sub(rb'"mac":"([0-9a-f]{64})"', lambda m: b'"mac":"' + m.group(1).upper() + b'"', raw)


def _upper_uuid(text):
    head, _, uid = text.rpartition("/")
    u, _, v = uid.partition("#")
    return f"{head}/{u.upper()}#{v}"


# ---------------------------------------------------------------- stores/

P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def ecdsa_p256(secret, message, label):
    """r || s with a nonce from the label, so that the pack is the same on every run."""
    d = int.from_bytes(secret, "big")
    k = int.from_bytes(rnd("ecdsa " + label), "big") % P256_N
    r = ec.derive_private_key(k, ec.SECP256R1()).public_key().public_numbers().x % P256_N
    h = int.from_bytes(hashlib.sha256(message).digest(), "big")
    s = pow(k, -1, P256_N) * (h + r * d) % P256_N
    ec.derive_private_key(d, ec.SECP256R1()).public_key().verify(
        utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def rsa_pss(key, message, label):
    """PSS, SHA-256, MGF1-SHA-256, salt 32, with the salt from the label (RFC 8017, 9.1.1)."""
    salt = rnd("pss " + label)
    h = hashlib.sha256(bytes(8) + hashlib.sha256(message).digest() + salt).digest()
    size = key.key_size // 8
    db = bytes(size - 32 - 32 - 2) + b"\x01" + salt
    mask = b"".join(hashlib.sha256(h + n.to_bytes(4, "big")).digest() for n in range(size // 32 + 1))
    masked = bytearray(x ^ y for x, y in zip(db, mask))
    masked[0] &= 0x7F
    encoded = int.from_bytes(bytes(masked) + h + b"\xbc", "big")
    numbers = key.private_numbers()
    signature = pow(encoded, numbers.d, numbers.public_numbers.n).to_bytes(size, "big")
    key.public_key().verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    return signature


class Store:
    """A store directory, made in memory, from generation 1 on."""

    def __init__(self, name, store_json):
        self.name = name
        self.store_key, self.store_id = rnd(f"{name} store key"), rnd_uuid(f"{name} store")
        self.gen = 1
        self.files, self.secrets, self.versions = {}, {}, {}
        self.w = JournalWriter(self.store_key, self.store_id)
        self.t = T0
        self.files["store.json"] = store_json(self)
        self.line("open_store", store=sha256_hex(self.files["store.json"]), store_id=uuid_text(self.store_id), anchor="none")

    def line(self, op, step=60000, **members):
        self.t += step
        self.w.add(op, self.t, **members)
        self.w.commit()

    def path(self, k, ending):
        text = uuid_text(k.uuid)
        return f"g{self.gen}/keys/{text[:2]}/{text}.v{k.version}.{ending}"

    def key(self, op, tenant, purpose, alg, version=1, not_after=0, labels=None):
        label = f"{self.name} {tenant}/{purpose}"
        k = KeyId(tenant, purpose, alg, rnd_uuid(label), version)
        secret = secret_for(alg, f"{label} v{version}")
        created_at = self.t + 59000 + version  # not the line's time, only near it
        record = ronk.seal_record(self.store_key, self.store_id, rnd(f"{label} nonce {version}", 12), k, created_at, not_after, secret)
        public = ronk.public_from_secret(alg, secret)
        members = {"alg": alg, "kid": str(k), "not_after_ms": not_after, "record": sha256_hex(record)}
        if public:
            members["public"] = sha256_hex(public)
        if labels:
            members["labels"] = labels
        self.line(op, **members)
        self.files[self.path(k, "ronk")] = record
        self.versions[str(k)] = {"kid": str(k), "uuid": uuid_text(k.uuid), "alg": alg, "version": version, "state": "enabled",
                                 "created_at": created_at, "not_after_ms": not_after, "labels": labels or {},
                                 "public": public.hex() if public else None, "record": self.path(k, "ronk")}
        self.secrets[str(k)] = secret
        return k

    def disable(self, k):
        self.line("disable", kid=str(k))
        self.versions[str(k)]["state"] = "disabled"

    def destroy(self, k):
        self.line("destroy", kid=str(k))
        self.files[self.path(k, "pub")] = ronk.pub_file(self.files.pop(self.path(k, "ronk")))
        self.versions[str(k)].update(state="destroyed", record=None, pub=self.path(k, "pub"))

    def next_generation(self, reason, store_json, new_key=False):
        """Reseal (new_key) or compaction: the next generation, and the old journal in the archive."""
        old_files, old_gen, old = self.files, self.gen, self.w
        self.files = {p: d for p, d in old_files.items() if p.startswith("archive/")}
        self.files[f"archive/g{old_gen}.jsonl"] = old.bytes()
        self.gen += 1
        if new_key:
            self.store_key = rnd(f"{self.name} store key of generation {self.gen}")
        self.w = JournalWriter(self.store_key, self.store_id, old.seq, old.head, old.time_ms)
        self.t += 1000
        self.files["store.json"] = store_json(self)
        self.w.add("open_store", self.t, store=sha256_hex(self.files["store.json"]), store_id=uuid_text(self.store_id), anchor="none",
                   **{"from": {"gen": old_gen, "seq": old.seq, "head": old.head}}, reason=reason)
        for text, v in self.versions.items():
            k = KeyId.parse(text)
            members = {"alg": k.alg, "kid": text, "not_after_ms": v["not_after_ms"], "state": v["state"]}
            if v["public"]:
                members["public"] = sha256_hex(bytes.fromhex(v["public"]))
            if v["labels"]:
                members["labels"] = v["labels"]
            if v["state"] == "destroyed":
                self.files[self.path(k, "pub")] = old_files[v["pub"]]
                v["pub"] = self.path(k, "pub")
            else:
                record = old_files[v["record"]]
                if new_key:
                    record = ronk.seal_record(self.store_key, self.store_id, rnd(f"{self.name} {text} nonce {self.gen}", 12), k,
                                              v["created_at"], v["not_after_ms"], self.secrets[text])
                v["record"] = self.path(k, "ronk")
                self.files[v["record"]] = record
                members["record"] = sha256_hex(record)
            self.w.add("state", self.t, **members)
        self.w.commit()

    def work(self, text):
        """What each version did while it could: signatures, macs, envelopes, sealed messages."""
        v, k, secret = self.versions[text], KeyId.parse(text), self.secrets[text]
        message = f"signed by {text}".encode()
        signatures = []

        def signed(scheme, signature):
            signatures.append({"scheme": scheme, "message": message.hex(), "signature": signature.hex()})

        if k.alg == "ed25519":
            signed("ed25519", ed25519.Ed25519PrivateKey.from_private_bytes(secret).sign(message))
        elif k.alg == "p256":
            signed("ecdsa-p256-sha256", ecdsa_p256(secret, message, text))
        elif k.alg == "rsa2048":
            key = serialization.load_der_private_key(secret, None)
            signed("rsa-pss-sha256", rsa_pss(key, message, text))
            signed("rsa-pkcs1-sha256", key.sign(message, padding.PKCS1v15(), hashes.SHA256()))
        if signatures:
            v["signatures"] = signatures
        if k.alg == "hmacsha256":
            v["macs"] = [{"message": message.hex(), "mac": ronk.hmac_sha256(secret, message).hex()}]
        if k.alg in ("aes256gcm", "chacha20poly1305"):
            v["envelopes"] = [
                {"aad": aad.hex(), "plaintext": plaintext.hex(),
                 "envelope": ronk.seal_envelope(k.alg, secret, k.uuid, k.version, rnd(f"{text} {aad}", 24), plaintext, aad).hex()}
                for plaintext, aad in ((b"a wrapped data key", b""), (message, b"with aad"))]
        if k.alg == "x25519":
            public = bytes.fromhex(v["public"])
            enc, shared = ronk.x25519_encapsulate(rnd(f"{text} ephemeral"), public)
            v["encapsulations"] = [{"enc": enc.hex(), "secret": shared.hex()}]
            v["hpke"] = [{"info": i.hex(), "aad": a.hex(), "plaintext": message.hex(),
                          "sealed": ronk.hpke_seal(rnd(f"{text} {i}"), public, message, i, a).hex()}
                         for i, a in ((b"", b""), (b"an info", b"an aad"))]

    def finish(self):
        self.files[f"g{self.gen}/journal.jsonl"] = self.w.bytes()
        now = self.w.time_ms
        for text, v in self.versions.items():
            k = KeyId.parse(text)
            v["latest"] = v["version"] == max(x["version"] for x in self.versions.values() if x["uuid"] == v["uuid"])
            v["expired"] = v["not_after_ms"] != 0 and v["not_after_ms"] <= now
            refusals = [] if v["latest"] else ["NotLatestVersion"]
            if v["expired"]:
                refusals.append("Expired")
            stop = {"enabled": [], "disabled": ["KeyDisabled"], "destroyed": ["KeyDestroyed"]}[v["state"]]
            v["produce"] = refusals + stop or ["ok"]
            v["consume"] = stop or ["ok"]
            self.work(text)
        root = HERE / "stores" / self.name
        if root.exists():
            shutil.rmtree(root)
        for path, data in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return {"directory": f"stores/{self.name}", "store_id": uuid_text(self.store_id), "gen": self.gen,
                "store_key": self.store_key.hex(), "anchor": "none", "head_seq": self.w.seq, "head": self.w.head,
                "time_ms": now, "files": {p: sha256_hex(d) for p, d in sorted(self.files.items())},
                "versions": sorted(self.versions.values(), key=lambda v: v["kid"])}


def make_stores():
    import base64
    kek = rnd("keyfile kek")
    (HERE / "stores").mkdir(exist_ok=True)
    (HERE / "stores/keyfile.kek").write_bytes(base64.b64encode(kek) + b"\n")

    s = Store("keyfile", lambda s: ronk.make_store_json(s.store_key, s.store_id, 1, {"kind": "keyfile"}, kek))
    sign1 = s.key("create", "acme", "signing", "ed25519")
    wrap1 = s.key("create", "acme", "wrap", "aes256gcm", labels={"owner": "payments", "tier": "1"})
    code1 = s.key("create", "acme", "codesign", "ed25519", labels={"owner": "release"})
    s.key("create", "acme", "tls", "p256", not_after=T0 + 30 * DAY)
    s.key("import", "acme", "legacy", "rsa2048", labels={"from": "Altsystem \u00fc\u20ac\U0001f511", "a": "\"quoted\""})
    s.key("create", "globex", "inbox", "x25519", not_after=2 ** 53 - 1)
    s.key("create", "globex", "wrap", "chacha20poly1305")
    s.key("create", "globex", "hooks", "hmacsha256")
    s.line("annex", digest=sha256_hex(b"an approval"), type="approval")
    sign2 = s.key("rotate", "acme", "signing", "ed25519", 2)
    s.key("rotate", "acme", "wrap", "aes256gcm", 2, labels={"owner": "payments", "tier": "1"})
    s.key("rotate", "acme", "codesign", "ed25519", 2, labels={"owner": "release"})
    s.destroy(code1)
    hooks2 = s.key("rotate", "globex", "hooks", "hmacsha256", 2)
    s.disable(sign2)
    s.key("rotate", "acme", "signing", "ed25519", 3, labels={"note": "current"})
    s.destroy(hooks2)
    rollout = s.key("create", "acme", "rollout", "ed25519")
    s.disable(rollout)
    s.key("create", "acme", "short-lived", "ed25519", not_after=T0 + 20 * DAY)
    s.line("disable", step=60 * DAY, kid=str(wrap1))
    s.line("enable", kid=str(wrap1))
    first = s.finish()

    passphrase = "Gru\u0308\u00dfe aus dem Tresor, 8 W\u00f6rter lang \U0001f511"  # partly decomposed, and to stay so
    (HERE / "stores/passphrase.txt").write_bytes(passphrase.encode() + b"\r\nThis second line is no part of the passphrase.\n")
    salt = rnd("passphrase salt", 16)
    member = {"kdf": "argon2id", "kind": "passphrase", "mem_kib": 65536, "ops": 3, "salt": base64.b64encode(salt).decode()}
    derived = ronk.argon2id(passphrase.encode(), salt, 65536, 3)

    # begun under a key file that is gone, then rewrapped
    s = Store("passphrase", lambda s: ronk.make_store_json(s.store_key, s.store_id, 1, {"kind": "keyfile"}, rnd("first kek")))
    sign1 = s.key("create", "initech", "signing", "ed25519")
    s.key("create", "initech", "wrap", "aes256gcm")
    s.files["store.json"] = ronk.make_store_json(s.store_key, s.store_id, 1, member, derived)
    s.line("rewrap", store=sha256_hex(s.files["store.json"]))
    s.key("rotate", "initech", "signing", "ed25519", 2)
    s.key("create", "initech", "reports", "p256")
    old = s.key("create", "initech", "backup", "chacha20poly1305", labels={"box": "A-7"})
    s.key("rotate", "initech", "backup", "chacha20poly1305", 2, labels={"box": "A-8"})
    s.destroy(old)
    s.destroy(sign1)
    mac = s.key("create", "initech", "tokens", "hmacsha256", not_after=2 ** 53 - 1)
    s.disable(mac)
    s.key("create", "initech", "badge", "ed25519", not_after=T0 + 10 * DAY)
    s.key("rotate", "initech", "badge", "ed25519", 2, not_after=T0 + 11 * DAY)
    s.line("annex", step=40 * DAY, digest=sha256_hex(b"a receipt log's head"), type="receipt-log")
    second = s.finish()

    # resealed, then compacted, then rewrapped
    keks = [rnd(f"resealed kek {n}") for n in range(2)]
    (HERE / "stores/resealed.kek").write_bytes(base64.b64encode(keks[1]) + b"\n")

    def described(n):
        return lambda s: ronk.make_store_json(s.store_key, s.store_id, s.gen, {"kind": "keyfile"}, keks[n])

    s = Store("resealed", described(0))
    sign1 = s.key("create", "umbrella", "signing", "ed25519", labels={"owner": "release"})
    s.key("create", "umbrella", "wrap", "aes256gcm")
    s.key("rotate", "umbrella", "signing", "ed25519", 2, not_after=2 ** 53 - 1)
    old = s.key("create", "umbrella", "old", "p256")
    hooks = s.key("create", "umbrella", "hooks", "hmacsha256")
    s.destroy(old)
    s.disable(hooks)
    s.next_generation("reseal", described(0), new_key=True)
    s.key("rotate", "umbrella", "wrap", "aes256gcm", 2)
    s.disable(sign1)
    for _ in range(3):
        s.line("enable", kid=str(sign1))
        s.line("disable", kid=str(sign1))
    s.next_generation("compact", described(0))
    s.files["store.json"] = described(1)(s)
    s.line("rewrap", store=sha256_hex(s.files["store.json"]))
    s.key("create", "umbrella", "later", "p256")
    third = s.finish()
    (HERE / "stores/resealed.backup").write_bytes(ronk.make_backup(s.files, s.gen, s.store_key, s.store_id))

    write_json("stores/expect.json", {
        "format": f"{SPEC}, section 2", "stores": [
            {"name": "keyfile", "kek": {"kind": "keyfile", "file": "stores/keyfile.kek"}, **first},
            {"name": "passphrase", "kek": {"kind": "passphrase", "file": "stores/passphrase.txt"}, **second},
            {"name": "resealed", "kek": {"kind": "keyfile", "file": "stores/resealed.kek"}, "backup": "stores/resealed.backup", **third}]})
    return [f"{x['directory']}: {len(x['versions'])} versions, {x['head_seq']} lines" for x in (first, second, third)]


if __name__ == "__main__":
    for name, make in (("records.json", make_records), ("envelopes.json", make_envelopes), ("keyids.json", make_keyids),
                       ("canonical.json", make_canonical), ("storejson.json", make_storejson), ("journals.json", make_journals),
                       ("stores", make_stores)):
        print(name, make())
