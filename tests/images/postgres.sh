#!/usr/bin/env bash
# The entrypoint of a look-alike of the official image of PostgreSQL. From outside it behaves as that one's does:
#
#   POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_HOST_AUTH_METHOD, POSTGRES_INITDB_ARGS,
#   POSTGRES_INITDB_WALDIR and PGDATA; the first four also as NAME_FILE, a file to read the value from
#   arguments: a program, or flags for `postgres`
#   an empty data folder: a cluster is made, a server that listens on its Unix socket only runs the files in
#   /docker-entrypoint-initdb.d, and the real server follows; so a first start says twice that it is ready
#   as root: the data folder is given to the user postgres, and the rest is done as that user

set -Eeo pipefail

# The value of a variable, or of the file that it names with _FILE.
from_file() {
    local name=$1 file_name=$1_FILE value
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        echo "error: both $name and $file_name are set; set one" >&2
        exit 1
    fi
    value=${!name:-${2:-}}
    if [ -n "${!file_name:-}" ]; then value=$(<"${!file_name}"); fi
    export "$name=$value"
    unset "$file_name"
}

make_folders() {
    local user
    user=$(id -u)
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA" || true
    chmod 3777 /var/run/postgresql || true
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 700 "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$user" = 0 ]; then
        find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
            \! -user postgres -exec chown postgres '{}' +
    fi
}

refuse_no_password() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       Set POSTGRES_PASSWORD to a value that is not empty, or POSTGRES_HOST_AUTH_METHOD=trust
       to let everybody in without one.
TEXT
        exit 1
    fi
}

make_cluster() {
    local wal=()
    # shellcheck disable=SC2034 # the eval reads it
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then wal=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
    # The arguments may hold quotes of their own, as on a command line.
    eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") \"\${wal[@]}\" \
        ${POSTGRES_INITDB_ARGS:-}"
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"
}

# psql on the server of the first start; without a database where the second argument says so.
sql() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc "$@"; }

make_database() {
    [ "$POSTGRES_DB" != postgres ] || return 0
    if [ -z "$(sql --dbname postgres --set name="$POSTGRES_DB" --tuples-only \
        <<<"SELECT 1 FROM pg_database WHERE datname = :'name'")" ]; then
        sql --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name"'
    fi
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                if [ -x "$file" ]; then
                    echo "$0: running $file"
                    "$file"
                else
                    echo "$0: sourcing $file"
                    # shellcheck disable=SC1090 # a file of whoever uses the image
                    . "$file"
                fi
                ;;
            *.sql) echo "$0: running $file" && sql --dbname "$POSTGRES_DB" -f "$file" ;;
            *.sql.gz) echo "$0: running $file" && gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
            *.sql.xz) echo "$0: running $file" && xzcat "$file" | sql --dbname "$POSTGRES_DB" ;;
            *.sql.zst) echo "$0: running $file" && zstd -dc "$file" | sql --dbname "$POSTGRES_DB" ;;
            */\*) ;;
            *) echo "$0: ignoring $file" ;;
        esac
        echo
    done
}

# first_start ARGUMENT...: those of the server to come.
first_start() {
    refuse_no_password
    ls /docker-entrypoint-initdb.d/ >/dev/null
    make_cluster
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    local options
    printf -v options '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}"
    NOTIFY_SOCKET='' PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -o "$options" -w start
    make_database
    run_init_files
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

# Whether the server would only say something and end.
only_asks() {
    local argument
    for argument; do
        case $argument in
            -\? | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi

if [ "$1" = postgres ] && ! only_asks "$@"; then
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
    make_folders
    if [ "$(id -u)" = 0 ]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        first_start "${@:2}"
    fi
fi

exec "$@"
