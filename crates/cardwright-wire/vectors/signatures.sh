#!/usr/bin/env bash
# Signs the requests of cases.tsv with OpenSSL, in every named canonical form.
# Prints one line per request and form: name, form, signature, separated by tabs.
# Needs bash, od, sed and openssl; shares no code and no library with signatures.py.
set -eu
LC_ALL=C
tab=$(printf '\t')

hex_of() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }

# Writes the bytes that a hex text stands for.
bytes_of() { [ -z "$1" ] || printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }

# name, form, key as hex, signed bytes as hex
sign() {
    digest=$(bytes_of "$4" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$3" | sed 's/.*= *//')
    printf '%s\t%s\t%s\n' "$1" "$2" "$digest"
}

while IFS=$tab read -r name token secret timestamp method target body; do
    [ "$body" != "-" ] || body=""
    key=$(hex_of "$secret")
    t=$(hex_of "$timestamp")
    m=$(hex_of "$method")
    p=$(hex_of "$target")
    sign "$name" default "$key" "$t$m$p$body"
    sign "$name" no-method "$key" "$t$p$body"
    sign "$name" path-first "$key" "$m$p$t$body"
    sign "$name" token-first "$key" "$(hex_of "$token")$t$p$body"
    sign "$name" lines "$key" "${m}0a${p}0a${t}0a$body"
done < "$(dirname "$0")/cases.tsv"
