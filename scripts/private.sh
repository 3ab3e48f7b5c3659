# private.sh: runs the installed tshark or Wireshark with the plugin just built, on a configuration
# folder that is made for this one run. Sourced by ../dev, whose $build, say() and die() it uses.
#
# As root, Wireshark takes no plugins from a build folder, and has no need of root to read a
# capture: it is run as an ordinary user. Files that this user cannot read are copied for it to the
# private folder; files that it is told to write are written there and copied to where they belong.
# Which arguments name files is known from the programs' options.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # $build and $preset are ../dev's

unprivileged_id=65534

private=       # the folder of this run
plugins_ready= # the plugins are in it
staged_count=0 # how many names were replaced
staged=        # what the last argument looked at has become
awaited=       # what the next argument is, where an option before it says so

as_unprivileged() {
    setpriv --reuid "$unprivileged_id" --regid "$unprivileged_id" --clear-groups -- "$@"
}

make_private_folder() {
    [ -z "$private" ] || return 0
    trap 'rm -rf "${private:-/nonexistent}"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    private=$(mktemp -d "${TMPDIR:-/tmp}/handshark.XXXXXX") || exit 1
    if is_root; then
        command -v setpriv >/dev/null ||
            die "as root, setpriv is needed to run Wireshark as an ordinary user (package util-linux)"
        as_unprivileged true || die "cannot become user $unprivileged_id to run Wireshark"
        if ! as_unprivileged test -x "${TMPDIR:-/tmp}"; then
            rmdir "$private"
            private=$(mktemp -d /tmp/handshark.XXXXXX) || exit 1
        fi
    elif [ "$(id -g)" -eq 0 ]; then
        say "your group is root's: Wireshark takes no plugins from a build folder then"
    fi
    mkdir "$private/home" "$private/config" "$private/cache" "$private/tmp" "$private/run" \
        "$private/in" "$private/out" || exit 1
    chmod 700 "$private/run"
    ! is_root || chown -R "$unprivileged_id:$unprivileged_id" "$private" || exit 1
    mkdir "$private/nowhere" && chmod 555 "$private/nowhere" || exit 1
}

# Our plugin, and beside it those that came with Wireshark, which WIRESHARK_PLUGIN_DIR would hide.
# Ours is copied: the build may lie where the unprivileged user cannot go. So is our profile, which the
# programs may write to.
gather_plugins() {
    [ -z "$plugins_ready" ] || return 0
    installed=$(readlink -f "$build/installed-plugins")
    for ours in "$build"/plugins/*/epan/handshark.so; do
        folder=${ours%/epan/handshark.so}
        folder=$private/plugins/${folder##*/}
        mkdir -p "$folder/epan" || exit 1
        for plugin in "$installed"/*/*.so; do
            kind=${plugin%/*}
            kind=$folder/${kind##*/}
            mkdir -p "$kind" && ln -s "$plugin" "$kind/" || exit 1
        done
        cp --remove-destination "$ours" "$folder/epan/" || exit 1
    done
    chmod -R a+rX "$private/plugins" || exit 1
    if [ -d "$build/profiles" ]; then
        mkdir -p "$private/config/wireshark" &&
            cp -R "$build/profiles" "$private/config/wireshark/" || exit 1
        ! is_root || chown -R "$unprivileged_id:$unprivileged_id" "$private/config" || exit 1
    fi
    plugins_ready=yes
}

# Files for the unprivileged user ------------------------------------------------------------------

# stage_input FILE: sets $staged to a name under which the unprivileged user can read it. A file that
# does not exist gets a name that does not exist either, for the program to complain about.
stage_input() {
    staged=$1
    case $1 in
    - | '') return ;;
    esac
    ! as_unprivileged test -r "$1" || return 0
    new_stage in "$1"
    if [ -d "$1" ]; then
        mkdir "$staged"
    elif [ -e "$1" ]; then
        cat -- "$1" >"$staged" || die "cannot read $1"
    else
        return 0
    fi
    chmod a+rX "$staged"
}

