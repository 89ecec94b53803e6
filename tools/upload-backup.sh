#!/usr/bin/env bash
# Puts up what tools/export-all.sh has written, the manifest last: a backup without one is not whole, and its alert goes by it. Needs
# bash and az, logged in.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo 'usage: tools/upload-backup.sh <storage account> <folder>' >&2
  exit 2
fi
readonly account=$1 folder=$2
readonly options=(--account-name "$account" --auth-mode login --only-show-errors)
# No two have the same, so that nothing is written over.
night=$(date -u +%Y-%m-%dT%H%M%SZ)
readonly night

files=$(find "$folder/tenants" -name '*.jsonl.gz' | wc -l)
files=$((files))
if [[ $files -gt 0 ]]; then
  az storage blob upload-batch "${options[@]}" --destination backups --destination-path "tenants/$night" \
    --source "$folder/tenants" --pattern '*.jsonl.gz' --validate-content --no-progress --output none
fi
there=$(az storage blob list "${options[@]}" --container-name backups --prefix "tenants/$night/" --num-results '*' \
  --query 'length(@)' --output tsv)
if [[ $there != "$files" ]]; then
  echo "$there of $files files are in tenants/$night" >&2
  exit 1
fi
echo "$files files are in tenants/$night"

if [[ ! -f $folder/manifest.json ]]; then
  echo 'There is no manifest: not all tenants were exported' >&2
  exit 1
fi
az storage blob upload "${options[@]}" --container-name backups --name "manifests/$night.json" --file "$folder/manifest.json" \
  --validate-content --no-progress --output none
