#!/usr/bin/env bash
# Makes the working environment, and does nothing when it is already there.
# Usage: scripts/set_up.sh run|test|spark
set -euo pipefail
cd "$(dirname "$0")/.."
purpose="${1:-run}"
say() { printf '\033[1m[set-up]\033[0m %s\n' "$*"; }
stop() { printf 'Set-up stopped: %s\n' "$*" >&2; exit 1; }

python="${PYTHON:-python3}"
command -v "$python" >/dev/null 2>&1 || stop "Python 3.11 or later is needed and '$python' was not found. Install it with: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || stop "Python 3.11 or later is needed; '$python' is $("$python" -c 'import platform; print(platform.python_version())'). Name another with PYTHON=..."

# Debian packages: WeasyPrint's text layout and fonts; for the tests also a browser and a database server.
packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2)
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
command -v npm >/dev/null 2>&1 || packages+=(npm)
if [ "$purpose" = test ]; then packages+=(chromium postgresql poppler-utils); fi
if [ "$purpose" = spark ] && ! command -v java >/dev/null 2>&1; then packages+=(default-jre-headless); fi
missing=()
if command -v dpkg-query >/dev/null 2>&1; then
    for package in "${packages[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
else
    say "This is not a Debian system: make sure these are present: ${packages[*]}"
fi
if [ "${#missing[@]}" -gt 0 ]; then
    [ "$(id -u)" = 0 ] || stop "these Debian packages are missing: ${missing[*]}. Install them with: sudo apt-get install ${missing[*]}"
    say "Installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || stop "apt-get update failed; check the network and try again"
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
        || stop "apt-get could not install: ${missing[*]}"
fi

requirements=requirements.txt
[ "$purpose" = test ] && requirements=requirements-dev.txt
[ "$purpose" = spark ] && requirements=requirements-spark.txt
wanted="$(cat "$requirements" pyproject.toml | sha256sum | cut -d' ' -f1)"
stamp=".venv/.installed-$purpose"
if [ ! -x .venv/bin/python ]; then
    say "Making a virtual environment in .venv"
    "$python" -m venv .venv
fi
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "Installing Python packages from $requirements (checked by hash); this takes a minute or two the first time"
    # Spark comes as source; it is built with the setuptools that is pinned here.
    building=()
    [ "$purpose" = spark ] && building=(--no-build-isolation)
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "${building[@]}" --require-hashes -r "$requirements" \
        || stop "pip could not install $requirements; the lines above say why"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . \
        || stop "pip could not install the project itself"
    echo "$wanted" >"$stamp"
fi
if [ "$purpose" = spark ]; then say "Spark is ready"; exit; fi

say "Checking the postcode store"
.venv/bin/python -m data_access.reference.postcodes || stop "the postcode store could not be made"

wanted="$(cat frontend/package-lock.json frontend/*.scss frontend/build.sh | sha256sum | cut -d' ' -f1)"
if [ "$(cat portal/static/build/.made-from 2>/dev/null)" != "$wanted" ]; then
    say "Building the style sheet and scripts (npm)"
    bash frontend/build.sh || stop "the front-end build failed; the lines above say why"
    echo "$wanted" >portal/static/build/.made-from
fi
say "Ready"
