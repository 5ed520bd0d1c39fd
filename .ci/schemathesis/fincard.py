"""What schemathesis has to know about the FinCard surface: how to log in, and whose card it is.

Loaded by SCHEMATHESIS_HOOKS. CARDWRIGHT_SANDBOX holds the line that `cardwright sandbox --json`
printed.
"""

import functools
import json
import os
import urllib.request

import schemathesis

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


def post(path, body, headers):
    request = urllib.request.Request(
        SANDBOX["base_url"] + path, data=json.dumps(body).encode(), headers=headers
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def log_in():
    login = {name: FINCARD[name] for name in ("email", "password")}
    login["tenantId"] = FINCARD["tenant_id"]
    return post("/api/auth/login", login, CONTEXT)["accessToken"]


@functools.cache
def records():
    """A record for each name of an id, so that calls get further than "there is no such card"."""
    headers = {**CONTEXT, "Authorization": f"Bearer {log_in()}"}
    opening = {"merchantOrderNo": "schemathesis-000001", "cardTypeId": 111001, "amount": "9999.00"}
    opened = post(BASE + "card/v2/openCard", opening, headers)["data"]
    card = opened["cardNo"]
    asked = {"cardNo": card, "type": "auth", "amount": "1.00", "currency": "USD"}
    trade = post(BASE + "card/simulateAuthTransaction", asked, headers)["data"]["tradeNo"]
    return {
        "cardNo": card,
        "cardId": card,
        "accountId": FINCARD["wallet_account_id"],
        "cardTypeId": 111001,
        "orderNo": opened["orderNo"],
        "tradeNo": trade,
        "originSerialNumber": trade,
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


@schemathesis.hook
def before_call(context, case, kwargs):
    """Most ids are those of records there are; what is no text and no number stays as it is."""
    if not isinstance(case.body, dict):
        return
    for name, own in records().items():
        made_up = case.body.get(name)
        if isinstance(made_up, (str, int)) and not isinstance(made_up, bool):
            if len(str(made_up)) % 4 != 0:
                case.body[name] = own
