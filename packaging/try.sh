#!/bin/sh
# try.sh [--suite NAME] FOLDER: the Debian packages in FOLDER, installed in a minimal Debian of this
# host's release, or of that they were built for, used, and removed. Nothing but them is installed by hand. As root, on a Debian with debootstrap; takes
# two minutes and 1 GB in TMPDIR (/var/tmp), all of it removed at the end.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

top=$(readlink -f -- "$(dirname -- "$0")/..")
captures="000 001 002 003 004a 004b"

say() {
    printf '=== %s\n' "$*"
}

die() {
    printf 'try.sh: %s\n' "$*" >&2
    exit 1
}

# shellcheck source=scripts/chroot.sh
. "$top/scripts/chroot.sh"

suite=$host_suite
if [ "${1:-}" = --suite ] && [ $# -ge 2 ]; then
    suite=$2
    shift 2
fi
[ $# -eq 1 ] || die "which folder are the packages in?"
packages=$(readlink -f -- "$1")
[ -n "$(find "$packages" -maxdepth 1 -name '*.deb')" ] || die "$packages: no packages there"
why=$(chroot_missing)
[ -z "$why" ] || die "$why"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/handshark-packages.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
chmod 755 "$work"
system=$work/system

in_system() {
    chroot_enter "$system" sh -c "$1"
}

as_user() {
    chroot_enter "$system" su -s /bin/sh - tester -c "$1"
}

failed=
check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@"; then
        say "ok: $what"
    else
        say "FAILED: $what"
        failed=yes
    fi
}

# The states and labels of a founding capture, as its expectations have them.
comes_out_right() {
    cp "$top/test-captures/$1/capture.pcapng" "$system/tmp/capture.pcapng"
    as_user 'tshark -n -2 -r /tmp/capture.pcapng -T fields -e frame.number -e tcp_phase.phase \
        -e tcp_phase.client.state -e tcp_phase.server.state' >"$work/said" || return
    awk -F '\t' -v OFS='\t' '
        /^#/ { next }
        !names { for (i = 1; i <= NF; i++) at[$i] = i; names = 1; next }
        { print $at["frame"], $at["phase"], $at["client.state"], $at["server.state"] }
    ' "$top/test-captures/$1/expected.tsv" >"$work/expected"
    cmp -s "$work/said" "$work/expected"
}

lists_the_plugin() {
    as_user 'tshark -G plugins' | grep -q '^handshark.so'
}

has_the_profile() {
    as_user 'tshark -C "TCP Phases" -r /tmp/capture.pcapng' | grep -q ESTABLISHED
}

# Commands of the manual that need nothing else.
commands_work() {
    as_user 'handshark --version && handshark table /tmp/capture.pcapng &&
        handshark segments /tmp/capture.pcapng && handshark ladder --svg -o /tmp/x.svg /tmp/capture.pcapng &&
        handshark annotate /tmp/capture.pcapng /tmp/x.pcapng && capinfos /tmp/x.pcapng &&
        rm /tmp/x.svg /tmp/x.pcapng' >"$work/commands" 2>&1 || {
        cat "$work/commands"
        return 1
    }
}

# shellcheck disable=SC2016 # expanded by the inner shell
echo_pair_works() {
    as_user 'handshark-echo-server 127.0.0.1:2399 & server=$!
        for try in 1 2 3 4 5 6 7 8 9; do
            handshark-echo-client --count 100 127.0.0.1:2399 && break
            sleep 0.3
        done
        status=$?
        kill "$server"
        wait "$server"
        exit "$status"' >"$work/echo" 2>&1 || {
        cat "$work/echo"
        return 1
    }
}

manuals_are_there() {
    for page in handshark handshark-echo-server handshark-echo-client; do
        [ -e "$system/usr/share/man/man1/$page.1.gz" ] || return
    done
}

say "a minimal Debian $suite"
chroot_make "$suite" "$system"
# Minimal systems leave documents out; what a package brings is to be seen here.
rm -f "$system"/etc/dpkg/dpkg.cfg.d/*
in_system 'useradd --create-home tester && apt-get -q update' >/dev/null 2>&1
in_system 'DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install tshark' \
    >"$work/log" 2>&1 || die "tshark cannot be installed: $(tail -n 3 "$work/log")"
find "$system" -xdev -path "$system/var" -prune -o -path "$system/home" -prune -o \
    -path "$system/tmp" -prune -o -print | sort >"$work/before"
mkdir "$system/tmp/packages"
cp "$packages"/*.deb "$system/tmp/packages/"
check "both packages can be installed" in_system \
    'DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
        /tmp/packages/*.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }'
check "tshark lists the plugin" lists_the_plugin
for capture in $captures; do
    check "capture $capture comes out right" comes_out_right "$capture"
done
check "the profile is found" has_the_profile
check "handshark works" commands_work
check "the echo pair works" echo_pair_works
check "man pages are there" manuals_are_there
check "both packages can be removed" in_system \
    'DEBIAN_FRONTEND=noninteractive apt-get -q -y purge handshark-wireshark handshark-tools \
        >/tmp/log 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get -q -y autoremove --purge >>/tmp/log 2>&1 ||
        { cat /tmp/log; exit 1; }'
find "$system" -xdev -path "$system/var" -prune -o -path "$system/home" -prune -o \
    -path "$system/tmp" -prune -o -print | sort >"$work/after"
nothing_left() {
    ! comm -13 "$work/before" "$work/after" | grep -E 'handshark|TCP Phases'
}
check "nothing of them is left" nothing_left
[ -z "$failed" ]
