#!/bin/sh
# What the tests of pages need beside Python: a browser, its driver, a TeX. Installs what is missing, if root on Debian.
set -eu
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v chromedriver >/dev/null || missing="$missing chromium-driver"
command -v pdflatex >/dev/null || missing="$missing texlive-latex-base texlive-latex-recommended"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "make test-browser needs these packages of Debian (install them, or run it as root):$missing" >&2
    exit 1
fi
echo "installing$missing ..."
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing fonts-dejavu-core >/dev/null
