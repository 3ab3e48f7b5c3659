#!/bin/sh
# run-in-chroot.sh [--suite NAME] [root] [user]: what somebody meets who clones the project on a
# fresh Debian.
#
# Makes a minimal Debian (this host's release, or another) in a folder, with git and ca-certificates,
# clones the last commit into it, and types `./dev run` and `./dev test` there: as root, and as a
# user with sudo. Each of the two gets a system of its own. Run by hand, as root, on a Debian with
# debootstrap; takes a few minutes and 3 GB in TMPDIR (/var/tmp), all of it removed at the end.
# Where packages come from is taken from this host's apt.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

top=$(readlink -f -- "$(dirname -- "$0")/../..")
host_suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
suite=$host_suite
if [ "${1:-}" = --suite ]; then
    suite=$2
    shift 2
fi
[ $# -gt 0 ] || set -- root user

say() {
    printf '=== %s\n' "$*"
}

die() {
    printf 'run-in-chroot.sh: %s\n' "$*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || die "must be run as root"
for needed in debootstrap unshare git; do
    command -v "$needed" >/dev/null || die "$needed is missing"
done

work=$(mktemp -d "${TMPDIR:-/var/tmp}/handshark-fresh.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
chmod 755 "$work" # the user's home is below it

# enter FOLDER COMMAND...: in a chroot whose mounts and processes end with the command.
enter() {
    root=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --pid --fork --kill-child sh -c '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' sh "$root" "$@" </dev/null
}

# Debian's own package sources among those of this host, one line each, for the release wanted.
host_sources() {
    # shellcheck disable=SC2016 # the variables are apt's
    apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' |
        sed -n "s/^Debian deb /deb /; T; s/ $host_suite/ $suite/; p" | sort -u
}

make_system() {
    host_sources >"$work/sources.list"
    mirror=$(awk -v suite="$suite" '$3 == suite { print $2; exit }' "$work/sources.list")
    [ -n "$mirror" ] || die "apt knows no source of Debian $suite: has apt-get update been run?"
    say "a minimal Debian $suite"
    debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$work/base" "$mirror" \
        >"$work/debootstrap.log" 2>&1 || {
        tail -n 20 "$work/debootstrap.log" >&2
        die "debootstrap failed"
    }
    cp "$work/sources.list" "$work/base/etc/apt/sources.list"
    cp /usr/share/keyrings/debian-archive-*.gpg "$work/base/usr/share/keyrings/"
    # How to reach them: proxies, and what a mirror of a past day needs.
    apt-config dump Acquire | grep -E '^Acquire::(http|https|Check-|Retries|Languages)' \
        >"$work/base/etc/apt/apt.conf.d/00host" || :
}

# try_as root|user: in a system of its own.
try_as() {
    system=$work/$1
    cp -a "$work/base" "$system"
    git -C "$top" bundle create "$system/tmp/handshark.bundle" HEAD >/dev/null 2>&1
    if [ "$1" = root ]; then
        set -- root sh -c
    else
        enter "$system" apt-get -q update >/dev/null
        enter "$system" env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install sudo >/dev/null 2>&1
        enter "$system" useradd --create-home --shell /bin/sh tester
        echo 'tester ALL=(ALL) NOPASSWD: ALL' >"$system/etc/sudoers.d/tester"
        set -- user su - tester -c
    fi
    as=$1
    shift
    # su - leaves for the user's home; env -i has root in /.
    enter "$system" "$@" 'cd && git clone -q /tmp/handshark.bundle handshark'
    for command in run test; do
        say "as $as: ./dev $command"
        began=$(date +%s)
        if enter "$system" "$@" "cd && cd handshark && ./dev $command"; then
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
make_system
for who; do
    case $who in
    root | user) try_as "$who" ;;
    *) die "root or user, not $who" ;;
    esac
done
say "outcome:$result"
[ -z "$failed" ]
