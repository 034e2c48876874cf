# What the steps of the action share; each reads it with `source`. It runs on bash 3.2, which macOS has, too.

# shellcheck shell=bash

# Where files of the job go.
# shellcheck disable=SC2034
temp=${RUNNER_TEMP:-${TMPDIR:-/tmp}}

# fail MESSAGE: an annotation, and the exit code of what could not be checked.
fail() {
    local message=$1
    message=${message//'%'/%25}
    message=${message//$'\r'/%0D}
    message=${message//$'\n'/%0A}
    printf '::error title=Rollproof::%s\n' "$message"
    exit 2
}

# output NAME VALUE: an output of the step, whatever the value holds.
output() {
    local end=end-$RANDOM-$RANDOM-$RANDOM-$RANDOM
    printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"${GITHUB_OUTPUT:-/dev/null}"
}
