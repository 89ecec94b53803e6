#!/usr/bin/env bash
# What a deployment would change in Azure, as Markdown for the comment of a pull request. Needs bash and az, logged in. Ends with 1
# when one environment cannot be asked; the others are, all the same.
set -euo pipefail

readonly usage='usage: tools/what-if.sh <resource group without -dev, -test, -prod> [environment …]'
if [[ $# -eq 0 ]]; then
  echo "$usage" >&2
  exit 2
fi
readonly prefix=$1
shift
[[ $# -gt 0 ]] || set -- dev test prod

# A comment has 65,536 characters at most.
readonly longest=18000

export AZURE_CORE_NO_COLOR=true

# The identity may read only: what it may not write is not asked (az 2.76 and later).
what_if() { # environment
  az deployment group what-if \
    --resource-group "$prefix-$1" \
    --parameters "infra/main.$1.bicepparam" \
    --validation-level ProviderNoRbac \
    --exclude-change-types Ignore NoChange \
    --only-show-errors 2>&1
}

# The text comes from a pull request: it must not end the block that it stands in.
shown() { # text
  local text=${1//'```'/"'''"}
  echo '```'
  echo "${text:0:longest}"
  [[ ${#text} -le $longest ]] || echo '… and more: the log has all'
  echo '```'
}

status=0
echo '## What the deployment would change'
for environment in "$@"; do
  echo
  if text=$(what_if "$environment"); then
    echo "### $environment"
  else
    echo "### $environment: FAILED"
    status=1
  fi
  echo
  shown "$text"
done
exit "$status"
