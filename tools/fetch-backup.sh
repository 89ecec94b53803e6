#!/usr/bin/env bash
# Fetches the largest file of the newest whole backup, which takes longest to restore. Needs bash and az, logged in. Ends with 1 when
# the newest is older than two days.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo 'usage: tools/fetch-backup.sh <storage account> <folder>' >&2
  exit 2
fi
readonly account=$1 folder=$2
readonly options=(--account-name "$account" --auth-mode login --only-show-errors --container-name backups)

newest=$(az storage blob list "${options[@]}" --prefix manifests/ --num-results '*' --query 'max([].name)' --output tsv)
if [[ ! $newest =~ ^manifests/([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z)\.json$ ]]; then
  echo "There is no whole backup in $account" >&2
  exit 1
fi
readonly night=${BASH_REMATCH[1]}
TZ=UTC printf -v oldest '%(%Y-%m-%dT%H%M%SZ)T' $(($(date +%s) - 2 * 24 * 60 * 60))
if [[ $night < $oldest ]]; then
  echo "The newest whole backup is of $night: none has come for two days" >&2
  exit 1
fi

largest=$(az storage blob list "${options[@]}" --prefix "tenants/$night/" --num-results '*' \
  --query 'max_by(@, &properties.contentLength).name' --output tsv)
if [[ ! $largest =~ ^tenants/$night/([a-z0-9-]+\.jsonl\.gz)$ ]]; then
  echo "The backup of $night has no file of a tenant" >&2
  exit 1
fi
readonly file=${BASH_REMATCH[1]}
umask 077
mkdir -p "$folder"
az storage blob download "${options[@]}" --name "$largest" --file "$folder/$file" --validate-content --no-progress --output none
echo "$largest"