# stage_output FILE: sets $staged to a name under which the unprivileged user can write it.
stage_output() {
    staged=$1
    case $1 in
    - | '') return ;;
    /dev/stdout | /dev/fd/1) staged=- ;;
    *)
        # A device or a pipe is written to directly.
        [ ! -e "$1" ] || [ -f "$1" ] || [ -d "$1" ] || return 0
        new_stage out "$1"
        eval "output_$staged_count=\$1"
        case $1 in
        */*) [ -d "${1%/*}/" ] || rmdir "${staged%/*}" ;; # for the program to complain about
        esac
        ;;
    esac
}

# new_stage in|out NAME: sets $staged to a new name with the same last part, and notes how to turn
# one into the other in what the program says.
new_stage() {
    staged_count=$((staged_count + 1))
    stage=$private/$1/$staged_count
    mkdir "$stage" && chown "$unprivileged_id:$unprivileged_id" "$stage" || exit 1
    staged=$stage/${2##*/}
    case $2 in
    */*) folder=${2%/*}/ ;;
    *) folder= ;;
    esac
    printf 's|%s/|%s|g\n' "$stage" "$(printf '%s' "$folder" | sed 's/[&|\\]/\\&/g')" \
        >>"$private/names.sed"
}

# Copies what the program wrote to where it belongs; fails where that cannot be done.
deliver_outputs() {
    delivered=0
    for stage in "$private"/out/*/; do
        [ -d "$stage" ] || continue
        number=${stage%/}
        number=${number##*/}
        eval "target=\${output_$number}"
        for written in "$stage"*; do
            [ -e "$written" ] || continue
            [ ! -h "$written" ] || continue # a link would have us read another file, as root
            # More than one: the files of a ring buffer, beside the name that was given.
            [ "${written##*/}" = "${target##*/}" ] || case $target in
            */*) target=${target%/*}/${written##*/} ;;
            *) target=${written##*/} ;;
            esac
            if [ -d "$written" ]; then
                mkdir -p -- "$target" || delivered=1
                for file in "$written"/*; do
                    [ ! -f "$file" ] || cat "$file" >"$target/${file##*/}" || delivered=1
                done
            else
                cat "$written" >"$target" || delivered=1
            fi
        done
        rm -rf "$stage"
    done
    return "$delivered"
}

# stage_argument PROGRAM ARG: sets $staged to what the argument becomes.
stage_argument() {
    staged=$2
    case $awaited in
    '') stage_option "$1" "$2" ;;
    operands) stage_operand "$1" "$2" ;;
    *)
        stage_value "$awaited" "$2"
        awaited=
        ;;
    esac
}

stage_operand() {
    # tshark's are filters. A name with nothing behind it may belong to an option not known here.
    [ "$1" != wireshark ] || [ ! -e "$2" ] || stage_input "$2"
}

# stage_value KIND VALUE: the value of an option.
stage_value() {
    case $1 in
    input) stage_input "$2" ;;
    output) stage_output "$2" ;;
    preference) # NAME:VALUE, where VALUE may be a file
        staged=$2
        case $2 in
        *:*) [ ! -f "${2#*:}" ] || {
            stage_input "${2#*:}"
            staged=${2%%:*}:$staged
        } ;;
        esac
        ;;
    objects) # PROTOCOL,FOLDER
        stage_output "${2#*,}"
        staged=${2%%,*},$staged
        ;;
    statistic) # those of ours that write a file, named before an optional filter
        staged=$2
        case $2 in
        tcp_phase,jsonl,?*) what=tcp_phase,jsonl, ;;
        tcp_phase,comments,?*) what=tcp_phase,comments, ;;
        tcp_phase,part,?*,?*,?*) # one that it reads, and one that it writes
            what=${2#tcp_phase,part,}
            file=${what%%,*}
            what=${what#"$file"}
            what=${what%,*}, # ,NUMBER,
            stage_input "$(printf '%s' "$file" | perl -pe 's/%([[:xdigit:]]{2})/chr hex $1/ge')"
            what=tcp_phase,part,$staged$what
            stage_output "${2##*,}"
            staged=$what$staged
            return 0
            ;;
        tcp_phase,ladder,*,?*)
            what=${2#tcp_phase,ladder,}
            what=tcp_phase,ladder,${what%%,*},
            ;;
        *) return 0 ;;
        esac
        filter=${2#"$what"}
        file=${filter%%,*}
        filter=${filter#"$file"}
        stage_output "$file"
        staged=$what$staged$filter
        ;;
    *) staged=$2 ;;
    esac
}

# stage_option PROGRAM ARG: an option, with or without its value, or an operand.
stage_option() {
    case $2 in
    --) awaited=operands ;;
    --?*=*)
        long_option_kind "${2%%=*}"
        stage_value "$awaited" "${2#*=}"
        staged=${2%%=*}=$staged
        awaited=
        ;;
    --?*) long_option_kind "$2" ;;
    -?*) stage_short_options "$1" "${2#-}" ;;
    *) stage_operand "$1" "$2" ;;
    esac
}

# Sets $awaited to the kind of value that the option takes, empty for none.
long_option_kind() {
    case $1 in
    --read-file) awaited=input ;;
    --export-tls-session-keys | --log-file) awaited=output ;;
    --export-objects) awaited=objects ;;
    --interface | --snapshot-length | --buffer-size | --linktype | --time-stamp-type | --autostop | \
        --ring-buffer | --display-filter | --enable-* | --disable-* | --capture-comment | \
        --hexdump | --elastic-mapping-filter | --temp-dir | --log-level | --log-fatal | \
        --log-domains | --log-debug | --log-noisy | --display)
        awaited=plain
        ;;
    *) awaited= ;;
    esac
}

