/* wording_zh_CN.c
 * Chinese as it is written in mainland China: 简体中文.
 *
 * States, tokens and flags stay English. Punctuation is full-width; between Chinese and what is not, a
 * space, but none beside a placeholder that is filled in with a Chinese word.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wording.h"

#define OPENING(name) [WORDING_OPENING_FIRST + TCP_OPENING_##name]
#define CLOSING(name) [WORDING_CLOSING_FIRST + TCP_CLOSING_##name]
#define VERDICT(name) [WORDING_VERDICT_FIRST + TCP_VERDICT_##name]

/* clang-format off */
wording_table wording_zh_CN = {
    [WORDING_CLIENT] = "客户端",
    [WORDING_SERVER] = "服务端",
    [WORDING_CLIENT_CAPITAL] = "客户端",
    [WORDING_SERVER_CAPITAL] = "服务端",
    [WORDING_BETWEEN_SENTENCES] = "",

    [WORDING_LABEL_SYN] = "第一次握手：SYN",
    [WORDING_LABEL_SYN_ACK] = "第二次握手：SYN+ACK",
    [WORDING_LABEL_SYN_ACK_UNFIT] = "握手：SYN+ACK，确认号不对",
    [WORDING_LABEL_HANDSHAKE_ACK] = "第三次握手：ACK",
    [WORDING_LABEL_HANDSHAKE_ACK_UNFIT] = "握手：ACK，确认号不对",
    [WORDING_LABEL_BOTH_SYN] = "同时打开 {step}：SYN",
    [WORDING_LABEL_BOTH_SYN_ACK] = "同时打开 {step}：SYN+ACK",
    [WORDING_LABEL_BOTH_ACK] = "同时打开 {step}：ACK",
    [WORDING_LABEL_DATA] = "数据：{len} 字节",
    [WORDING_LABEL_ACK] = "数据：ACK",
    [WORDING_LABEL_KEEP_ALIVE] = "保活",
    [WORDING_LABEL_KEEP_ALIVE_ACK] = "保活：ACK",
    [WORDING_LABEL_WINDOW_PROBE] = "窗口探测",
    [WORDING_LABEL_ZERO_WINDOW] = "数据：ACK，零窗口",
    [WORDING_LABEL_WINDOW_UPDATE] = "窗口更新",
    [WORDING_LABEL_CHALLENGE_ACK] = "挑战 ACK",
    [WORDING_LABEL_FIN_1] = "第一次挥手：FIN",
    [WORDING_LABEL_ACK_OF_FIN_1] = "第二次挥手：ACK（确认 FIN）",
    [WORDING_LABEL_FIN_2] = "第三次挥手：FIN",
    [WORDING_LABEL_FIN_2_CROSSING] = "第三次挥手：FIN（同时关闭）",
    [WORDING_LABEL_ACK_AND_FIN] = "第二、三次挥手合并：ACK 和 FIN",
    [WORDING_LABEL_ACK_OF_FIN_2] = "第四次挥手：ACK（确认 FIN）",
    [WORDING_LABEL_FIN_UNFIT] = "FIN，不起作用",
    [WORDING_LABEL_HALF_CLOSE_DATA] = "半关闭：{len} 字节",
    [WORDING_LABEL_TEARDOWN_DATA] = "关闭过程：{len} 字节仍在途中",
    [WORDING_LABEL_TEARDOWN_ACK] = "关闭过程：ACK（确认数据）",
    [WORDING_LABEL_TEARDOWN_ACK_SHORT] = "关闭过程：ACK（确认数据，未确认 FIN）",
    [WORDING_LABEL_REFUSED] = "连接被拒绝：RST",
    [WORDING_LABEL_HANDSHAKE_ABORTED] = "握手中止：RST",
    [WORDING_LABEL_RESET] = "连接重置：RST",
    [WORDING_LABEL_RESET_AFTER_FIN] = "FIN 之后重置：RST",
    [WORDING_LABEL_RST_IGNORED] = "RST，被忽略",
    [WORDING_LABEL_STRAY] = "不属于连接的报文段",
    [WORDING_LABEL_OUTSIDE] = "在窗口之外",
    [WORDING_LABEL_AFTER_CLOSE] = "关闭之后：",
    [WORDING_LABEL_WITH_DATA] = "，携带 {len} 字节",
    [WORDING_LABEL_AGAIN] = "（重传）",
    [WORDING_LABEL_COPY] = "（重复抓到）",

    [WORDING_WHY_SYN] =
        "{Sender}请求建立连接：它的序号从 {seq} 开始。",
    [WORDING_WHY_SYN_AGAIN] =
        "{Sender}的 SYN 没有得到应答，于是重传。",
    [WORDING_WHY_SYN_DATA] =
        "它携带 {len} 字节数据，TCP 快速打开就是这样做的。",
    [WORDING_WHY_SYN_ACK] =
        "ACK {ack} = {ack_less_one} + 1：确认第 {frame} 帧中{receiver}的 SYN。{Sender}自己的 SYN "
        "使其序号从 {seq} 开始。{receiver}已进入 ESTABLISHED，{sender}还没有。",
    [WORDING_WHY_SYN_ACK_AGAIN] =
        "{Sender}的 SYN 没有得到 ACK，于是重传。",
    [WORDING_WHY_HANDSHAKE_ACK] =
        "ACK {ack} = {ack_less_one} + 1：确认第 {frame} 帧中{receiver}的 SYN。现在{receiver}也进入 "
        "ESTABLISHED；{sender}此前已经进入。",
    [WORDING_WHY_HANDSHAKE_ACK_UNLINKED] =
        "ACK {ack} 确认{receiver}的 SYN（未抓到），握手就此完成。",
    [WORDING_WHY_BOTH_SYN] =
        "{Sender}也主动打开：这是同时打开，双方都发送 SYN，谁也没有在监听。",
    [WORDING_WHY_BOTH_ACK] =
        "ACK {ack} 确认第 {frame} 帧中{receiver}的 SYN；同时打开时，双方各自确认对方的 SYN。",
    [WORDING_WHY_DATA] =
        "{Sender}发送 {len} 字节，序号 {seq} 到 {last}。",
    [WORDING_WHY_DATA_AGAIN] =
        "{Sender}再次发送序号 {seq} 到 {last}：其中没有新内容。",
    [WORDING_WHY_ACK_OF_DATA] =
        "ACK {ack}：{sender}已收到序号 {ack} 之前的全部内容，包括第 {about} 帧的数据。ACK "
        "本身不占用序号。",
    [WORDING_WHY_ACK_AGAIN] =
        "ACK {ack} 所确认的内容，此前都已确认过。",
    [WORDING_WHY_KEEP_ALIVE] =
        "序号 {seq} 比下一个序号小 1：{sender}在询问{receiver}是否还在。",
    [WORDING_WHY_KEEP_ALIVE_ACK] =
        "ACK {ack} 应答{receiver}的探测：{sender}还在。",
    [WORDING_WHY_WINDOW_PROBE] =
        "序号 {seq} 比下一个序号小 1：{sender}在询问{receiver}的窗口是否已重新打开。",
    [WORDING_WHY_ZERO_WINDOW] =
        "{Sender}的接收缓冲区已满：窗口打开之前，{receiver}必须停止发送。",
    [WORDING_WHY_WINDOW_UPDATE] =
        "没有确认新内容：{sender}通告自己现在还能接收多少。",
    [WORDING_WHY_FIN_1] =
        "{Sender}没有数据要发送了，首先关闭：它的 FIN 占用序号 {fin}，等待 ACK {end}。",
    [WORDING_WHY_FIN_2] =
        "{Sender}也没有数据要发送了：它的 FIN 占用序号 {fin}，等待 ACK {end}。",
    [WORDING_WHY_ACK_AND_FIN] =
        "ACK {ack} = {ack_less_one} + 1：确认第 {frame} 帧中{receiver}的 FIN，同时带上{sender}自己的 "
        "FIN（{fin}）：已没有数据要发送，所以是三个报文段而不是四个。",
    [WORDING_WHY_ACK_AND_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1：确认第 {frame} 帧中{receiver}的 FIN，同时随最后的数据带上{sender}"
        "自己的 FIN（{fin}）：是三个报文段而不是四个。",
    [WORDING_WHY_FIN_AGAIN] =
        "{Sender}的 FIN 没有得到 ACK，于是重传。",
    [WORDING_WHY_FIN_UNFIT] =
        "这个 FIN 不改变任何状态：它的序号不符，或者连接已经关闭。",
    [WORDING_WHY_ACK_OF_FIN] =
        "ACK {ack} = {ack_less_one} + 1：确认第 {frame} 帧中{receiver}的 FIN；FIN "
        "像字节一样占用一个序号。",
    [WORDING_WHY_ACK_OF_FIN_AGAIN] =
        "{receiver}的 FIN 又来了一次，所以 ACK {ack} 再次确认它。",
    [WORDING_WHY_ACK_OF_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1：同时确认第 {frame} 帧中{receiver}的 "
        "FIN：第二次挥手捎带在数据上。",
    [WORDING_WHY_TIME_WAIT] =
        "{Waiter}在 TIME_WAIT 中等待，以防这最后一个 ACK 丢失。",
    [WORDING_WHY_REFUSED] =
        "RST 带有 ACK {ack}，确认第 {frame} 帧中的 SYN：这个端口上没有程序监听，或途中有设备拒绝。",
    [WORDING_WHY_HANDSHAKE_ABORTED] =
        "{Sender}在握手完成之前就放弃了。",
    [WORDING_WHY_RESET] =
        "{Sender}立即终止连接：双方都已关闭，途中的数据丢失，RST 得不到 ACK。",
    [WORDING_WHY_RESET_AFTER_FIN] =
        "{Sender}立即终止了由 FIN 开始的正常关闭；RST 得不到 ACK。",
    [WORDING_WHY_NOTHING] =
        "其中没有{receiver}尚未收到的内容：状态不变。",
    [WORDING_WHY_RST_IGNORED] =
        "这个 RST 不改变任何状态。",

    [WORDING_NOTE_COPY] =
        "同一个报文段在第 {about} 帧已经抓到：它只发送了一次，也只起一次作用。",
    [WORDING_NOTE_SHORT_OF_FIN] =
        "ACK {ack} 还没有确认到第 {about} 帧中{receiver}的 FIN，只确认到它之前的内容。",
    [WORDING_NOTE_CROSSED_FIN] =
        "两个 FIN 都还没有到达对方：双方同时关闭。",
    [WORDING_NOTE_CROSSED_SYN_ACK] =
        "可见这个 SYN 发出时，第 {about} 帧的 SYN-ACK 还没有到达{sender}。",
    [WORDING_NOTE_CROSSED_ACK] =
        "可见这个报文段发出时，第 {about} 帧的 ACK 还没有到达{sender}。",
    [WORDING_NOTE_CROSSED_SYN] =
        "这个 SYN 发出时，第 {about} 帧的 SYN 还没有到达，所以它不带 ACK。",
    [WORDING_NOTE_RST_OUTSIDE] =
        "它的序号 {seq} 不在{receiver}可以接受的范围之内（RFC 9293 3.10.7.4）。",
    [WORDING_NOTE_RST_INEXACT] =
        "它的序号 {seq} 在窗口之内，但不是所期望的下一个：{receiver}用挑战 ACK 询问（RFC 5961）。",
    [WORDING_NOTE_RST_TIME_WAIT] =
        "{receiver}在 TIME_WAIT 中等待，只有序号恰为所期望的下一个的 RST 才能使它提前结束。",
    [WORDING_NOTE_RST_BAD_ACK] =
        "{receiver}处于 SYN_SENT，只接受确认了它的 SYN 的 RST。",
    [WORDING_NOTE_RST_CLOSED] =
        "{receiver}没有可以重置的连接。",
    [WORDING_NOTE_RST_STAYS] =
        "这个 RST 拒绝一个不符的 ACK；{sender}继续打开自己的连接。",
    [WORDING_NOTE_CHALLENGE_ACK] =
        "挑战 ACK：收到与连接不符的报文段时，以此说明自己期望的序号。",
    [WORDING_NOTE_FIN_WAITS] =
        "FIN 之前还缺少数据：到齐之后，{receiver}才接受它。",
    [WORDING_NOTE_GAP_BEFORE] =
        "序号 {seq} 之前的字节未抓到，或者还在途中。",
    [WORDING_NOTE_ACKS_UNSEEN] =
        "ACK {ack} 所确认的数据未抓到，或者从未发送。",
    [WORDING_NOTE_SYN_UNSEEN] =
        "{receiver}的 SYN 未抓到，但一定发送过。",
    [WORDING_NOTE_SYN_ACK_UNSEEN] =
        "SYN-ACK 未抓到，但一定发送过。",
    [WORDING_NOTE_ACK_UNSEEN] =
        "完成握手的 ACK 未抓到，但一定发送过。",
    [WORDING_NOTE_WINDOW_PROBE] =
        "窗口此前已关闭，所以这是窗口探测。",
    [WORDING_NOTE_MIDSTREAM] =
        "中途开始抓包：这条连接的握手不在其中。",
    [WORDING_NOTE_SYN_DATA_TAKEN] =
        "SYN 的数据也得到确认：快速打开节省一次往返。",
    [WORDING_NOTE_SYN_DATA_REFUSED] =
        "SYN 的数据没有得到确认：必须重新发送。",
    [WORDING_NOTE_PORT_REUSED] =
        "同样的地址和端口曾用于更早的一条连接（端口复用）。",
    [WORDING_NOTE_OLD_OPEN] =
        "在那条连接中，{receiver}仍处于 {state}，应答之前一直如此。",
    [WORDING_NOTE_HALF_CLOSE] =
        "FIN 只关闭一个方向：另一个方向仍在传输数据。",
    [WORDING_NOTE_BAD_HANDSHAKE_ACK] =
        "ACK {ack} 不是第 {about} 帧的 SYN 之后的序号：它不被接受，对方以 RST 应答。",
    [WORDING_NOTE_NO_ACK_FLAG] =
        "连接中的 TCP 既不发送、也不接受这样的标志组合：扫描器才会发送。",
    [WORDING_NOTE_OUTSIDE] =
        "序号 {seq} 不是{receiver}此时可以接受的：不改变任何状态。",
    [WORDING_NOTE_FILLS_GAP] =
        "它在后续的数据之后才到：乱序，或者是丢失后重传的报文段。",
    [WORDING_NOTE_LOST_DATA] =
        "从未得到确认的数据可能已经丢失。",
    [WORDING_NOTE_ACK_WITHOUT_SYN] =
        "对{receiver}的 SYN 的 ACK，如果没有 SYN 同来，就不能打开连接。",

    OPENING(THREE_WAY) = "三次握手",
    OPENING(SIMULTANEOUS) = "同时打开",
    OPENING(FAST_OPEN) = "TCP 快速打开",
    OPENING(REFUSED) = "SYN 得到的应答是 RST",
    OPENING(UNANSWERED) = "SYN 没有得到应答",
    OPENING(INCOMPLETE) = "SYN-ACK 始终没有得到确认",
    OPENING(REJECTED) = "SYN 之后是 ICMP 差错报文",
    OPENING(MID_STREAM) = "未抓到握手",
    CLOSING(NONE) = "没有关闭",
    CLOSING(HALF_CLOSED) = "只有{closer}发送了 FIN",
    CLOSING(FOUR_SEGMENT) = "{closer}主动关闭，四次挥手",
    CLOSING(THREE_SEGMENT) = "{closer}主动关闭，三次挥手（第二、三次合并）",
    CLOSING(SIMULTANEOUS) = "同时关闭",
    CLOSING(RESET) = "由{closer}重置",
    CLOSING(RESET_AFTER_FIN) = "{closer}发送 FIN 之后重置",
    VERDICT(ORDERLY) = "正常关闭（第 {decided_in} 帧，{decider}的 FIN）",
    VERDICT(OPEN) = "仍然打开（自第 {decided_in} 帧起）",
    VERDICT(HALF_CLOSED) = "半关闭（第 {decided_in} 帧，{decider}的 FIN）",
    VERDICT(UNANSWERED) = "始终无应答（自第 {decided_in} 帧起）",
    VERDICT(REFUSED) = "连接被拒绝（第 {decided_in} 帧，{decider}的 RST）",
    VERDICT(REJECTED) = "被 ICMP 拒绝（第 {decided_in} 帧）",
    VERDICT(HANDSHAKE_UNFINISHED) = "握手未完成（自第 {decided_in} 帧起）",
    VERDICT(HANDSHAKE_ABORTED) = "握手中止（第 {decided_in} 帧，{decider}的 RST）",
    VERDICT(ABORTED) = "异常终止（第 {decided_in} 帧，{decider}的 RST）",
    VERDICT(LATE_RESET) = "关闭过程中被重置（第 {decided_in} 帧，{decider}的 RST）",
    VERDICT(PEER_GONE) = "对方失去联系（到第 {decided_in} 帧为止，{decider}没有得到应答）",
    [WORDING_SUMMARY] =
        "{verdict}：{opening}，客户端发送 {bytes_client} 字节，服务端发送 {bytes_server} 字节，{closing}",
    [WORDING_SUMMARY_HALF_CLOSE] = "，其间曾半关闭",
    [WORDING_SUMMARY_TIME_WAIT] = "，{waiter}处于 TIME_WAIT",
    [WORDING_SUMMARY_TIME_WAIT_BOTH] = "，双方都处于 TIME_WAIT",
    [WORDING_ANSWER] = "答案",

    [WORDING_LADDER_PHASE_FIRST] = "握手",
    [WORDING_LADDER_PHASE_FIRST + 1] = "数据",
    [WORDING_LADDER_PHASE_FIRST + 2] = "挥手",
    [WORDING_LADDER_PHASE_FIRST + 3] = "重置",
    [WORDING_LADDER_PHASE_FIRST + 4] = "关闭之后",
    [WORDING_LADDER_ABOUT] = "TCP 流 {stream}，第 {first} 至 {last} 帧，{time}",
    [WORDING_LADDER_FRAME] = "帧",
    [WORDING_LADDER_TIME] = "时间",
    [WORDING_LADDER_FOLD] = "… {count} 个报文段，{size} …",
    [WORDING_LADDER_FOLD_AGAIN] = "… {count} 个报文段，{size}，其中 {again} 个重传 …",
    [WORDING_LADDER_PAUSE] = "静默 {time}",
    [WORDING_LADDER_SYN_UNSEEN] = "SYN，未抓到",
    [WORDING_LADDER_SYN_ACK_UNSEEN] = "SYN+ACK，未抓到",
    [WORDING_LADDER_ACK_UNSEEN] = "ACK，未抓到",
    [WORDING_LADDER_DATA_UNSEEN] = "字节 {seq} 至 {end}，未抓到",
    [WORDING_LADDER_DATA_LATE] = "字节 {seq} 至 {end}，丢失或迟到：第 {frame} 帧",
    [WORDING_LADDER_ICMP] = "ICMP 差错报文引用了这个 SYN：第 {frame} 帧",
    [WORDING_LADDER_KEY_AGAIN] = "重传",
    [WORDING_LADDER_KEY_UNSEEN] = "未抓到",
    [WORDING_LADDER_KEY_LOST] = "丢失或迟到",
    [WORDING_LADDER_RELATIVE] =
        "序号为相对值。状态：发送方为发出之后，接收方为到达之后。",

    [WORDING_STORY_ABOUT] =
        "TCP 流 {stream}：客户端是 {client}，服务端是 {server}。",
    [WORDING_STORY_BYTE] = "1 字节",
    [WORDING_STORY_BYTES] = "{count} 字节",
    [WORDING_STORY_FINE] =
        "没有出现任何问题。",
    [WORDING_STORY_REFUSED] =
        "连接被拒绝：第 {frame} 帧中{who}的 RST 应答了 SYN。",
    [WORDING_STORY_UNANSWERED] =
        "无人应答：没有抓到对 SYN 的任何应答。",
    [WORDING_STORY_NO_ANSWER] =
        "没有抓到任何应答。",
    [WORDING_STORY_REJECTED] =
        "连接被拒绝：第 {frame} 帧的 ICMP 差错报文应答了 SYN。",
    [WORDING_STORY_UNFINISHED] =
        "握手始终没有完成：没有抓到对 SYN-ACK 的 ACK。",
    [WORDING_STORY_HANDSHAKE_ABORTED] =
        "第 {frame} 帧中{who}的 RST 中止了握手。",
    [WORDING_STORY_ABORTED] =
        "第 {frame} 帧中{who}的 RST 异常终止了连接，此前没有 FIN。",
    [WORDING_STORY_LATE_RESET] =
        "正常关闭已经开始，但第 {frame} 帧中{who}的 RST 使它提前结束。",
    [WORDING_STORY_PEER_GONE] =
        "{other}已失去联系：{who}发送的内容再也没有得到应答。",
    [WORDING_STORY_SYN] = "SYN ",
    [WORDING_STORY_SYN_ACK] = "SYN-ACK ",
    [WORDING_STORY_FIN] = "FIN ",
    [WORDING_STORY_DATA] = "数据",
    [WORDING_STORY_AGAIN_ONCE] =
        "{What}重传了一次，在第 {frame} 帧。",
    [WORDING_STORY_AGAIN_TIMES] =
        "{What}重传了 {count} 次，首次在第 {frame} 帧。",
    [WORDING_STORY_UNSEEN] =
        "发送的内容没有全部抓到；首先从第 {frame} 帧可以看出。",
    [WORDING_STORY_OUT_OF_ORDER] =
        "有数据迟到，乱序或者丢失后重传，首次在第 {frame} 帧。",
    [WORDING_STORY_RST_IGNORED] =
        "第 {frame} 帧中{who}的 RST 不符，被忽略。",
    [WORDING_STORY_ACK_MISMATCH] =
        "第 {frame} 帧在握手中确认了一个从未发送的序号。",
    [WORDING_STORY_ZERO_WINDOW] =
        "{who}的接收缓冲区已满，在第 {frame} 帧让{other}停止发送。",

    [WORDING_STORY_OPEN_THREE_WAY] =
        "客户端以第 {syn} 帧的 SYN 打开。{time} 之后，服务端的 SYN-ACK 在第 {syn_ack} 帧到来；再过 {time2}，"
        "客户端在第 {ack} 帧的 ACK 完成了三次握手。",
    [WORDING_STORY_OPEN_PARTLY] =
        "以三次握手打开，但只抓到其中一部分。",
    [WORDING_STORY_OPEN_SIMULTANEOUS] =
        "双方同时打开：第 {first} 帧和第 {syn} 帧的 SYN 相互交错，双方各自确认对方的 SYN。",
    [WORDING_STORY_OPEN_FAST] =
        "客户端在第 {syn} 帧的 SYN 已经携带数据，服务端接受了这些数据：这是 TCP 快速打开，节省一次往返。",
    [WORDING_STORY_OPEN_ASKED] =
        "客户端以第 {syn} 帧的 SYN 请求建立连接。",
    [WORDING_STORY_OPEN_ANSWERED] =
        "服务端以第 {syn_ack} 帧的 SYN-ACK 应答。",

    [WORDING_STORY_NO_DATA] =
        "没有发送数据。",
    [WORDING_STORY_DATA_OF_ONE] =
        "只有{who}发送了数据：{size}。",
    [WORDING_STORY_DATA_OF_BOTH] =
        "客户端发送的数据为 {size}，服务端为 {size2}。",
    [WORDING_STORY_TURNS] =
        "双方轮流发送：两个方向上共有 {count} 段连续的数据。",
    [WORDING_STORY_KEEP_ALIVE] =
        "第 {frame} 帧的保活询问对方是否还在。",
    [WORDING_STORY_KEEP_ALIVES] =
        "保活 {count} 次询问对方是否还在，首次在第 {frame} 帧。",
    [WORDING_STORY_SILENCE] =
        "最长的静默为 {time}，在第 {frame} 帧之前。",

    [WORDING_STORY_END_FOUR] =
        "{who}首先关闭，FIN 在第 {fin} 帧。{other}在第 {ack} 帧确认了它，并在第 {fin2} 帧发送自己的 "
        "FIN：四次挥手。",
    [WORDING_STORY_END_THREE] =
        "{who}首先关闭，FIN 在第 {fin} 帧。{other}已没有数据要发送：它在第 {fin2} 帧的 FIN "
        "同时确认了前一个 FIN，所以三个报文段就够了。",
    [WORDING_STORY_END_SIMULTANEOUS] =
        "双方同时关闭：第 {fin} 帧和第 {fin2} 帧的 FIN 发出时，都还没有收到对方的 FIN。",
    [WORDING_STORY_END_HALF_CLOSE] =
        "第一个 FIN 之后，另一个方向仍在传输数据：连接处于半关闭。",
    [WORDING_STORY_END_HALF_CLOSED] =
        "{who}以第 {fin} 帧的 FIN 关闭了自己的方向；没有抓到{other}的 FIN。",
    [WORDING_STORY_END_FIRST_FIN] =
        "{who}已经开始关闭，FIN 在第 {fin} 帧。",
    [WORDING_STORY_END_LAST_ACK] =
        "第 {frame} 帧的 ACK 是最后一步。",
    [WORDING_STORY_END_NO_LAST_ACK] =
        "没有抓到最后的 ACK。",
    [WORDING_STORY_END_RESET] =
        "自第 {frame} 帧的 RST 起，双方都处于 CLOSED。",
    [WORDING_STORY_END_NEVER] =
        "连接没有建立。",
    [WORDING_STORY_END_OPEN] =
        "抓包结束时，双方都还没有关闭。",
    [WORDING_STORY_TIME_WAIT] =
        "{who}在 TIME_WAIT 中等待。",
    [WORDING_STORY_TIME_WAIT_BOTH] =
        "双方都在 TIME_WAIT 中等待。",
    [WORDING_STORY_TOOK] =
        "从第 {first} 帧到第 {last} 帧，历时 {time}。",
};
/* clang-format on */
