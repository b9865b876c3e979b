#!/bin/sh
# Chromium for the browser tests, where the package manager is apt.
set -e
if ! command -v apt-get >/dev/null; then
    echo "Install Chromium or Chrome: the browser tests need one." >&2
    exit 1
fi
root=$(if [ "$(id -u)" = 0 ]; then echo; else echo sudo; fi)
$root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq chromium >/dev/null
