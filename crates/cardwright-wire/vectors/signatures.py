#!/usr/bin/env python3
"""Signs awkward requests in every named canonical form, with nothing but the standard library.

    signatures.py            prints the vectors as JSON (the content of signatures.json)
    signatures.py --cases    prints the requests alone, as tab-separated lines (cases.tsv)

signatures.sh reads cases.tsv and computes the same signatures with OpenSSL.
"""

import hashlib
import hmac
import json
import sys

TOKEN = "demo-token-0123456789"
SECRET = "an issued secret, taken as text"


def forms(token, timestamp, method, target, body):
    return {
        "default": timestamp + method + target + body,
        "no-method": timestamp + target + body,
        "path-first": method + target + timestamp + body,
        "token-first": token + timestamp + target + body,
        "lines": b"\n".join([method, target, timestamp, body]),
    }


def case(name, method, target, body="", token=TOKEN, secret=SECRET, timestamp="1767225600"):
    return {
        "name": name,
        "token": token,
        "secret": secret,
        "timestamp": timestamp,
        "method": method,
        "target": target,
        "body": body.encode() if isinstance(body, str) else body,
    }


CASES = [
    case("read without body", "GET", "/v1/get-card/0000000000000042"),
    case("post without body", "POST", "/v1/get-cards"),
    case("plain object", "POST", "/v1/get-cards", '{"person_id":"10011000000000000001"}'),
    case("prefixed path", "PATCH", "/api/v1/update-card-status/42", '{"token_status":"active"}'),
    case("unicode body", "POST", "/v1/create-person", '{"first_name":"Zoë","last_name":"Þór 李 🂡"}'),
    case("escaped unicode body", "POST", "/v1/create-person", '{"first_name":"Zo\\u00eb"}'),
    case("query string", "GET", "/v1/get-cards?limit=5&cursor=a+b&empty=&a=1&a=2"),
    case("percent escapes", "GET", "/v1/get-card/%7B%22a%22%7D?note=%e2%82%ac%E2%82%AC%2F%25"),
    case("dots and doubled slashes", "GET", "//v1/./a/../get-card//42?/?"),
    case("spaces in JSON", "POST", "/v1/get-cards", '{ "limit" : 5 , "person_id" :\t"1" } '),
    case("newlines in JSON", "POST", "/v1/get-cards", '{\r\n  "limit": 5\n}\n'),
    case("newline escapes in JSON", "POST", "/v1/get-cards", '{"note":"a\\nb\\\\n"}'),
    case("zero byte in body", "POST", "/v1/get-cards", b'{"note":"\x00\xff\xfe"}'),
    case("percent and dollar in body", "POST", "/v1/get-cards", '{"note":"%s %n $(x) `y` \'"}'),
    case("digits at every border", "POST", "/v1/1767225600", '{"1":1}', token="1767225600176722"),
    case("earliest timestamp", "POST", "/v1/x", "{}", timestamp="1000000000"),
    case("latest timestamp", "POST", "/v1/x", "{}", timestamp="9999999999"),
    case("base64 secret stays text", "POST", "/v1/x", "{}", secret="c2VjcmV0LXRleHQ="),
    case("hex secret stays text", "POST", "/v1/x", "{}", secret="00ff00ff00ff00ff"),
    case("unicode secret", "POST", "/v1/x", "{}", secret="gehëim-пароль-密"),
    case("secret of one block", "POST", "/v1/x", "{}", secret="k" * 64),
    case("secret longer than a block", "POST", "/v1/x", "{}", secret="long secret " * 9),
    case("long token", "POST", "/v1/x", "{}", token="T_-" * 21 + "t"),
    case("long body", "POST", "/v1/x", '{"note":"' + "0123456789abcdef" * 400 + '"}'),
    case("long target", "GET", "/v1/get-cards?cursor=" + "Zz09_-" * 300),
]


def vector(case):
    key = case["secret"].encode()
    parts = [case[part].encode() for part in ("token", "timestamp", "method", "target")]
    signed = forms(*parts, case["body"])
    signatures = {
        name: hmac.new(key, canonical, hashlib.sha256).hexdigest()
        for name, canonical in signed.items()
    }
    fields = {name: value for name, value in case.items() if name != "body"}
    return {**fields, "body_hex": case["body"].hex(), "signatures": signatures}


def line(case):
    fields = ("name", "token", "secret", "timestamp", "method", "target")
    return "\t".join([case[field] for field in fields] + [case["body"].hex() or "-"])


if sys.argv[1:] == ["--cases"]:
    output = "".join(line(case) + "\n" for case in CASES)
else:
    output = json.dumps([vector(case) for case in CASES], indent=1, ensure_ascii=False) + "\n"
sys.stdout.buffer.write(output.encode())
