#!/usr/bin/env bash
# Compiles govuk-frontend with our typefaces and brand, and lays style sheet and scripts in portal/static/build.
set -euo pipefail
cd "$(dirname "$0")"
out=../portal/static/build
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
mkdir -p "$out"
npx --no-install sass --pkg-importer=node --style=compressed --no-source-map --quiet-deps core.scss "$out/core.css"
cp node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js "$out/govuk-frontend.min.js"
