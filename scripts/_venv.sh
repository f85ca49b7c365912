# shellcheck shell=bash
# Sourced by the scripts beside it. `ensure_venv EXTRA...` leaves a .venv that holds the project and at least those
# extras, installed with scripts/constraints.txt, or exits with one line that says what to do. With nothing to do it
# starts neither Python nor pip. It writes to standard error only: the output of `nnlab --json -` belongs to nnlab.

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
stamp=$venv/.nnlab-stamp            # line 1: what was installed from; line 2: the extras
unfinished=$venv/.nnlab-unfinished  # there while pip works: an interrupted pip cannot be trusted

say() { printf 'nnlab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# What the environment depends on. The root is part of it because a copied .venv points at the original.
fingerprint() {
    local sum
    sum=$(cat "$root/pyproject.toml" "$root/scripts/constraints.txt" "$venv/pyvenv.cfg" 2>/dev/null | cksum)
    printf '%s %s %s' "$sum" "$(readlink -f "$venv/bin/python" 2>/dev/null)" "$root"
}

find_python() {
    local candidate
    for candidate in ${NNLAB_PYTHON:+"$NNLAB_PYTHON"} python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s' "$candidate"
            return
        fi
    done
    die "no Python 3.11 or newer on PATH: install one, or name it with NNLAB_PYTHON=/path/to/python3"
}

# Sets `have` to the installed extras; succeeds if the environment is current and holds all of "$@".
is_current() {
    local made_from extra
    have=""
    [[ -x $venv/bin/python && -f $stamp && ! -e $unfinished ]] || return 1
    { read -r made_from; read -r have; } <"$stamp" || return 1
    [[ $made_from == "$(fingerprint)" ]] || return 1
    for extra in "$@"; do [[ " $have " == *" $extra "* ]] || return 1; done
}

# One installation at a time. The lock ends with the process that holds it, however that ends; where there is no
# flock, a directory named after the holder does the same.
lock() {
    if command -v flock >/dev/null; then
        exec 9<"$root/scripts/constraints.txt"
        flock -n 9 || { say "waiting for another installation into .venv"; flock 9; }
        return
    fi
    local holder
    until mkdir "$root/.venv.lock" 2>/dev/null; do
        holder=$(cat "$root/.venv.lock/pid" 2>/dev/null || true)
        if [[ -n $holder ]] && ! kill -0 "$holder" 2>/dev/null; then rm -rf "$root/.venv.lock"; fi
        sleep 0.2
    done
    echo $$ >"$root/.venv.lock/pid"
    trap 'rm -rf "$root/.venv.lock"' EXIT
}

unlock() {
    if command -v flock >/dev/null; then
        exec 9<&-
    else
        rm -rf "$root/.venv.lock"
        trap - EXIT
    fi
}

create() {
    local python
    python=$(find_python)
    say "creating .venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" >&2 ||
        die "could not create .venv: if the lines above name ensurepip, install your system's python3-venv package"
}

# Everything this checkout ever asked for stays installed: the extras only grow.
install() {
    local extras copied=""
    extras=$(printf '%s\n' "$@" | sort -u | paste -sd, -)
    [[ -f $stamp ]] && [[ $(head -n 1 "$stamp") != *" $root" ]] && copied=yes
    if [[ -n $copied || -e $unfinished ]] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then create; fi
    : >"$unfinished"
    say "installing nnlab${extras:+ with $extras} into .venv (once; about a minute)"
    (
        cd "$root"
        "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
            --constraint scripts/constraints.txt --editable ".${extras:+[$extras]}"
    ) >&2 || die "pip failed: see its message above; check the connection to your package index, then run this again"
    printf '%s\n%s\n' "$(fingerprint)" "${extras//,/ }" >"$stamp"
    rm "$unfinished"
}

ensure_venv() {
    local have
    is_current "$@" && return
    lock
    # Another process may have finished the work while this one waited.
    # shellcheck disable=SC2086  # a list of words
    is_current "$@" || install $have "$@"
    unlock
}
