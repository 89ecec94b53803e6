#!/usr/bin/env bash
# Exports all tenants into a folder, with a manifest once each of them is there. Needs bash, Node.js, and az, logged in. Ends with 1
# when one tenant cannot be exported; the others are, all the same.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo 'usage: tools/export-all.sh <endpoint of the tables> <folder>' >&2
  exit 2
fi
readonly endpoint=$1 folder=$2

# People's names, and hashes of secrets.
umask 077
mkdir -p "$folder/tenants"
node --import ./tools/installed.js tools/tenant.ts export --all --out-dir "$folder/tenants" --with-credentials --json \
  --endpoint "$endpoint" > "$folder/manifest.part"
mv "$folder/manifest.part" "$folder/manifest.json"
