# shellcheck shell=bash
# A container engine and images for the tests, for scripts/test, which reads this file. It wants from there: say, gap,
# has, apart, install_packages, cache_folder; and `$work`, a folder that goes away at the end.
#
# An engine that answers is used: that of DOCKER_HOST, Docker's default socket, Podman's sockets. Where none does, root
# starts one of its own (start_engine), which shares nothing with an engine of the machine and leaves nothing but its
# images, in the cache folder, so that the next run finds them. An engine of the machine keeps them too.

readonly wanted_images=(postgres:15 postgres:17 postgres:18 mariadb:11.8 mysql:9)
# Seconds in which a registry has to have begun to give an image, and in which it has to have given it.
readonly registry_answers=12 registry_gives=600

engine_folder=
engine_lock=
engine_process=
engine_bridge=
container_client=

set_up_containers() {
    if [ -n "${ROLLPROOF_TEST_IMAGES+set}" ]; then
        say "   as ROLLPROOF_TEST_IMAGES says: ${ROLLPROOF_TEST_IMAGES:-no images}"
        if [ -z "$ROLLPROOF_TEST_IMAGES" ]; then
            gap "tests in containers: no image is named"
        elif ! find_engine; then
            gap "tests in containers: no container engine answers"
        fi
        return
    fi
    export ROLLPROOF_TEST_IMAGES=
    if find_engine; then
        say "   containers by the engine at $DOCKER_HOST"
    elif [ "$(id -u)" -ne 0 ]; then
        gap "tests in containers: no container engine answers, and only root can start one"
        return
    elif ! start_engine; then
        gap "tests in containers: no container engine answers, and none could be started"
        return
    fi
    set_up_images
}

# --- an engine that is there ----------------------------------------------------------------------------------------

engine_answers() { timeout 10 "$container_client" version >/dev/null 2>&1; }

# Sets container_client and DOCKER_HOST. A context of Docker's client is not asked: the tests talk to the socket.
find_engine() {
    local runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)} host
    local hosts=(unix:///var/run/docker.sock "unix://$runtime/docker.sock" "unix://$runtime/podman/podman.sock"
        unix:///run/podman/podman.sock)
    if [ -n "${DOCKER_HOST:-}" ]; then hosts=("$DOCKER_HOST"); fi
    for host in "${hosts[@]}"; do
        [ "${host#unix://}" = "$host" ] || [ -w "${host#unix://}" ] || continue
        if ! has docker && ! has podman; then (install_engine) || return 1; fi
        if has docker; then container_client=docker; else container_client=podman; fi
        if DOCKER_HOST=$host CONTAINER_HOST=$host engine_answers; then
            export DOCKER_HOST=$host
            # Podman's client reads this one.
            export CONTAINER_HOST=$host
            return 0
        fi
    done
    return 1
}

# --- an engine of our own -------------------------------------------------------------------------------------------

# Docker and what it takes to run it here, where they are missing.
install_engine() {
    local missing=()
    if ! has dockerd || ! has docker; then missing+=(docker.io); fi
    has ip || missing+=(iproute2)
    # Where the kernel has AppArmor, dockerd wants to load its profile.
    if grep -qs Y /sys/module/apparmor/parameters/enabled && ! has apparmor_parser; then missing+=(apparmor); fi
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    # Newer releases have the client in a package of its own.
    has docker || install_packages docker-cli
}

# start_engine: dockerd in namespaces of its own for processes and mounts, so that every process and mount of it ends with
# one signal, and also when this script is killed. Its data stay in the cache folder; those of further runs at the same time,
# which have folders of their own, do not.
#
# Its bridge is made and taken away here. It writes no firewall rules: docker-proxy publishes the ports of containers, and
# containers reach nothing but this machine.
start_engine() {
    local slot driver
    (install_engine) || return 1
    # The first may still be ending from the run before.
    for slot in 1 2 3 4; do
        if lock_engine "$(cache_folder)/engine-$slot" $((slot == 1 ? 5 : 0)); then break; fi
    done
    if [ -z "$engine_folder" ]; then
        say "   four other runs have engines of their own"
        return 1
    fi
    engine_bridge=rptest$slot
    container_client=docker
    export DOCKER_HOST=unix://$engine_folder/run/docker.sock
    remove_remains
    if make_bridge "$slot"; then
        for driver in overlay2 vfs; do
            if run_engine "$driver"; then break; fi
            stop_engine_process
        done
    fi
    # From here on, the engine alone holds the lock: what outlives this script shall not.
    unlock_engine
    if [ -z "$engine_process" ]; then
        if [ -f "$engine_folder/log" ]; then tail -n 5 -- "$engine_folder/log"; fi
        stop_engine
        unset DOCKER_HOST
        return 1
    fi
    remove_containers
    say "   containers by an engine of our own: Docker $(docker version --format '{{.Server.Version}}'), $driver"
}

