"""Operations of which no made-up call can succeed, and why."""

_PIN = "a PIN is a JWE to the key of the platform, which nobody makes up; tests of the server set one"

NEVER = {
    "POST /v1/set-card-pin/{token_id}": _PIN,
    "POST /api/v1/set-card-pin/{token_id}": _PIN,
}
