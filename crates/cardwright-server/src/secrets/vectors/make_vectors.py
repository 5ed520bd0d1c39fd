"""Makes the vectors beside this file with implementations that share no code with the server.

    pip install argon2-cffi PyJWT cryptography
    python make_vectors.py

argon2-cffi binds the reference implementation of Argon2; cryptography binds OpenSSL. Run only to add
a case: salts and nonces are fixed, so the same cases give the same files.
"""

import hashlib
import hmac
import json
import pathlib
import struct

import jwt
from argon2.low_level import Type, hash_secret
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent

PASSWORDS = [
    # password, salt, memory in KiB, passes, lanes, length of the digest
    ("correct horse battery staple", "0123456789abcdef", 19456, 2, 1, 32),
    ("Zürich ☕ 密码 🔑", "saltsaltsaltsalt", 19456, 2, 1, 32),
    ("x" * 1024, "fedcba9876543210", 64, 1, 1, 32),
    (" ", "another salt, 20 by.", 256, 3, 4, 32),
]


def passwords():
    for password, salt, memory, passes, lanes, length in PASSWORDS:
        phc = hash_secret(
            password.encode(), salt.encode(), passes, memory, lanes, length, Type.ID
        ).decode()
        yield {"password": password, "phc": phc}


CLAIMS = {
    "iss": "bff",
    "aud": "bff-clients",
    "sub": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    "iat": 1772366400,
    "nbf": 1772366400,
    "exp": 1772370000,
    "jti": "0b9e1c0a-5f43-4f4e-9d3c-6a1f1f1d2c3b",
    "tenantId": "acme",
    "userId": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    "env": "sandbox",
    "typ": "access",
    "deviceId": "iPhone de Zoé",
}


def token():
    key = bytes(range(32))
    return {
        "key_hex": key.hex(),
        "kid": "k1",
        "claims": CLAIMS,
        "token": jwt.encode(CLAIMS, key, algorithm="HS256", headers={"kid": "k1"}),
    }


def sized(part):
    return struct.pack(">Q", len(part)) + part


def sealed(key_id, tenant, table, row, plain):
    """The format of a sealed value, written down a second time."""
    key, nonce = bytes([7] * 32), bytes(range(12))
    aad = b"cardwright sealed value" + struct.pack(">Bq", 1, key_id)
    aad += struct.pack(">Bq", tenant is not None, tenant or 0) + sized(table.encode())
    if isinstance(row, int):
        aad += struct.pack(">Bq", 0, row)
    else:
        aad += b"\x01" + sized(row.encode())
    value = struct.pack(">Bq", 1, key_id) + nonce + AESGCM(key).encrypt(nonce, plain.encode(), aad)
    return {
        "key_hex": key.hex(),
        "key_id": key_id,
        "tenant": tenant,
        "table": table,
        "row": row,
        "plain": plain,
        "sealed_hex": value.hex(),
    }


def wrapped(key_id, purpose, tenant):
    """The format of a wrapped key, written down a second time."""
    master, key, nonce = bytes([1] * 32), bytes(range(32)), bytes(range(12))
    label = b"cardwright key-encryption key fingerprint"
    fingerprint = hmac.new(master, label, hashlib.sha256).digest()[:8]
    tag = ["environment", "lookup", "tenant"].index(purpose)
    aad = b"cardwright wrapped key" + struct.pack(">BqBq", 1, key_id, tag, tenant or 0)
    value = b"\x01" + fingerprint + nonce + AESGCM(master).encrypt(nonce, key, aad)
    return {
        "master_hex": master.hex(),
        "id": key_id,
        "purpose": purpose,
        "tenant": tenant,
        "key_hex": key.hex(),
        "wrapped_hex": value.hex(),
    }


SEALED = [
    sealed(10, 1, "card.number", 7, "4111111111111111"),
    sealed(-3, 9007199254740991, "credential.secret", "c-7", ""),
    sealed(1, None, "token_key.key", "k1", "Zürich"),
]

WRAPPED = [
    wrapped(1, "environment", None),
    wrapped(2, "lookup", None),
    wrapped(10, "tenant", 77),
]


def write(name, value):
    text = json.dumps(value, indent=2, ensure_ascii=False)
    (HERE / name).write_text(text + "\n", encoding="utf-8")


write("argon2_cffi.json", list(passwords()))
write("pyjwt.json", token())
write("sealed.json", SEALED)
write("wrapped.json", WRAPPED)
