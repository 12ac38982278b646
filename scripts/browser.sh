#!/bin/sh
# Make sure that there is a Chromium for the browser tests; say in one line why, where there can be none.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/ >/dev/null 2>&1 && exit 0
log=$(mktemp)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "browser tests: installing Debian's chromium"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } >"$log" 2>&1 && exit 0
else
  echo "browser tests: installing Playwright's chromium"
  .venv/bin/playwright install chromium >"$log" 2>&1 && exit 0
fi
echo "browser tests: no Chromium here and none could be installed ($(tail -n 1 "$log")); install one to run them" >&2
[ -z "${CI:-}" ]
