"""Makes card_verification.json beside this file, with DES from the openssl command.

    python make_card_verification.py

Shares no code with the server: the ciphers are OpenSSL's, and the choice of digits is written down
a second time. The first case is a published example (keys 0123456789ABCDEF and FEDCBA9876543210,
number 4123456789012345, 8701, 101: value 561); the run stops if it does not come out.
"""

import json
import pathlib
import random
import subprocess

HERE = pathlib.Path(__file__).parent
KEY = "0123456789ABCDEFFEDCBA9876543210"
PRINTED = "000"  # the service code of the value that is printed on a card


def encipher(key_hex, block):
    """Two-key triple DES of one block; with two equal halves it is single DES."""
    command = ["openssl", "enc", "-des-ede", "-nopad", "-K", key_hex]
    done = subprocess.run(command, input=block, capture_output=True, check=True)
    return done.stdout


def value(key_hex, number, expiry, service_code):
    packed = bytes.fromhex((number + expiry + service_code).ljust(32, "0"))
    left = encipher(key_hex[:16] * 2, packed[:8])
    mixed = (int.from_bytes(left) ^ int.from_bytes(packed[8:])).to_bytes(8)
    shown = encipher(key_hex, mixed).hex()
    decimal = "".join(sign for sign in shown if sign in "0123456789")
    letters = "".join(sign for sign in shown if sign in "abcdef")
    return shown, (decimal + letters.translate(str.maketrans("abcdef", "012345")))[:3]


def case(key_hex, number, expiry, service_code):
    shown, digits = value(key_hex, number, expiry, service_code)
    return {
        "key_hex": key_hex,
        "number": number,
        "expiry": expiry,
        "service_code": service_code,
        "block_hex": shown,
        "value": digits,
    }


published = case(KEY, "4123456789012345", "8701", "101")
assert published["value"] == "561", published
stream = random.Random(20)
cases = [published, case(KEY, "4123456789012345", "8701", PRINTED)]
# Found by search: blocks with two, one decimal digits, so that letters make up the rest.
cases += [case(KEY, number, "0129", PRINTED) for number in ("4242420000019885", "4242420000306952")]
for length in (12, 13, 15, 16, 16, 16, 18, 19):
    number = "".join(str(stream.randrange(10)) for _ in range(length))
    expiry = f"{stream.randrange(1, 13):02}{stream.randrange(24, 99)}"
    cases.append(case(f"{stream.getrandbits(128):032x}", number, expiry, PRINTED))
(HERE / "card_verification.json").write_text(json.dumps(cases, indent=2) + "\n", encoding="utf-8")
