#!/bin/sh
# test_dev.sh DEV: what ./dev promises to those who type it. Run by root it also tries what only
# root can: captures that nobody else may read.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
set -u
LC_ALL=C.UTF-8 # the plugin speaks the environment's language
export LC_ALL

dev=$(readlink -f -- "$1")
top=$(dirname -- "$dev")
capture=$top/test-captures/000/capture.pcapng
frames=10 # in that capture
failures=0

umask 077
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/tmp" # what ./dev leaves behind would be here
[ "$(id -u)" -ne 0 ] || chmod 711 "$work" && chmod 1777 "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR

# try ARG...: runs ./dev, sets $status, fills the files out and err.
try() {
    "$dev" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# expect WHAT COMMAND...: counts a failure unless the command succeeds.
expect() {
    what=$1
    shift
    if ! "$@"; then
        failures=$((failures + 1))
        printf 'FAILED: %s\n' "$what"
        printf -- '--- status %s, standard output and standard error:\n' "$status"
        head -n 20 "$work/out" "$work/err"
    fi
}

status_is() {
    [ "$status" -eq "$1" ]
}

says() { # FILE TEXT
    grep -qF -- "$2" "$work/$1"
}

is_silent() {
    [ ! -s "$work/$1" ]
}

lines_are() {
    [ "$(wc -l <"$work/out")" -eq "$1" ]
}

# Wrong use
try
expect "no command is wrong use" status_is 2
try frobnicate
expect "an unknown command is wrong use" status_is 2
expect "an unknown command is named" says err frobnicate
expect "an unknown command says nothing on standard output" is_silent out
try setup frobnicate
expect "an unknown group is wrong use" status_is 2
try exec
expect "exec without a program is wrong use" status_is 2
try exec no-such-program
expect "exec of an unknown program is wrong use" status_is 2
try coverage frobnicate
expect "coverage of something else is wrong use" status_is 2
try bench --engine --segments 1
expect "a bench of too few segments is wrong use" status_is 2
try bench --engine --segments 600 --rounds 1
expect "the engine's speed is measured" status_is 0
expect "the engine's speed is told for a flood" says out flood
try bench --echo --parts frobnicate
expect "a part of the echo pair's cost that there is not is wrong use" status_is 2
try bench --echo --parts calls --write
expect "a document of one part is not written" status_is 1
expect "the parts that it lacks are named" says err "processor, memory"
try help
expect "help succeeds" status_is 0
expect "help lists the commands" says out "run [CAPTURE...]"

# Nothing to do
try setup base
expect "setup succeeds where nothing is missing" status_is 0
expect "setup says that nothing is missing" says err "nothing is missing"
try build
expect "build has nothing to do" status_is 0
expect "build is quiet then" is_silent err

# tshark
try tshark -r "$capture"
expect "tshark reads a capture" status_is 0
expect "tshark's own output and nothing else" lines_are "$frames"
expect "tshark has nothing to complain about" is_silent err
"$dev" tshark -r "$capture" >"$work/out" 2>"$work/err" <&-
expect "tshark needs no standard input" lines_are "$frames"
try tshark -r "$capture" -Y tcp_phase -T fields -e frame.number
expect "the plugin labels every segment" lines_are "$frames"
tshark -r "$capture" -Y 'no such filter' >"$work/out" 2>&1 # what that is differs between versions
bad_filter=$?
try tshark -r "$capture" -Y 'no such filter'
expect "tshark's exit code is kept" status_is "$bad_filter"
try tshark -r "$work/missing.pcap"
expect "a missing file is tshark's to complain about" says err "$work/missing.pcap"
expect "a missing file is a failure" [ "$status" -ne 0 ]

mkdir -p "$work/home/.config/wireshark"
echo 'gui.column.format: "Mine", "%m"' >"$work/home/.config/wireshark/preferences"
chmod -R a+rX "$work/home"
find "$work/home" -exec stat -c '%n %Y' {} + >"$work/before"
HOME=$work/home "$dev" tshark -r "$capture" >"$work/out" 2>"$work/err"
expect "the user's configuration is not read" says out "[SYN]"
find "$work/home" -exec stat -c '%n %Y' {} + >"$work/after"
expect "the user's configuration is not written" cmp "$work/before" "$work/after"

# Files that only their owner may read, in a folder that only he may enter
mkdir "$work/mine"
cp "$capture" "$work/mine/a b&c.pcapng"
for reading in "-r" "-2nr"; do
    try tshark "$reading" "$work/mine/a b&c.pcapng"
    expect "tshark $reading reads a private capture" lines_are "$frames"
done
try tshark "-nr$work/mine/a b&c.pcapng"
expect "tshark reads a private capture named in the option" lines_are "$frames"
"$dev" tshark -r - <"$work/mine/a b&c.pcapng" >"$work/out" 2>"$work/err"
expect "tshark reads standard input" lines_are "$frames"
head -c 500 "$capture" >"$work/mine/cut.pcapng"
try tshark -r "$work/mine/cut.pcapng"
expect "messages name the file as it was given" says err "\"$work/mine/cut.pcapng\""
try tshark -r "$capture" -Y tcp.flags.syn==1 -w "$work/mine/out.pcapng"
expect "tshark writes to a private folder" status_is 0
expect "what is written belongs to the caller" [ -O "$work/mine/out.pcapng" ]
try tshark -r "$work/mine/out.pcapng"
expect "what is written is right" lines_are 2
try tshark -r "$capture" -w "$work/nowhere/out.pcapng"
expect "a folder that does not exist is an error" [ "$status" -ne 0 ]
"$dev" tshark -r "$capture" -w - 2>"$work/err" | "$dev" tshark -r - >"$work/out" 2>>"$work/err"
expect "tshark writes to a pipe" lines_are "$frames"
cd "$work/mine" || exit 1
try tshark -r "a b&c.pcapng" -w out2.pcapng
expect "relative names are those of the caller's folder" [ -s "$work/mine/out2.pcapng" ]
expect "no complaints from a folder that others may not enter" is_silent err
cd / || exit 1

# run
try run --live one two
expect "run --live of two files is wrong use" status_is 2
try run --live "$work/tmp/live.pcapng"
if says err "may not capture"; then
    expect "run --live fails where nobody may capture" status_is 1
else
    expect "run --live agrees with the kernel" status_is 0
    expect "run --live shows its capture" says out "$work/tmp/live.pcapng"
    expect "run --live shows states" says out TIME_WAIT
fi
rm -f "$work/tmp/live.pcapng"
try run
expect "run annotates our captures" status_is 0
expect "run shows the first" says out "000/capture.pcapng"
expect "run shows the second" says out "004b/capture.pcapng"
expect "run shows states" says out "ESTABLISHED"
expect "run tells how to go on in Wireshark" says out " wireshark "
too_wide() {
    LC_ALL=C.UTF-8 grep -E '^.{101}' "$work/out" | grep -qvF "$dev"
}
expect "no line has more than 100 columns" eval '! too_wide'
escapes() {
    grep -q "$(printf '\033')" "$work/out"
}
expect "no colour but on a terminal" eval '! escapes'
LC_ALL=zh_CN.UTF-8 "$dev" run "$capture" >"$work/out" 2>"$work/err"
expect "run speaks the environment's language" says out "第一次握手：SYN"
first_line_has() {
    grep -q "^Summary.*$1" "$work/out"
}
expect "run breaks a Chinese summary into lines" eval '! first_line_has TIME_WAIT'
tr -d ' \n' <"$work/out" >"$work/unbroken"
expect "run leaves nothing of a Chinese summary out" says unbroken "客户端处于TIME_WAIT"
: >"$work/mine/empty.pcap"
echo 'this is no capture, but a line of text' >"$work/mine/text.pcap"
for bad in missing.pcap empty.pcap text.pcap cut.pcapng .; do
    try run "$work/mine/$bad" "$capture"
    expect "run of $bad fails" status_is 1
    expect "run of $bad names it" says err "$work/mine/$bad"
    expect "run of $bad shows the other capture all the same" says out "000/capture.pcapng"
done
try run "$work/mine/cut.pcapng"
expect "run shows what could be read of a capture cut short" says out "cut.pcapng"

# A folder that is closed to others, with a name that is no URI: by one tshark, and in parts.
results="$work/closed, 100%"
mkdir -m 700 "$results"
try exec handshark batch -o "$results/whole" "$capture"
expect "batch into a closed folder" status_is 0
try exec handshark batch --shards=2 --shards-over=0 -o "$results/parts" "$capture"
expect "batch in parts into a closed folder" status_is 0
expect "both give the same" diff -r "$results/whole/conversations" "$results/parts/conversations"

# Ends
mkfifo "$work/pipe"
"$dev" tshark -r - <"$work/pipe" >"$work/out" 2>"$work/err" &
running=$!
exec 9>"$work/pipe" # opened once tshark's side has been
tries=0
until [ -n "$(ls -A "$work/tmp")" ] || [ "$tries" -ge 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
sleep 1 # for tshark to start
kill -TERM "$running"
wait "$running"
status=$?
exec 9>&-
expect "a signal ends it" status_is 143
status=0
left=$(find "$work/tmp" -mindepth 1 -name 'handshark*')
expect "nothing is left in the folder for temporary files: $left" [ -z "$left" ]

[ "$failures" -eq 0 ]
