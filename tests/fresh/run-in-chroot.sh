#!/bin/sh
# run-in-chroot.sh [--suite NAME] [--run] [root] [user]: what somebody meets who clones the project on a
# fresh Debian.
#
# Makes a minimal Debian (this host's release, or another) in a folder, with git and ca-certificates,
# clones the last commit into it, and types `./dev run` and `./dev test` there (--run: the first alone):
# as root, and as a user with sudo. Each of the two gets a system of its own. Run by hand, as root, on a Debian with
# debootstrap; takes a few minutes and 3 GB in TMPDIR (/var/tmp), all of it removed at the end.
# Where packages come from is taken from this host's apt.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

top=$(readlink -f -- "$(dirname -- "$0")/../..")

say() {
    printf '=== %s\n' "$*"
}

die() {
    printf 'run-in-chroot.sh: %s\n' "$*" >&2
    exit 1
}

# shellcheck source=scripts/chroot.sh
. "$top/scripts/chroot.sh"

suite=$host_suite
if [ "${1:-}" = --suite ]; then
    suite=$2
    shift 2
fi
commands="run test"
if [ "${1:-}" = --run ]; then
    commands=run
    shift
fi
[ $# -gt 0 ] || set -- root user

why=$(chroot_missing)
[ -z "$why" ] || die "$why"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/handshark-fresh.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
chmod 755 "$work" # the user's home is below it

# try_as root|user: in a system of its own.
try_as() {
    system=$work/$1
    cp -a "$work/base" "$system"
    git -C "$top" bundle create "$system/tmp/handshark.bundle" HEAD >/dev/null 2>&1
    if [ "$1" = root ]; then
        set -- root sh -c
    else
        chroot_enter "$system" apt-get -q update >/dev/null
        chroot_enter "$system" env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install sudo >/dev/null 2>&1
        chroot_enter "$system" useradd --create-home --shell /bin/sh tester
        echo 'tester ALL=(ALL) NOPASSWD: ALL' >"$system/etc/sudoers.d/tester"
        set -- user su - tester -c
    fi
    as=$1
    shift
    # su - leaves for the user's home; env -i has root in /.
    chroot_enter "$system" "$@" 'cd && git clone -q /tmp/handshark.bundle handshark'
    for command in $commands; do
        say "as $as: ./dev $command"
        began=$(date +%s)
        if chroot_enter "$system" "$@" "cd && cd handshark && ./dev $command"; then
            result="$result
as $as: ./dev $command passed in $(($(date +%s) - began)) s"
        else
            result="$result
as $as: ./dev $command FAILED"
            failed=yes
        fi
    done
    left=$(find "$system/tmp" -mindepth 1 ! -name handshark.bundle)
    [ -z "$left" ] || {
        result="$result
as $as: left behind: $left"
        failed=yes
    }
    rm -rf --one-file-system "$system"
}

result=
failed=
say "a minimal Debian $suite"
chroot_make "$suite" "$work/base" git
for who; do
    case $who in
    root | user) try_as "$who" ;;
    *) die "root or user, not $who" ;;
    esac
done
say "outcome:$result"
[ -z "$failed" ]
