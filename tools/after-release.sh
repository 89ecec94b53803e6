#!/usr/bin/env bash
# After a release, whatever became of it: what was stopped had no time to go back, or to delete the tenant of its smoke test. Where
# the tag of the group does not name the commit, the package in previous/ is deployed again. Needs bash, az (logged in) and npm.
set -euo pipefail

if [[ $# -ne 4 ]]; then
  echo 'usage: tools/after-release.sh <resource group> <function app> <Tenant URL> <commit>' >&2
  exit 2
fi
readonly group=$1 app=$2 url=$3 commit=$4

status=0
tested=$(az group show --name "$group" --query 'tags."scim-endpoint-commit"' --output tsv)
previous=$(find previous -name '*.zip' 2> /dev/null || true)
if [[ $tested == "$commit" ]]; then
  echo "$commit runs and has passed its test"
elif [[ -n $previous ]]; then
  npm run release -- --resource-group "$group" --app "$app" --url "$url" --package "$previous" || status=1
else
  echo "$commit has not passed its test, and there is no previous package" >&2
  status=1
fi

MANAGE_KEY=$(az functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.default --output tsv)
[[ ${GITHUB_ACTIONS:-} != true ]] || echo "::add-mask::$MANAGE_KEY"
[[ ${TF_BUILD:-} != True ]] || echo "##vso[task.setsecret]$MANAGE_KEY"
export MANAGE_KEY
npm run smoke -- --url "$url" --wait 60 --clean-up || status=1
exit "$status"