# stage_short_options PROGRAM LETTERS: letters without a value may stand before one with a value,
# which follows in the same argument or in the next.
stage_short_options() {
    case $1 in
    tshark) flags=2DILPQVghlnpqvx ;;
    *) flags=DHILShjklnpv ;;
    esac
    rest=$2
    while [ -n "$rest" ]; do
        letter=${rest%"${rest#?}"}
        rest=${rest#?}
        case $flags in
        *"$letter"*) continue ;;
        esac
        case $1$letter in
        *r | *K | tsharkH) kind=input ;;
        *w) kind=output ;;
        *o | *X) kind=preference ;;
        *z) kind=statistic ;;
        *) kind=plain ;;
        esac
        if [ -z "$rest" ]; then
            awaited=$kind
        else
            letters=${2%"$rest"}
            stage_value "$kind" "$rest"
            staged=-$letters$staged
        fi
        return
    done
}

# Running ------------------------------------------------------------------------------------------

# The program in PATH, our own shims left out.
find_program() {
    (
        IFS=:
        for folder in $PATH; do
            if [ "$folder" != "$build/shims" ] && [ -x "$folder/$1" ] && [ -f "$folder/$1" ]; then
                printf '%s\n' "$folder/$1"
                exit 0
            fi
        done
        exit 1
    )
}

# Runs the program, as the unprivileged user if we are root, and returns its exit code.
# A signal sent to us is passed on.
supervise() {
    [ -e "$private/names.sed" ] || : >"$private/names.sed"
    exec 3<&0
    if [ -s "$private/names.sed" ]; then
        [ -e "$private/messages" ] || mkfifo "$private/messages" || exit 1
        sed -u -f "$private/names.sed" <"$private/messages" >&2 3<&- &
        messages=$!
        "$@" <&3 2>"$private/messages" 3<&- &
    else
        messages=
        "$@" <&3 3<&- &
    fi
    child=$!
    exec 3<&-
    trap 'kill -HUP "$child" 2>/dev/null' HUP
    trap 'kill -INT "$child" 2>/dev/null' INT
    trap 'kill -TERM "$child" 2>/dev/null' TERM
    while :; do
        wait "$child"
        status=$?
        kill -0 "$child" 2>/dev/null || break
    done
    [ -z "$messages" ] || wait "$messages"
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    return "$status"
}

# run_private PROGRAM ARG...: returns the program's exit code, or 1 where a file that it wrote could
# not be put in its place.
run_private() {
    name=$1
    shift
    program=$(find_program "$name") || die "$name is not installed"
    make_private_folder
    gather_plugins

    awaited=
    elsewhere=
    if is_root; then
        remaining=$#
        while [ "$remaining" -gt 0 ]; do
            stage_argument "$name" "$1"
            shift
            set -- "$@" "$staged"
            remaining=$((remaining - 1))
        done
        set -- setpriv --reuid "$unprivileged_id" --regid "$unprivileged_id" --clear-groups -- \
            "$program" "$@"
        set -- TMPDIR="$private/tmp" XDG_RUNTIME_DIR="$private/run" "$@"
        # Where the unprivileged user may not be, Wireshark complains of files it only tries for.
        as_unprivileged test -x . || elsewhere=yes
    else
        set -- "$program" "$@"
    fi
    if [ "$name" = wireshark ]; then
        # The window system's key lies in the real home folder.
        staged=${XAUTHORITY:-${HOME:-}/.Xauthority}
        if is_root && [ -e "$staged" ]; then
            stage_input "$staged"
        fi
        set -- XAUTHORITY="$staged" "$@"
    fi
    if [ "$preset" = asan ]; then
        # The sanitizer wants to be loaded first. Wireshark itself leaks a little, and its helper
        # programs for capturing hang when they are loaded so.
        set -- WIRESHARK_EXTCAP_DIR="$private/nowhere" \
            LD_PRELOAD="$(gcc -print-file-name=libasan.so)" \
            ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}" "$@"
    fi
    # A shell starts background processes with these signals ignored: undo that.
    supervise env --default-signal=INT,QUIT ${elsewhere:+"--chdir=$private/nowhere"} \
        HOME="$private/home" \
        XDG_CONFIG_HOME="$private/config" \
        XDG_CACHE_HOME="$private/cache" \
        WIRESHARK_CONFIG_DIR="$private/config/wireshark" \
        WIRESHARK_PLUGIN_DIR="$private/plugins" \
        "$@"
    exit_code=$?
    deliver_outputs || [ "$exit_code" -ne 0 ] || exit_code=1
    return "$exit_code"
}
