#!/usr/bin/env bash
# The life of a user as Microsoft Entra ID makes it: found, created, changed, disabled, enabled, deleted. Needs bash and
# curl. Ends with 1 at the first answer that is not as it should be, and takes the user away again.
set -euo pipefail

readonly usage='usage: tools/life-of-a-user.sh [<Tenant URL> <Secret Token>], or TENANT_URL and SECRET_TOKEN in the environment'
tenant_url=${1:-${TENANT_URL:-}}
secret_token=${2:-${SECRET_TOKEN:-}}
if [[ -z $tenant_url || -z $secret_token || $# -gt 2 ]]; then
  echo "$usage" >&2
  exit 2
fi
# Entra's feature flags may stand behind the Tenant URL.
tenant_url=${tenant_url%%\?*}
tenant_url=${tenant_url%/}

step=0
status=
body=
user_id=

# The token goes by standard input: the list of processes shows command lines.
send() { # method path [body]
  local arguments=(--silent --show-error --max-time 60 --request "$1" --write-out '\n%{http_code}')
  if [[ $# -gt 2 ]]; then
    arguments+=(--header 'Content-Type: application/scim+json' --data-binary "$3")
  fi
  local answer
  answer=$(printf 'header = "Authorization: Bearer %s"\n' "$secret_token" |
    curl --config - "${arguments[@]}" "$tenant_url$2") || return
  status=${answer##*$'\n'}
  body=${answer%$'\n'*}
}

# Sends a request, shows it with its answer, and ends when the answer has not this status and this text.
expect() { # title status text method path [body]
  local title=$1 expected_status=$2 expected_text=$3
  shift 3
  step=$((step + 1))
  echo "$step. $title"
  echo "   $1 $2"
  [[ $# -lt 3 ]] || echo "   $3"
  send "$@" || fail 'no answer'
  echo "   -> $status${body:+ $body}"
  echo
  [[ $status == "$expected_status" ]] || fail "expected $expected_status, got $status"
  [[ $body == *"$expected_text"* ]] || fail "expected $expected_text in the answer"
}

fail() {
  echo "FAILED at step $step: $1" >&2
  exit 1
}

take_away() {
  if [[ -n $user_id ]]; then send DELETE "/Users/$user_id" || true; fi
}
trap take_away EXIT

patch() { # operations
  echo "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[$1]}"
}

readonly name="ada-$$-$RANDOM@example.com"
readonly find="/Users?filter=userName+eq+%22$name%22"

expect 'Test Connection: the endpoint answers, and nobody has this name' 200 '"totalResults":0' \
  GET "$find"

expect 'Create' 201 "\"userName\":\"$name\"" \
  POST /Users "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"$name\",\"active\":true,\"displayName\":\"Ada Lovelace\",\"emails\":[{\"primary\":true,\"type\":\"work\",\"value\":\"$name\"}]}"
[[ $body =~ \"id\":\"([^\"]+)\" ]] || fail 'the user has no id'
user_id=${BASH_REMATCH[1]}

expect 'Find' 200 '"totalResults":1' \
  GET "$find"

expect 'Update' 200 '"title":"Countess"' \
  PATCH "/Users/$user_id" "$(patch '{"op":"Add","path":"title","value":"Countess"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada@example.com"}')"

expect 'Disable' 200 '"active":false' \
  PATCH "/Users/$user_id" "$(patch '{"op":"Replace","path":"active","value":"False"}')"

expect 'Enable' 200 '"active":true' \
  PATCH "/Users/$user_id" "$(patch '{"op":"Replace","path":"active","value":"True"}')"

expect 'Delete' 204 '' \
  DELETE "/Users/$user_id"

expect 'Gone' 404 '"status":"404"' \
  GET "/Users/$user_id"
user_id=

echo 'All as it should be.'