# lock_engine FOLDER SECONDS: makes it the folder of the engine, if no other run has it.
lock_engine() {
    mkdir -p -- "$1"
    exec {engine_lock}>"$1/lock"
    if flock --timeout "$2" "$engine_lock"; then
        engine_folder=$1
    else
        unlock_engine
        return 1
    fi
}

unlock_engine() {
    [ -n "$engine_lock" ] || return 0
    exec {engine_lock}>&-
    engine_lock=
}

# A bridge with an address range that no route of this machine covers.
make_bridge() {
    local range
    for range in 10.213."$1" 172.29."$1" 192.168.21"$1"; do
        if ! ip -4 route show match "$range.0/24" | grep -qv '^default' && ! ip -4 route show root "$range.0/24" | grep -q .; then
            ip link add "$engine_bridge" type bridge && ip address add "$range.1/24" dev "$engine_bridge" &&
                ip link set "$engine_bridge" up
            return
        fi
    done
    say "   no range of addresses is free for a bridge"
    return 1
}

# run_engine DRIVER: starts it and waits until it answers. It ends when this script does, whatever ends that.
run_engine() {
    local deadline=$((SECONDS + 30))
    mkdir -p -- "$engine_folder/run"
    set -m
    setpriv --pdeathsig KILL -- \
        unshare --mount --propagation slave --pid --fork --kill-child --mount-proc -- \
        "${BASH_SOURCE[0]%/*}/engine-init" "$engine_folder" "$engine_bridge" "$1" \
        </dev/null >"$engine_folder/log" 2>&1 &
    engine_process=$!
    set +m
    while kill -0 "$engine_process" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
        if [ -S "$engine_folder/run/docker.sock" ] && engine_answers; then return 0; fi
        sleep 0.1
    done
    return 1
}

stop_engine_process() {
    local tries
    [ -n "$engine_process" ] || return 0
    # To the first process of the namespace, which ends the others. It gets some seconds for it.
    pkill -TERM -P "$engine_process" 2>/dev/null || true
    for ((tries = 0; tries < 150; tries++)); do
        kill -0 "$engine_process" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$engine_process" 2>/dev/null || true
    wait "$engine_process" 2>/dev/null || true
    engine_process=
}

# The engine is ours alone: whatever tests left in it can go.
remove_containers() {
    local containers
    mapfile -t containers < <(timeout 10 docker ps --all --quiet --no-trunc)
    [ ${#containers[@]} -eq 0 ] || timeout 30 docker rm --force --volumes "${containers[@]}" >/dev/null || true
    timeout 10 docker volume prune --force >/dev/null || true
}

# What an engine that was killed leaves: its bridge, and its sockets.
remove_remains() {
    if ip link show "$engine_bridge" >/dev/null 2>&1; then ip link delete "$engine_bridge" || true; fi
    rm -rf -- "$engine_folder/run"
}

# Stops what start_engine started, if it did. The images stay.
stop_engine() {
    local folder=$engine_folder
    [ -n "$folder" ] || return 0
    if [ -n "$engine_process" ]; then remove_containers 2>/dev/null; fi
    stop_engine_process
    unlock_engine
    engine_folder=
    # Unless another run was faster, and has made it its own.
    if lock_engine "$folder" 5; then
        remove_remains
        [ "${folder##*-}" = 1 ] || rm -rf -- "$folder/data"
        unlock_engine
        engine_folder=
    fi
}

# --- images ---------------------------------------------------------------------------------------------------------

set_up_images() {
    local image registry=yes
    for image in "${wanted_images[@]}"; do
        if ! has_image "$image" && [ "$registry" = yes ]; then
            say "   pulling $image"
            apart pull_image "$image" || registry=no
        fi
        if ! has_image "$image" || is_look_alike "$image"; then
            apart env CONTAINER_CLIENT="$container_client" tests/images/build "$image" > >(sed 's/^/   /') || true
        fi
        if has_image "$image"; then
            ROLLPROOF_TEST_IMAGES="${ROLLPROOF_TEST_IMAGES:+$ROLLPROOF_TEST_IMAGES }$image"
        else
            gap "tests in containers of $image: it could be neither pulled nor built"
        fi
    done
    say "   images: ${ROLLPROOF_TEST_IMAGES:-none}"
}

has_image() { "$container_client" image inspect "$1" >/dev/null 2>&1; }

is_look_alike() { "$container_client" image inspect --format '{{json .Config.Labels}}' "$1" | grep -q rollproof.look-alike; }

# A registry that cannot be reached costs seconds: the client says when it has found the image there.
# shellcheck disable=SC2154 # `work` is of scripts/test
pull_image() {
    local pulling began=$SECONDS
    timeout "$registry_gives" "$container_client" pull "docker.io/library/$1" >"$work/pull" 2>&1 &
    pulling=$!
    until grep -qE 'Pulling from|Getting image' "$work/pull"; do
        kill -0 "$pulling" 2>/dev/null || break
        if [ $((SECONDS - began)) -ge "$registry_answers" ]; then
            kill "$pulling"
            break
        fi
        sleep 0.1
    done
    wait "$pulling"
}
