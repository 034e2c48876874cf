#!/usr/bin/env bash
# Says where the program is, or that it is to be built, where to, and under which key the cache knows it.
#
# Environment:
#   INPUT_VERSION       `source`
#   ROLLPROOF_BINARY    a program that is there already; nothing is built then, and the version does not matter
# Outputs: program; build (`true` or `false`); folder and key where it is to be built.

set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

sha256() {
    if type -P sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# The checkout without what no build reads. It is listed by name and content, so that a forgotten exception costs a build
# and never keeps an old program.
hash_of_sources() {
    (
        cd -- "$GITHUB_ACTION_PATH"
        find . \( -name .git -o -path ./target -o -path ./tests -o -path ./docs -o -path ./.github \) -prune -o -type f -print0 |
            LC_ALL=C sort -z |
            while IFS= read -r -d '' file; do
                printf '%s ' "$file"
                sha256 <"$file"
            done
    ) | sha256 | cut -c 1-64
}

# A program is linked with the C library of the machine that built it, and an older one does not run it.
platform() {
    local library
    library=$(getconf GNU_LIBC_VERSION 2>/dev/null || sw_vers -productVersion 2>/dev/null || echo other)
    printf '%s-%s-%s' "$(uname -s)" "$(uname -m)" "${library// /-}"
}

if [ -n "${ROLLPROOF_BINARY:-}" ]; then
    if ! { [ -f "$ROLLPROOF_BINARY" ] && [ -x "$ROLLPROOF_BINARY" ]; }; then
        fail "ROLLPROOF_BINARY names $ROLLPROOF_BINARY, which is no program; correct it or take it out of the environment"
    fi
    output program "$ROLLPROOF_BINARY"
    output build false
    exit 0
fi

case ${INPUT_VERSION:-} in
    source | '') ;;
    *) fail "there is no release $INPUT_VERSION of rollproof: this version of the action knows only \`version: source\`" ;;
esac

folder=$temp/rollproof/bin
output program "$folder/rollproof"
output build true
output folder "$folder"
output key "rollproof-source-$(platform)-$(hash_of_sources)"
