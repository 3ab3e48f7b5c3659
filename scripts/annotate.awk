# annotate.awk: the segments and conversations of one capture, for a terminal of 100 columns.
#
# Reads the same file twice: lines of tshark -T fields as ../dev asks for them, a frame's several
# values of one field apart by the byte 0x1f. Variables: name, the capture's; colour, 0 or 1.
# Runs in the C locale: a character is a byte, so that every awk does the same.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later

BEGIN {
    FS = "\t"
    LIMIT = 100
    FLAGS = split("FIN SYN RST PSH ACK URG ECE CWR AE", FLAG, " ")
    US = sprintf("%c", 31)
    CLOSING = "，。：；、）"
    OPENING = "（"
    for (i = 128; i < 256; i++)
        byte[sprintf("%c", i)] = i
    if (colour) {
        bold = "\033[1m"; dim = "\033[2m"; plain = "\033[0m"
        paint["handshake"] = "\033[32m"
        paint["data"] = ""
        paint["teardown"] = "\033[33m"
        paint["closed"] = "\033[31m"
    }
}

# First reading: the conversations, and what is known of each at its end.
NR == FNR {
    layers = split($5, streams, US)
    split($11, summaries, US)
    for (i = 1; i <= layers; i++) {
        if (!(streams[i] in summary))
            order[++conversations] = streams[i]
        summary[streams[i]] = summaries[i]
    }
    if (length($1) > number_width)
        number_width = length($1)
    next
}

FNR == 1 {
    if (number_width < 5)
        number_width = 5
    print bold clip(name, LIMIT) plain
    row("frame", "time", conversations > 1 ? "conv" : "", "", "flags", "what it does", "client",
        "server", dim)
}

{
    layers = split($5, stream, US)
    if (layers == 0) {
        row($1, seconds($2), "", "-", "-", "-", "-", "-", dim)
        next
    }
    split($6, label, US)
    split($7, phase, US)
    split($8, sender, US)
    split($9, client, US)
    split($10, server, US)
    headers = split($3, header_stream, US)
    same = split($4, header_flags, US) == headers
    at = 1
    for (i = 1; i <= layers; i++) {
        # A frame may hold TCP headers that are no segments: those quoted in an error message.
        while (at < headers && header_stream[at] != stream[i])
            at++
        row($1, seconds($2), conversations > 1 ? stream[i] : "",
            sender[i] == "client" ? "->" : "<-", same ? flags(header_flags[at++]) : "?",
            label[i], client[i], server[i], paint[phase[i]])
    }
}

END {
    if (conversations == 0)
        print "no TCP conversation in it"
    for (i = 1; i <= conversations; i++)
        wrap(conversations > 1 ? "Conversation " order[i] ": " : "Summary: ", summary[order[i]])
    print ""
}

# A line of the table. The label takes what the other columns leave.
function row(number, time, conversation, direction, what, text, client, server, style,    left, right) {
    left = sprintf("%" number_width "s %10s ", number, time)
    if (conversations > 1)
        left = left sprintf("%4s ", conversation)
    left = left sprintf("%-2s %-11s ", direction, what)
    right = sprintf(" %-11s %s", client, server)
    text = pad(text, LIMIT - length(left) - 24)
    sub(/ +$/, "", right)
    print style left text right (style == "" ? "" : plain)
}

# A time in seconds, in ten columns as long as that is possible.
function seconds(text,    whole, places) {
    if (text == "")
        return "-"
    whole = int(text)
    places = 9 - length(whole "")
    if (places > 6)
        places = 6
    return sprintf("%." (places > 0 ? places : 0) "f", text)
}

# tcp.flags ("0x0012") in words; where these do not fit, in letters.
function flags(text,    value, words, letters, i) {
    value = hex(text)
    for (i = 1; i <= FLAGS; i++)
        if (int(value / 2 ^ (i - 1)) % 2) {
            words = words (words == "" ? "" : ",") FLAG[i]
            letters = letters (letters == "" ? "" : ",") substr("FSRPAUECN", i, 1)
        }
    return words == "" ? "none" : length(words) <= 11 ? words : substr(letters, 1, 11)
}

function hex(text,    value, i) {
    text = tolower(text)
    sub(/^0x/, "", text)
    for (i = 1; i <= length(text); i++)
        value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}

# UTF-8: how many bytes the character at a position has, and how many columns it takes.
function bytes(text, at,    first) {
    first = byte[substr(text, at, 1)]
    return first < 192 ? 1 : first < 224 ? 2 : first < 240 ? 3 : 4
}

function columns(text, at,    first) {
    first = byte[substr(text, at, 1)]
    return first == 227 || first >= 228 && first <= 237 || first >= 239 ? 2 : 1
}

function width(text,    at, sum) {
    for (at = 1; at <= length(text); at += bytes(text, at))
        sum += columns(text, at)
    return sum + 0
}

# The text cut to a number of columns, with an ellipsis.
function clip(text, limit,    at, sum) {
    if (width(text) <= limit)
        return text
    for (at = 1; sum + columns(text, at) <= limit - 3; at += bytes(text, at))
        sum += columns(text, at)
    return substr(text, 1, at - 1) "..."
}

function pad(text, limit,    missing) {
    text = clip(text, limit)
    for (missing = limit - width(text); missing > 0; missing--)
        text = text " "
    return text
}

# Prints a sentence over as many lines as it needs. They end at spaces and beside Chinese characters,
# but not before a closing mark, nor behind an opening one.
function wrap(before, text,    at, part, last, unit, gap) {
    text = before text
    wrapped = ""
    for (at = 1; at <= length(text); at += bytes(text, at)) {
        part = substr(text, at, bytes(text, at))
        if (part == " ") {
            place(gap, unit)
            gap = " "
            unit = last = ""
            continue
        }
        if (last != "" && (columns(last, 1) == 2 || columns(part, 1) == 2) &&
            index(CLOSING, part) == 0 && index(OPENING, last) == 0) {
            place(gap, unit)
            gap = unit = ""
        }
        unit = unit part
        last = part
    }
    place(gap, unit)
    print bold wrapped plain
}

# Puts a part of the sentence on this line or, where that is full, on the next.
function place(gap, unit) {
    unit = clip(unit, LIMIT - 5)
    if (width(wrapped gap unit) > LIMIT) {
        print bold wrapped plain
        wrapped = "   "
        gap = " "
    }
    wrapped = wrapped gap unit
}
