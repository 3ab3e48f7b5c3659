# chroot.sh: minimal Debian systems in folders, for tests that need a Debian of their own. Sourced;
# uses say() and die() of the script that sources it. Needs root, debootstrap and unshare.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh

host_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# Why no system can be made here; nothing where one can.
chroot_missing() {
    [ "$(id -u)" -eq 0 ] || {
        echo "must be run as root"
        return
    }
    for needed in debootstrap unshare apt-get; do
        command -v "$needed" >/dev/null || {
            echo "$needed is missing"
            return
        }
    done
    unshare --mount --pid --fork --kill-child true 2>/dev/null || echo "may not make namespaces"
}

# chroot_enter FOLDER COMMAND...: in a system whose mounts and processes end with the command.
chroot_enter() {
    root=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --pid --fork --kill-child sh -c '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm" 2>/dev/null ||
            { mkdir -p "$root/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"; }
        exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' sh "$root" "$@" </dev/null
}

# chroot_sources SUITE: Debian's own package sources among those of this host, one line each, for
# that release. Unstable has no updates besides itself.
chroot_sources() {
    # shellcheck disable=SC2016 # the variables are apt's
    apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' |
        sed -n "s/^Debian deb /deb /; T; s/ $host_suite/ $1/; p" |
        grep -v -E ' (sid|unstable)-' | sort -u
}

# chroot_make SUITE FOLDER: makes the system, with the further arguments as packages in it.
chroot_make() {
    suite=$1
    folder=$2
    shift 2
    mirror=$(chroot_sources "$suite" | awk -v suite="$suite" '$3 == suite { print $2; exit }')
    [ -n "$mirror" ] || die "apt knows no source of Debian $suite: has apt-get update been run?"
    include=$(printf '%s,' ca-certificates "$@")
    debootstrap --variant=minbase --include="${include%,}" "$suite" "$folder" "$mirror" \
        >"$folder.log" 2>&1 || {
        tail -n 20 "$folder.log" >&2
        die "debootstrap of $suite failed"
    }
    rm -f "$folder.log"
    chroot_sources "$suite" >"$folder/etc/apt/sources.list"
    cp /usr/share/keyrings/debian-archive-*.gpg "$folder/usr/share/keyrings/"
    # How to reach them: proxies, and what a mirror of a past day needs.
    apt-config dump Acquire | grep -E '^Acquire::(http|https|Check-|Retries|Languages)' \
        >"$folder/etc/apt/apt.conf.d/00host" || :
}
