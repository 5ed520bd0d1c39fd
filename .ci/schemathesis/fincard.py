"""What schemathesis has to know about the FinCard surface: how to log in, and whose card it is.

Loaded by SCHEMATHESIS_HOOKS. CARDWRIGHT_SANDBOX holds the line that `cardwright sandbox --json`
printed.

A call that is made up altogether hardly gets further than "there is no such card". Therefore most
names of records are those of records there are, in a state in which the call has something to do;
a record that has ended is replaced. The rest of a call stays as it was made up.
"""

import functools
import itertools
import json
import os
import urllib.request
import zlib

import schemathesis

import tally

SANDBOX = json.loads(os.environ["CARDWRIGHT_SANDBOX"])
FINCARD = SANDBOX["fincard"]
BASE = "/api/v2.1/fincard/virtual/"
CONTEXT = {
    "Content-Type": "application/json",
    "X-Tenant-ID": FINCARD["tenant_id"],
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-From": "schemathesis",
    "platform": "web",
    "deviceId": "device-1",
}
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000a49444154789c6300010000050001"
    "0d0a2db40000000049454e44ae426082"
)
NUMBERS = itertools.count(1)


def post(path, body, headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(SANDBOX["base_url"] + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def log_in():
    login = {name: FINCARD[name] for name in ("email", "password")}
    login["tenantId"] = FINCARD["tenant_id"]
    return post("/api/auth/login", login, CONTEXT)["accessToken"]


@functools.cache
def session():
    return {**CONTEXT, "Authorization": f"Bearer {log_in()}"}


def call(path, body):
    answer = post(BASE + path, body, session())
    if not answer["success"]:
        raise RuntimeError(f"{path} {body}: {answer}")
    return answer["data"]


def operated(path, body):
    key = SANDBOX["admin"]["api_key"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return post(path, body, headers)


def numbered(**fields):
    return {"merchantOrderNo": f"schemathesis-{next(NUMBERS):012}", **fields}


# --- records ----------------------------------------------------------------------------------


@functools.cache
def wallet():
    """The main account, with so much in it that it does not run out."""
    account = FINCARD["wallet_account_id"]
    money = {"account_id": account, "amount": 900_000_000_000, "currency": "USD"}
    operated("/sandbox/v1/simulate/funding", money)
    return account


@functools.cache
def pool():
    made = call("account/create", {"accountName": "Schemathesis"})["accountId"]
    way = {"fromAccountId": wallet(), "toAccountId": made, "amount": "100000.00"}
    call("account/transfer", numbered(type="TRANSFER", **way))
    return made


def new_holder(last_name):
    number = next(NUMBERS)
    holder = {
        "firstName": "Ana", "lastName": last_name, "birthday": "1990-05-17",
        "email": f"ana{number}@example.com", "address": "2 Main Street", "country": "AU",
        "idNumber": f"schemathesis{number}",
    }
    made = call("card/holder/v2/create", holder)["holderId"]
    # What the platform does by itself is done before this is answered.
    operated("/sandbox/v1/clock/advance", {"by": "PT5S"})
    return made


@functools.cache
def holder():
    return new_holder("Brown")


def new_card(amount="1000.00"):
    wallet()
    return call("card/v2/openCard", numbered(cardTypeId=111001, amount=amount))


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits + "0")):
        number = int(digit) * (1 + place % 2)
        total += number // 10 + number % 10
    return digits + str(-total % 10)


def printed():
    """A number as it would be printed on plastic."""
    types = call("card/v2/cardTypes", {})
    bank = next(it["bankCardBin"] for it in types if it["cardTypeId"] == 111002)
    return luhn(f"{bank}{next(NUMBERS):0{15 - len(bank)}}")


def new_plastic():
    opening = numbered(cardTypeId=111002, amount="100.00", holderId=holder(), cardNumber=printed())
    card = call("card/v2/openCard", opening)["cardNo"]
    asked = {"cardNo": card, "type": "activation_code"}
    code = call("card/3ds/transaction", asked)["records"][0]["values"]
    return card, code


def activated():
    card, code = new_plastic()
    call("card/activate", numbered(cardNo=card, pin="294751", activationCode=code))
    return card


def payment(card):
    asked = {"cardNo": card, "type": "auth", "amount": "1.00", "currency": "USD"}
    return call("card/simulateAuthTransaction", asked)["tradeNo"]


@functools.cache
def records():
    """A record for each name of an id, so that calls get further than "there is no such card"."""
    opened = new_card()
    card = opened["cardNo"]
    boundary = "schemathesis"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    ).encode() + PICTURE + f"\r\n--{boundary}--\r\n".encode()
    headers = {**session(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
    file = post(BASE + "common/file/upload", form, headers)["data"]["fileId"]
    trade = payment(card)
    town = call("common/city", {"regionCode": "AU"})[0]["code"]
    return {
        "cardNo": card,
        "cardId": card,
        "accountId": wallet(),
        "fromAccountId": wallet(),
        "payerAccountId": wallet(),
        "toAccountId": pool(),
        "payeeAccountId": pool(),
        "holderId": holder(),
        "cardholderId": holder(),
        "cardTypeId": 111001,
        "orderNo": opened["orderNo"],
        "tradeNo": trade,
        "originSerialNumber": trade,
        "coinKey": "USDT_TRC20",
        "chain": "TRC20",
        "chainKey": "TRC20",
        "currency": "USD",
        "regionCode": "AU",
        "town": town,
        "idFrontId": file,
        "idBackId": file,
        "idHoldId": file,
    }


# --- what a call has something to do with -----------------------------------------------------

# What was arranged for an operation, until a call of it has had its effect.
ARRANGED = {}


def frozen():
    card = new_card()["cardNo"]
    call("card/v2/freeze", numbered(cardNo=card))
    return {"cardNo": card}


def unactivated():
    card, code = new_plastic()
    return {"cardNo": card, "activationCode": code, "pin": "294751"}


def unknown_person():
    number = next(NUMBERS)
    return {
        "firstName": "Mia", "lastName": "Green", "birthday": "1985-03-02",
        "email": f"mia{number}@example.com", "address": "1 Main Street", "country": "AU",
        "idNumber": f"unknown{number}", "nationality": "AU",
    }


def refused():
    return {"holderId": new_holder("REJECT")}


def of_a_card():
    return {"cardNo": new_card()["cardNo"]}


ARRANGEMENTS = {
    "card/info/sensitive": of_a_card,
    "card/v2/freeze": of_a_card,
    "card/freeze": of_a_card,
    "card/v2/unfreeze": frozen,
    "card/unfreeze": frozen,
    "card/cancel": of_a_card,
    "card/deposit": of_a_card,
    "card/withdraw": lambda: {"cardNo": new_card("9000.00")["cardNo"]},
    "card/simulateAuthTransaction": lambda: {"cardNo": new_card("9000.00")["cardNo"]},
    "card/v2/update": of_a_card,
    "card/activate": unactivated,
    "card/updatePin": lambda: {"cardNo": activated(), "pin": "385162"},
    "card/holder/create": unknown_person,
    "card/holder/v2/create": unknown_person,
    "card/holder/update": refused,
    "card/holder/v2/update": refused,
    "card/holder/updateEmail": lambda: {"holderId": new_holder("Green")},
    # An optional holder, account or printed number is another story than the common one.
    "card/openCard": lambda: {"amount": "25.00"},
    "card/v2/openCard": lambda: {"amount": "25.00"},
    "account/transfer": lambda: {"amount": "1.00"},
}
# These leave the record as it was, so that it serves the next call as well.
LASTING = {"card/info/sensitive", "card/deposit", "card/v2/update", "card/openCard",
           "card/v2/openCard", "account/transfer", "card/holder/updateEmail"}


def below(case):
    return case.operation.path.removeprefix(BASE)


def arranged(path):
    if path in ARRANGEMENTS and path not in ARRANGED:
        ARRANGED[path] = ARRANGEMENTS[path]()
    return ARRANGED.get(path, {})


@functools.cache
def required():
    """The fields that a call cannot do without, by its path."""
    with urllib.request.urlopen(SANDBOX["base_url"] + "/openapi/fincard.json") as answer:
        document = json.load(answer)

    def names(schema):
        if "$ref" in schema:
            return names(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        found = set(schema.get("required", []))
        for part in schema.get("allOf", []):
            found |= names(part)
            # Of several names of one field, one is enough.
            if "anyOf" in part:
                found |= set(part["anyOf"][0].get("required", []))
        if "anyOf" in schema:
            found |= set(schema["anyOf"][0].get("required", []))
        return found

    return {
        path: names(content["schema"])
        for path, item in document["paths"].items()
        for content in item["post"]["requestBody"]["content"].values()
    }


@schemathesis.auth(refresh_interval=1800)
class Session:
    """The session of the sandbox's user. A call in nobody's session would never get anywhere."""

    def get(self, case, context):
        return log_in()

    def set(self, case, token, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {token}"
        # Another tenant is answered 401, whatever else is in the call.
        case.headers["X-Tenant-ID"] = FINCARD["tenant_id"]


def log_in_right(case):
    """Whose password it is must be right, or the user is locked for everybody."""
    path = case.operation.path
    if path.endswith("/sessions"):
        case.path_parameters = {
            "organizationId": FINCARD["organization_id"], "userId": FINCARD["user_id"],
        }
        own = {"username": FINCARD["email"], "password": FINCARD["password"]}
    else:
        own = {name: FINCARD[name] for name in ("email", "password")}
        own["tenantId"] = FINCARD["tenant_id"]
    case.body = {**case.body, **own}


def settled(case, draw):
    """Most names are those of records there are; what is no text and no number stays as it is."""
    path = below(case)
    own = {**records(), **arranged(path)}
    for name, record in own.items():
        made_up = case.body.get(name)
        if isinstance(made_up, (str, int)) and not isinstance(made_up, bool) and draw % 4:
            case.body[name] = record
    if draw % 4 == 1:
        # Nothing but what it needs, and all of that as it should be.
        needs = required()[case.operation.path]
        for name in list(case.body):
            if name not in needs:
                del case.body[name]
        case.body.update(arranged(path))
        if "merchantOrderNo" in case.body:
            # One that was made up for another call would be known from there.
            case.body.update(numbered())


@schemathesis.hook
def before_call(context, case, kwargs):
    if not isinstance(case.body, dict):
        return
    draw = zlib.crc32(repr(sorted(case.body.items(), key=repr)).encode())
    path = below(case)
    if case.operation.path.startswith(BASE):
        if path == "common/file/upload":
            if draw % 4:
                case.body["file"] = PICTURE
            return
        if path == "webhook/callback" and draw % 4:
            case.headers["X-FC-SIGNATURE"] = "valid_signature_12345"
            case.body["tenantId"] = FINCARD["tenant_id"]
        settled(case, draw)
    elif draw % 4:
        log_in_right(case)


@schemathesis.hook
def after_call(context, case, response):
    success = False
    if response.status_code == 200:
        try:
            success = response.json().get("success") is True
        except (ValueError, AttributeError):
            success = False
    path = below(case)
    if success and path in ARRANGED and path not in LASTING:
        del ARRANGED[path]
    if success and path == "card/cancel" and isinstance(case.body, dict):
        if case.body.get("cardNo") == records()["cardNo"]:
            records.cache_clear()
    tally.counted(case, success)
