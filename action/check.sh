#!/usr/bin/env bash
# Runs `rollproof check` with the inputs of the action. Its exit code is that of the step.
#
# Environment:
#   ROLLPROOF    the program
#   INPUT_CONFIG, INPUT_WORKING_DIRECTORY, INPUT_ARGS, INPUT_BASE, INPUT_FAIL_ON    the inputs; action.yml says what they are
# Outputs: junit-path and json-path; the program itself adds the others.

set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

# split TEXT: the words of a text into `words`, as a shell cuts them, without running anything.
split() {
    local LC_ALL=C text=$1 word='' open=false quote='' at char
    words=()
    for ((at = 0; at < ${#text}; at++)); do
        char=${text:at:1}
        case $quote$char in
            \'\' | \"\") quote='' ;;
            \'?) word+=$char ;;
            \"\\)
                at=$((at + 1))
                case ${text:at:1} in
                    '"' | \\ | \$ | \`) word+=${text:at:1} ;;
                    *) word+=$char${text:at:1} ;;
                esac
                ;;
            \"?) word+=$char ;;
            \' | \")
                quote=$char
                open=true
                ;;
            \\)
                at=$((at + 1))
                word+=${text:at:1}
                open=true
                ;;
            ' ' | $'\t' | $'\r' | $'\n')
                if $open; then words+=("$word"); fi
                word=''
                open=false
                ;;
            *)
                word+=$char
                open=true
                ;;
        esac
    done
    [ -z "$quote" ] || fail "args: the quote $quote is never closed"
    if $open; then words+=("$word"); fi
}

# value_of FLAG WORDS...: the value of a flag among these words, if it is there.
value_of() {
    local flag=$1
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            "$flag") printf '%s' "${2:-}" && return ;;
            "$flag="*) printf '%s' "${1#*=}" && return ;;
        esac
        shift
    done
    return 1
}

# report_path FLAG NAME: the file of a report into `path`: that which `args` names, else one of our own, whose flag is added.
report_path() {
    if path=$(value_of "$1" ${words[@]+"${words[@]}"}); then
        case $path in
            /*) ;;
            *) path=$PWD/$path ;;
        esac
    else
        path=$reports/$2
        command+=("$1=$path")
    fi
}

case $INPUT_WORKING_DIRECTORY in
    /*) folder=$INPUT_WORKING_DIRECTORY ;;
    *) folder=${GITHUB_WORKSPACE:-$PWD}/$INPUT_WORKING_DIRECTORY ;;
esac
cd -- "$folder" 2>/dev/null || fail "working-directory: there is no folder $INPUT_WORKING_DIRECTORY in the workspace; was the repository checked out?"

split "$INPUT_ARGS"
mkdir -p -- "$temp/rollproof"
reports=$(mktemp -d "$temp/rollproof/report.XXXXXX")

command=("$ROLLPROOF" check --github)
report_path --junit junit.xml
junit=$path
report_path --json report.json
json=$path
# With `=`, so that no value is taken for a flag.
if [ -n "$INPUT_CONFIG" ]; then command+=("--config=$INPUT_CONFIG"); fi
if [ -n "$INPUT_BASE" ]; then command+=("--base=$INPUT_BASE"); fi
if [ -n "$INPUT_FAIL_ON" ]; then command+=("--fail-on=$INPUT_FAIL_ON"); fi

# A job that is cancelled interrupts the shell alone. The program is told, and takes down what it started.
"${command[@]}" ${words[@]+"${words[@]}"} 2>&1 &
program=$!
trap 'kill -TERM "$program" 2>/dev/null || true' INT TERM
status=0
wait "$program" || status=$?
while kill -0 "$program" 2>/dev/null; do
    status=0
    wait "$program" || status=$?
done

# The program tells what came of a check, and why its exit code is what it is. Where it came to no result, as with arguments
# that it does not know, or could not print what it had to say, this does: no step is red without a reason.
told=$(sed -n 's/^outcome=//p' "${GITHUB_OUTPUT:-/dev/null}" | tail -n 1)
case $status:$told in
    0:* | *:failed | *:error) ;;
    *)
        if [ -z "$told" ]; then
            when='before it came to a result'
        else
            when="though the check itself $told"
        fi
        output outcome error
        echo "::error title=Rollproof::rollproof ended with exit code $status $when; the log of this step says why"
        ;;
esac
if [ -f "$junit" ]; then output junit-path "$junit"; fi
if [ -f "$json" ]; then output json-path "$json"; fi
exit "$status"
