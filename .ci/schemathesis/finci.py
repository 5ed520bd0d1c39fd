"""What schemathesis has to know about the FINCI surface: how to sign, and whose records there are.

Loaded by SCHEMATHESIS_HOOKS. CARDWRIGHT_SANDBOX holds the line that `cardwright sandbox --json`
printed.
"""

import functools
import hashlib
import hmac
import itertools
import json
import os
import time
import urllib.request
import zlib
from urllib.parse import urlsplit

import requests
import schemathesis

import tally

SANDBOX = json.loads(os.environ["CARDWRIGHT_SANDBOX"])
FINCI = SANDBOX["finci"]
ADDRESS = {"line1": "Gedimino pr. 1", "city": "Vilnius", "postal_code": "LT-01103", "country": "LT"}


NUMBERS = itertools.count(1)
SIGNED = set()
ENDS = ["blocked", "closed", "compromized", "damaged", "lost", "stolen"]


def signature(method, target, body):
    """The headers of a request as it stands on the wire.

    Two equal requests of one second would have one signature, and the second would be a replay:
    therefore the clock of this client goes back until it comes to a second in which it has not
    signed that.
    """
    moment, content = int(time.time()), method.encode() + target.encode() + body
    while (moment, content) in SIGNED:
        moment -= 1
    assert moment > time.time() - 290, "the server takes no older timestamp"
    SIGNED.add((moment, content))
    timestamp = str(moment)
    message = timestamp.encode() + content
    digest = hmac.new(FINCI["secret"].encode(), message, hashlib.sha256).hexdigest()
    return {
        "X-Auth-Token": FINCI["token"],
        "X-Auth-Timestamp": timestamp,
        "X-Auth-Signature": digest,
    }


class Signed(requests.auth.AuthBase):
    """Signs a request once it is ready to go out: the signature covers its very bytes."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        request.headers.update(signature(request.method, request.path_url, body))
        return request


schemathesis.auth.set_from_requests(Signed())


def call(method, target, body=None, headers=None):
    data = b"" if body is None else json.dumps(body).encode()
    headers = headers or signature(method, target, data)
    headers = {**headers, "Content-Type": "application/json"} if data else headers
    request = urllib.request.Request(
        SANDBOX["base_url"] + target, data=data or None, headers=headers, method=method
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def operated(target, body, method="POST"):
    headers = {"Authorization": "Bearer " + SANDBOX["admin"]["api_key"]}
    return call(method, target, body, headers)


def new_card(person, account):
    card = {
        "external_id": f"schemathesis-{next(NUMBERS)}",
        "person_id": person, "account_id": account, "product_id": 112001,
        "embossing_name": "JONAS JONAITIS", "token_status": "active", "token_stage": "digital",
        "delivery_address": ADDRESS, "express_delivery": False,
    }
    return call("POST", "/v1/create-card", card)["token_id"]


def new_person():
    number = next(NUMBERS)
    person = {
        "external_id": f"schemathesis-{number}", "first_name": "Jonas", "last_name": "Jonaitis",
        "birth_date": "1990-05-17", "email": f"jonas{number}@example.com",
        "phone": f"+3706{number:07}", "address": ADDRESS,
    }
    return call("POST", "/v1/create-person", person)["person_id"]


def new_account(person):
    return call("POST", "/v1/create-account", {"person_id": person, "currency": "EUR"})["account_id"]


@functools.cache
def spare():
    """A card that may end: the others are still needed.

    Its person is another one each time, for a person has no more cards of a product than so many.
    """
    person = new_person()
    return new_card(person, new_account(person))


@functools.cache
def records():
    """A record for each name of an id, so that calls get further than "there is no such card"."""
    person = new_person()
    corporate = {
        "external_id": "schemathesis-1", "name": "Wire UAB", "registration_number": "305123456",
        "country": "LT",
    }
    corporate = call("POST", "/v1/create-corporate", corporate)["corporate_id"]
    employee = {
        "external_id": "schemathesis-1", "corporate_id": corporate, "first_name": "Ruta",
        "last_name": "Rutaite", "email": "ruta@example.com", "phone": "+37060000001",
    }
    employee = call("POST", "/v1/create-employee", employee)["employee_id"]
    account = new_account(person)
    card = new_card(person, account)
    money = {"account_id": account.lstrip("0"), "amount": 100000, "currency": "EUR"}
    operated("/sandbox/v1/simulate/funding", money)
    asked = {"token_id": card, "amount": 1250, "currency": "EUR"}
    asked = operated("/sandbox/v1/simulate/authorization", asked)["authorization_id"]
    cleared = {"authorization_id": asked, "amount": 1250}
    cleared = operated("/sandbox/v1/simulate/clearing", cleared)["transaction_id"]
    # Card data goes out encrypted to a key; to the platform's own as well as to any other.
    key = call("GET", "/v1/get-encryption-key")["jwk"]
    key = {"jwk": {name: key[name] for name in ("kty", "n", "e")}}
    tenant = SANDBOX["fincard"]["tenant_id"]
    operated(f"/admin/v1/tenants/{tenant}/card-data-key", key, "PUT")
    return {
        "person_id": person,
        "corporate_id": corporate,
        "employee_id": employee,
        "account_id": account,
        "token_id": card,
        "authorization_id": asked,
        "transaction_id": cleared.rjust(16, "0"),
    }


def own(values):
    """Most ids are those of records there are; what is no text stays as it is.

    The made-up values are left alone: several calls may have been given the same ones.
    """
    kept = {
        name: record
        for name, record in records().items()
        if isinstance(values.get(name), str) and len(values[name]) % 4 == 0
    }
    return {**values, **kept}


def is_replacement(case):
    return "/replace-card/" in case.operation.path


@schemathesis.hook
def before_call(context, case, kwargs):
    if is_replacement(case) and case.path_parameters:
        made_up = case.path_parameters.get("token_id")
        # Made-up calls also take up what earlier answers told, and the card of all the others is
        # not to be replaced.
        needed = made_up == records()["token_id"]
        if isinstance(made_up, str) and (needed or zlib.crc32(repr(case.body).encode()) % 4):
            case.path_parameters = {**case.path_parameters, "token_id": spare()}
        return
    if isinstance(case.body, dict):
        case.body = own(case.body)
        # A card that has ended would be all that is met from then on.
        if case.body.get("token_status") in ENDS:
            case.body["token_status"] = "deactivated"
        if case.body.get("reason") in ENDS:
            case.body["reason"] = "expired"
    if case.path_parameters:
        case.path_parameters = own(case.path_parameters)


@schemathesis.hook
def after_call(context, case, response):
    success = response.status_code == 200
    if success and is_replacement(case):
        spare.cache_clear()
    tally.counted(case, success)
