#!/usr/bin/env bash
# Builds the program from the action's own checkout, unless the cache gave one that runs here.
#
# Environment:
#   ROLLPROOF_FOLDER    the folder of the program
# Output: built, `true` when there is something new to keep.

set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

program=$ROLLPROOF_FOLDER/rollproof
if [ -x "$program" ] && "$program" --version; then
    output built false
    exit 0
fi

type -P cargo >/dev/null ||
    fail "there is no cargo on this runner to build rollproof with; add a step that installs Rust, or name a program in ROLLPROOF_BINARY"

# Where to build for and with which flags is the business of the project that is checked, not of this program.
unset CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTFLAGS
target=$temp/rollproof/target
echo '::group::Building rollproof'
status=0
# Cargo and rustup look for settings from the folder that they run in upward.
(cd -- "$GITHUB_ACTION_PATH" && cargo build --release --locked --target-dir "$target") || status=$?
echo '::endgroup::'
[ "$status" -eq 0 ] || fail "rollproof could not be built; the log of this step says why"

mkdir -p -- "$ROLLPROOF_FOLDER"
mv -f -- "$target/release/rollproof" "$program"
rm -rf -- "$target"
"$program" --version
output built true
