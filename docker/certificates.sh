#!/bin/sh
# Makes the certificates with which the deployment is tried out: an encrypted private key with its passphrase,
# a signing request and a self-signed certificate. Browsers warn about it; a real deployment brings its own.
set -euf

usage() {
    cat <<'USAGE'
Usage: certificates.sh [--force] [--host NAME]... [DIRECTORY]

Makes private.key (encrypted), passphrase.txt, config.ext, certSignReq.csr and selfSigned.crt, valid for 365 days,
in DIRECTORY (docker/certificates unless given).

  --force      replace certificates that are there
  --host NAME  one more host name for the certificate; angularws-prod, angularws-dev, ws-backend-nginx, localhost
               and 127.0.0.1 are always in it
USAGE
}

fail() {
    printf 'certificates.sh: %s\n' "$1" >&2
    exit 1
}

force=no
directory=
hosts='angularws-prod angularws-dev ws-backend-nginx localhost'
while [ $# -gt 0 ]; do
    case $1 in
        --force) force=yes ;;
        --host)
            [ $# -ge 2 ] || fail 'Write a host name after --host.'
            case $2 in
                '' | *[!A-Za-z0-9.*-]*)
                    fail "\"$2\" is not a host name; write one such as chat.example.org after --host."
                    ;;
            esac
            hosts="$hosts $2"
            shift
            ;;
        --help | -h)
            usage
            exit 0
            ;;
        -*) fail "There is no option $1; --help lists them all." ;;
        *)
            [ -z "$directory" ] || fail 'Name one directory only.'
            directory=$1
            ;;
    esac
    shift
done
if [ -z "$directory" ]; then
    directory=$(dirname -- "$0")/certificates
fi

command -v openssl >/dev/null 2>&1 ||
    fail 'The program openssl is not installed; install the package openssl and run this again.'

# Only the owner may read what is made from here on.
umask 077
mkdir -p -- "$directory" 2>/dev/null ||
    fail "The directory $directory cannot be made; name one that you may write to."
[ -w "$directory" ] || fail "The directory $directory cannot be written to; name another one."

files='private.key passphrase.txt config.ext certSignReq.csr selfSigned.crt'
if [ "$force" = no ]; then
    for file in $files; do
        [ ! -e "$directory/$file" ] ||
            fail "$directory/$file exists and is kept; use --force to replace all certificates there."
    done
fi

# Everything is made aside and moved at the end: a failure half-way leaves the old set whole.
work=$(mktemp -d "$directory/.new.XXXXXX") || fail "The directory $directory cannot be written to; name another one."
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM

{
    printf '[req]\nprompt = no\ndistinguished_name = name\n\n[name]\nCN = angularws-prod\n\n'
    printf '[server]\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature, keyEncipherment\n'
    printf 'extendedKeyUsage = serverAuth\nsubjectAltName = @names\n\n[names]\nIP.1 = 127.0.0.1\n'
    number=0
    for host in $hosts; do
        number=$((number + 1))
        printf 'DNS.%s = %s\n' "$number" "$host"
    done
} >"$work/config.ext"

# Runs openssl without its progress dots; what it says is shown only when it fails.
run_openssl() {
    openssl "$@" >"$work/openssl.log" 2>&1 || {
        cat "$work/openssl.log" >&2
        fail "openssl $1 failed for the reason above; nothing was changed."
    }
}

run_openssl rand -base64 -out "$work/passphrase.txt" 36
run_openssl genrsa -aes256 -passout "file:$work/passphrase.txt" -out "$work/private.key" 3072
run_openssl req -new -config "$work/config.ext" -key "$work/private.key" -passin "file:$work/passphrase.txt" \
    -out "$work/certSignReq.csr"
run_openssl x509 -req -in "$work/certSignReq.csr" -signkey "$work/private.key" -passin "file:$work/passphrase.txt" \
    -extfile "$work/config.ext" -extensions server -sha256 -days 365 -out "$work/selfSigned.crt"

for file in $files; do
    chmod 600 "$work/$file"
    mv -f -- "$work/$file" "$directory/$file"
done
printf 'Made %s in %s, valid for 365 days.\n' "$(echo "$files" | sed 's/ /, /g')" "$directory"
