# Completion of handshark for bash.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later

_handshark()
{
    local word=$2 before=$3 command=${COMP_WORDS[1]} option words=
    local files=yes # whether names of files are offered too
    COMPREPLY=()

    # "--sort=dur" comes as three words: the option, "=" and what is being typed.
    option=$before
    if [[ $word == = ]]; then
        option=$before
        word=
    elif [[ $before == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    if ((COMP_CWORD == 1)); then
        words='table segments ladder explain annotate batch help --help --version'
        files=
    elif [[ $command == help ]]; then
        words='table segments ladder explain annotate batch'
        files=
    else
        case $option in
        --sort) words='bytes stream start first_frame last_frame segments client.addr client.port
            server.addr server.port client.state server.state opening closing closed_by time_wait
            half_close verdict verdict.by verdict.frame conn_state history handshake.rtt
            handshake.server_rtt handshake.client_rtt teardown.time duration client.isn server.isn
            client.bytes server.bytes summary' files= ;;
        --verdict) words='orderly open half-closed unanswered refused rejected handshake-unfinished
            handshake-aborted aborted late-reset peer-gone' files= ;;
        --language) words='en zh_CN zh_TW' files= ;;
        --where | --stream | --width | --jobs | --ladders | --slurm-options | --sshlogin | --tasks | --task) return ;;
        --tshark | --output | -o | --joblog) ;;
        *)
            if [[ $word == -* ]]; then
                files=
                words='--tshark= --help'
                case $command in
                table) words+=' --sort= --verdict= --where= --stream= --csv --json --width= --language=' ;;
                ladder) words+=' --text --svg --mermaid --view' ;;&
                segments | ladder | explain) words+=' --stream= --where= --language= --output=' ;;
                annotate) words+=' --language=' ;;
                batch) words+=' --output= --jobs= --resume --separate --shards= --shards-over= --ladders= --where= --language=
                    --slurm --slurm-options= --wait --joblog= --sshlogin= --tasks= --task= --merge' ;;
                esac
            fi
            ;;
        esac
    fi

    if [[ $option == --verdict && $word == *,* ]]; then # a list: its last word
        local prefix=${word%,*},
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$words" -- "${word##*,}")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    fi
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
    elif [[ ${COMPREPLY[0]-} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _handshark handshark
