#!/usr/bin/env bash
# The entrypoint of look-alikes of the official images of MariaDB and MySQL. From outside it behaves as theirs do:
#
#   MARIADB_ROOT_PASSWORD, _ROOT_HOST, _ALLOW_EMPTY_ROOT_PASSWORD, _RANDOM_ROOT_PASSWORD, _DATABASE, _USER, _PASSWORD,
#   the same with MYSQL_ (MYSQL_ALLOW_EMPTY_PASSWORD), and each also as NAME_FILE, a file to read the value from
#   arguments: a program, or flags for the server
#   an empty data folder: the system tables are made, a server that listens on its Unix socket only runs the files in
#   /docker-entrypoint-initdb.d, and the real server follows; so a first start says twice that it is ready
#   as root: the data folder is given to the user mysql, and the rest is done as that user

set -eo pipefail

readonly data=/var/lib/mysql socket=/run/mysqld/mysqld.sock

# Which of the two this is. Only MariaDB heeds the names that begin with MARIADB_.
if type -P mariadbd >/dev/null; then
    readonly server=mariadbd shell=mariadb prefixes='MARIADB MYSQL'
else
    readonly server=mysqld shell=mysql prefixes=MYSQL
fi

say() { printf '[Entrypoint]: %s\n' "$*"; }

die() {
    printf '[ERROR] [Entrypoint]: %s\n' "$*" >&2
    exit 1
}

# value_of NAME...: the first of these that is set, with either prefix, or what stands in the file it names with _FILE.
value_of() {
    local prefix name variable file
    for name; do
        for prefix in $prefixes; do
            variable=${prefix}_$name file=${prefix}_${name}_FILE
            if [ -n "${!variable:-}" ]; then
                printf '%s' "${!variable}"
                return
            elif [ -n "${!file:-}" ]; then
                printf '%s' "$(<"${!file}")"
                return
            fi
        done
    done
}

# A text as a literal of SQL, whatever it holds.
literal() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}

make_tables() {
    say "initializing the data folder"
    if [ "$server" = mariadbd ]; then
        mariadb-install-db --datadir="$data" --rpm --auth-root-authentication-method=normal --skip-test-db \
            --skip-name-resolve --old-mode='' --default-time-zone=SYSTEM --enforce-storage-engine= >/dev/null
    else
        "$server" "$@" --initialize-insecure --datadir="$data"
    fi
}

# The server of the first start, in the background, until it answers.
start_for_itself() {
    local tries
    "$server" "$@" --skip-networking --socket="$socket" &
    own_server=$!
    for ((tries = 0; tries < 600; tries++)); do
        if "$shell" --no-defaults -uroot --socket="$socket" --skip-password -e 'SELECT 1' >/dev/null 2>&1; then return; fi
        kill -0 "$own_server" 2>/dev/null || break
        sleep 0.1
    done
    die "the server of the first start does not answer"
}

stop_for_itself() {
    kill -TERM "$own_server"
    wait "$own_server"
}

# SQL on the server of the first start, as root, whose password changes on the way.
password_now=
sql() { MYSQL_PWD=$password_now "$shell" --no-defaults -uroot --socket="$socket" --comments "$@"; }

make_users() {
    local host name
    host=$(value_of ROOT_HOST)
    host=${host:-%}
    {
        echo "SET @@SESSION.SQL_LOG_BIN = 0;"
        if [ "$server" = mariadbd ]; then echo "DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES;"; fi
        if [ "$host" != localhost ]; then
            echo "CREATE USER root@$(literal "$host") IDENTIFIED BY $(literal "$root_password");"
            echo "GRANT ALL ON *.* TO root@$(literal "$host") WITH GRANT OPTION;"
        fi
        echo "ALTER USER root@localhost IDENTIFIED BY $(literal "$root_password");"
    } | sql
    password_now=$root_password
    name=$(value_of USER)
    {
        if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS \`${database//\`/\`\`}\`;"; fi
        if [ -n "$name" ] && [ -n "$(value_of PASSWORD)" ]; then
            echo "CREATE USER $(literal "$name")@'%' IDENTIFIED BY $(literal "$(value_of PASSWORD)");"
            if [ -n "$database" ]; then
                # `_` in the name of a database is a wildcard in a grant.
                echo "GRANT ALL ON \`${database//_/\\_}\`.* TO $(literal "$name")@'%';"
            fi
        fi
    } | sql
}

run_init_files() {
    local file into=()
    if [ -n "$database" ]; then into=("$database"); fi
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                if [ -x "$file" ]; then
                    say "running $file"
                    "$file"
                else
                    say "sourcing $file"
                    # shellcheck disable=SC1090 # a file of whoever uses the image
                    . "$file"
                fi
                ;;
            *.sql) say "running $file" && sql "${into[@]}" <"$file" ;;
            *.sql.gz) say "running $file" && gunzip -c "$file" | sql "${into[@]}" ;;
            *.sql.xz) say "running $file" && xzcat "$file" | sql "${into[@]}" ;;
            *.sql.zst) say "running $file" && zstd -dc "$file" | sql "${into[@]}" ;;
            */\*) ;;
            *) say "ignoring $file" ;;
        esac
    done
}

# first_start ARGUMENT...: those of the server to come.
first_start() {
    root_password=$(value_of ROOT_PASSWORD)
    database=$(value_of DATABASE)
    if [ -z "$root_password" ]; then
        if [ -n "$(value_of RANDOM_ROOT_PASSWORD)" ]; then
            root_password=$(head -c 24 /dev/urandom | base64)
            say "GENERATED ROOT PASSWORD: $root_password"
        elif [ -z "$(value_of ALLOW_EMPTY_ROOT_PASSWORD ALLOW_EMPTY_PASSWORD)" ]; then
            die "Database is uninitialized and password option is not specified: set ${prefixes%% *}_ROOT_PASSWORD"
        fi
    fi
    make_tables "$@"
    start_for_itself "$@"
    make_users
    run_init_files
    stop_for_itself
    say "init process done. Ready for start up."
}

# Whether the server would only say something and end.
only_asks() {
    local argument
    for argument; do
        case $argument in
            -\? | --help | --print-defaults | -V | --version) return 0 ;;
        esac
    done
    return 1
}

if [ "${1:0:1}" = - ]; then set -- "$server" "$@"; fi

if { [ "$1" = "$server" ] || [ "$1" = mysqld ]; } && ! only_asks "$@"; then
    mkdir -p "$data" "${socket%/*}"
    if [ "$(id -u)" = 0 ]; then
        find "$data" "${socket%/*}" \! -user mysql -exec chown mysql '{}' +
        exec gosu mysql "${BASH_SOURCE[0]}" "$@"
    fi
    if [ ! -d "$data/mysql" ]; then first_start "${@:2}"; fi
fi

exec "$@"
