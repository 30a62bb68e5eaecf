#!/bin/sh
# See that the programs the tests need are here: install the missing Debian packages as root, otherwise name them.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }
has_postgres() { has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_chinese_font() { has fc-list && fc-list :lang=zh-cn file | grep -q .; }

missing=""
need() { missing="$missing $1"; }

has python3 && python3 -c 'import ensurepip' 2>/dev/null || need python3-venv
has chromium || need chromium
has xgettext || need gettext
has_chinese_font || need fonts-noto-cjk
[ -n "${DATABASE_URL:-}" ] || has_postgres || need postgresql
[ -n "${REDIS_URL:-}" ] || has redis-server || need redis-server

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "The tests need these packages. On Debian, as root: apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # one word per package
apt-get install -y -qq --no-install-recommends $missing >/dev/null
