#!/bin/sh
# matrix.sh [--golden] [--folder FOLDER] [SUITE...]: builds and tests with the Wireshark of other
# Debian releases: by default bookworm (4.0), trixie (4.4) and sid (4.6).
#
# Each release is a minimal system in FOLDER (build/matrix), made with debootstrap the first time and
# kept. The working tree is copied into it; there `./dev setup` installs what is missing, and an
# ordinary user builds and runs the tests: unit, golden, statistics, sharkd, and the real window where
# the release is listed for it. --golden: only the golden tests. A table of what was met, and the tests'
# outcome, ends the run and is kept in FOLDER/matrix.tsv. Exit status: 0 all passed, 1 not. --golden,
# which is a test, exits with 77 where no such system can be made.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
set -u

top=$(readlink -f -- "$(dirname -- "$0")/../..")
gui_suites="bookworm sid"
tests='^(unit|golden|statistics|ladder|language|cli|fecho|gui[.]sharkd)'
folder=$top/build/matrix
golden=

say() {
    printf 'matrix: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

wrong_use() {
    say "$*"
    say "usage: matrix [--golden] [--folder FOLDER] [SUITE...]"
    exit 2
}

# shellcheck source=scripts/chroot.sh
. "$top/scripts/chroot.sh"

while [ $# -gt 0 ]; do
    case $1 in
    --golden)
        golden=yes
        # All captures merged is all that the tests of one each compare.
        tests='^golden[.](merged|filters|preferences|00)'
        ;;
    --folder)
        [ $# -ge 2 ] || wrong_use "--folder: which?"
        folder=$2
        shift
        ;;
    -*) wrong_use "$1: no such option" ;;
    *) break ;;
    esac
    shift
done
[ $# -gt 0 ] || set -- bookworm trixie sid

why=$(chroot_missing)
[ -z "$why" ] || {
    say "$why"
    exit "$([ "$golden" ] && echo 77 || echo 1)"
}

# in_system COMMAND: as root in the system of $suite.
in_system() {
    chroot_enter "$system" sh -c "$1"
}

as_builder() {
    chroot_enter "$system" su -s /bin/sh - builder -c "cd handshark && $1"
}

# Makes the system where there is none; a half-made one is none.
make_system() {
    [ -e "$system.ready" ] && return
    say "making a minimal Debian $suite"
    rm -rf --one-file-system "$system"
    mkdir -p "$folder" && chroot_make "$suite" "$system" || return
    in_system 'useradd --create-home --uid 1000 builder' && touch "$system.ready"
}

# The files that git knows or would add, in place of those of the run before; what was built stays.
copy_tree() {
    tree=$system/home/builder/handshark
    mkdir -p "$tree" &&
        find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + &&
        (cd "$top" && git -c safe.directory="$top" ls-files -z -co --exclude-standard |
            tar --null --ignore-failed-read -T - -cf -) | tar -C "$tree" -xf - &&
        in_system 'chown -R builder:builder /home/builder/handshark'
}

# What is met there: Debian, Wireshark, CMake, the compiler.
versions() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    in_system 'printf "%s\t%s\t%s\t%s\n" "$(cat /etc/debian_version)" \
        "$(dpkg-query -W -f "\${Version}" tshark)" "$(cmake --version | sed -n "1s/.* //p")" \
        "$(gcc -dumpfullversion)"'
}

# try_suite: sets $outcome.
try_suite() {
    groups="base python"
    [ "$golden" ] || groups="base test"
    case " $gui_suites " in
    *" $suite "*) [ "$golden" ] || {
        groups="$groups gui"
        selected="$tests|^gui"
    } ;;
    esac
    make_system || return 77
    copy_tree || return 1
    say "$suite: packages"
    in_system "cd /home/builder/handshark && ./dev setup $groups" >"$system.setup" 2>&1 || {
        tail -n 20 "$system.setup" >&2
        outcome="no packages"
        return 77
    }
    say "$suite: building and testing"
    as_builder "./dev build && ctest --test-dir build/release --output-on-failure --no-tests=error \
        -j ${CTEST_PARALLEL_LEVEL:-2} --repeat until-pass:2 -R '${selected:-$tests}' -E valgrind" \
        >"$system.log" 2>&1
    status=$?
    outcome=$(sed -n 's/^\([0-9]*% tests passed.*\)/\1/p' "$system.log")
    [ "$outcome" ] || outcome="not built"
    [ "$status" -eq 0 ] || tail -n 40 "$system.log" >&2
    return "$status"
}

mkdir -p "$folder" || exit 1
table=$folder/matrix.tsv
printf 'suite\tDebian\tWireshark\tCMake\tgcc\tseconds\tMiB\toutcome\n' >"$table"
failed=
missing=
for suite; do
    system=$folder/$suite
    rm -f "$system.outcome"
    outcome="no system"
    selected=
    began=$(date +%s)
    # In a shell of its own: what dies there must not end the table.
    (
        try_suite
        status=$?
        echo "$outcome" >"$system.outcome"
        exit "$status"
    )
    case $? in
    0) ;;
    77) missing=yes ;;
    *) failed=yes ;;
    esac
    outcome=$(cat "$system.outcome" 2>/dev/null || echo "no system")
    printf '%s\t%s\t%s\t%s\t%s\n' "$suite" "$(versions 2>/dev/null || printf -- '-\t-\t-\t-')" \
        "$(($(date +%s) - began))" "$(du -sm "$system" 2>/dev/null | cut -f 1)" "$outcome" >>"$table"
done
cat "$table"
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || exit "$([ "$golden" ] && echo 77 || echo 1)"
