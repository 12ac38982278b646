#!/bin/sh
# Make sure that there are PostgreSQL's server programs for the tests; say in one line why, where there can be none.
set -u
command -v initdb >/dev/null 2>&1 && exit 0
ls "${SHIPCLERK_POSTGRES_BIN:-/nowhere}"/initdb /usr/lib/postgresql/*/bin/initdb 2>/dev/null | grep -q . && exit 0
log=$(mktemp)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "PostgreSQL tests: installing Debian's postgresql"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql; } >"$log" 2>&1 && exit 0
else
  echo "not root, or no apt-get" >"$log"
fi
echo "PostgreSQL tests: no initdb here and none could be installed ($(tail -n 1 "$log")); install PostgreSQL to run them" >&2
[ -z "${CI:-}" ]
