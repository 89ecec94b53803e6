#!/usr/bin/env bash
# After a release, whatever became of it: one that was cut off had no time to go back, or to delete the tenant of its smoke test.
# Where it has not written that it has ended, the package in previous/ is deployed again. Needs bash, az (logged in) and Node.js.
set -euo pipefail

if [[ $# -ne 4 ]]; then
  echo 'usage: tools/after-release.sh <resource group> <function app> <Tenant URL> <file of --ended>' >&2
  exit 2
fi
readonly group=$1 app=$2 url=$3 ended=$4

# Passes signals on, which neither bash nor npm does.
run() { # tool options …
  local status=0
  node --import ./tools/installed.js "$@" &
  child=$!
  trap 'kill -TERM "$child"' INT TERM
  wait "$child" || status=$?
  # A signal has ended the waiting, not the tool.
  while kill -0 "$child" 2> /dev/null; do
    status=0
    wait "$child" || status=$?
  done
  trap - INT TERM
  return "$status"
}

status=0
previous=$(find previous -name '*.zip' 2> /dev/null || true)
if [[ -s $ended ]]; then
  echo "The release has come to its end: $(< "$ended")"
elif [[ -n $previous ]]; then
  run tools/release.ts --resource-group "$group" --app "$app" --url "$url" --package "$previous" || status=1
else
  echo 'The release was cut off, and there is no previous package' >&2
  status=1
fi

MANAGE_KEY=$(az functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.default --output tsv)
[[ ${GITHUB_ACTIONS:-} != true ]] || echo "::add-mask::$MANAGE_KEY"
[[ ${TF_BUILD:-} != True ]] || echo "##vso[task.setsecret]$MANAGE_KEY"
export MANAGE_KEY
run tools/smoke.ts --url "$url" --wait 60 --clean-up || status=1
exit "$status"
