/* wording_zh_TW.c
 * Chinese as it is written in Taiwan: 繁體中文.
 *
 * States, tokens and flags stay English; punctuation and spaces as in wording_zh_CN.c.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wording.h"

#define OPENING(name) [WORDING_OPENING_FIRST + TCP_OPENING_##name]
#define CLOSING(name) [WORDING_CLOSING_FIRST + TCP_CLOSING_##name]
#define VERDICT(name) [WORDING_VERDICT_FIRST + TCP_VERDICT_##name]

/* clang-format off */
wording_table wording_zh_TW = {
    [WORDING_CLIENT] = "用戶端",
    [WORDING_SERVER] = "伺服器",
    [WORDING_CLIENT_CAPITAL] = "用戶端",
    [WORDING_SERVER_CAPITAL] = "伺服器",
    [WORDING_BETWEEN_SENTENCES] = "",

    [WORDING_LABEL_SYN] = "第一次交握：SYN",
    [WORDING_LABEL_SYN_ACK] = "第二次交握：SYN+ACK",
    [WORDING_LABEL_SYN_ACK_UNFIT] = "交握：SYN+ACK，確認號碼不符",
    [WORDING_LABEL_HANDSHAKE_ACK] = "第三次交握：ACK",
    [WORDING_LABEL_HANDSHAKE_ACK_UNFIT] = "交握：ACK，確認號碼不符",
    [WORDING_LABEL_BOTH_SYN] = "同時開啟 {step}：SYN",
    [WORDING_LABEL_BOTH_SYN_ACK] = "同時開啟 {step}：SYN+ACK",
    [WORDING_LABEL_BOTH_ACK] = "同時開啟 {step}：ACK",
    [WORDING_LABEL_DATA] = "資料：{len} 位元組",
    [WORDING_LABEL_ACK] = "資料：ACK",
    [WORDING_LABEL_KEEP_ALIVE] = "保持連線",
    [WORDING_LABEL_KEEP_ALIVE_ACK] = "保持連線：ACK",
    [WORDING_LABEL_WINDOW_PROBE] = "視窗探測",
    [WORDING_LABEL_ZERO_WINDOW] = "資料：ACK，零視窗",
    [WORDING_LABEL_WINDOW_UPDATE] = "視窗更新",
    [WORDING_LABEL_CHALLENGE_ACK] = "挑戰 ACK",
    [WORDING_LABEL_FIN_1] = "第一次揮手：FIN",
    [WORDING_LABEL_ACK_OF_FIN_1] = "第二次揮手：ACK（確認 FIN）",
    [WORDING_LABEL_FIN_2] = "第三次揮手：FIN",
    [WORDING_LABEL_FIN_2_CROSSING] = "第三次揮手：FIN（同時關閉）",
    [WORDING_LABEL_ACK_AND_FIN] = "第二、三次揮手合併：ACK 和 FIN",
    [WORDING_LABEL_ACK_OF_FIN_2] = "第四次揮手：ACK（確認 FIN）",
    [WORDING_LABEL_FIN_UNFIT] = "FIN，不起作用",
    [WORDING_LABEL_HALF_CLOSE_DATA] = "半關閉：{len} 位元組",
    [WORDING_LABEL_TEARDOWN_DATA] = "關閉過程：{len} 位元組仍在途中",
    [WORDING_LABEL_TEARDOWN_ACK] = "關閉過程：ACK（確認資料）",
    [WORDING_LABEL_TEARDOWN_ACK_SHORT] = "關閉過程：ACK（確認資料，未確認 FIN）",
    [WORDING_LABEL_REFUSED] = "連線遭拒：RST",
    [WORDING_LABEL_HANDSHAKE_ABORTED] = "交握中止：RST",
    [WORDING_LABEL_RESET] = "連線重設：RST",
    [WORDING_LABEL_RESET_AFTER_FIN] = "FIN 之後重設：RST",
    [WORDING_LABEL_RST_IGNORED] = "RST，遭忽略",
    [WORDING_LABEL_STRAY] = "不屬於連線的區段",
    [WORDING_LABEL_OUTSIDE] = "在視窗之外",
    [WORDING_LABEL_AFTER_CLOSE] = "關閉之後：",
    [WORDING_LABEL_WITH_DATA] = "，附帶 {len} 位元組",
    [WORDING_LABEL_AGAIN] = "（重新傳送）",
    [WORDING_LABEL_COPY] = "（重複擷取）",

    [WORDING_WHY_SYN] =
        "{Sender}要求建立連線：它的序號從 {seq} 開始。",
    [WORDING_WHY_SYN_AGAIN] =
        "{Sender}的 SYN 沒有得到回應，因此重新傳送。",
    [WORDING_WHY_SYN_DATA] =
        "它附帶 {len} 位元組的資料，TCP 快速開啟就是這樣做的。",
    [WORDING_WHY_SYN_ACK] =
        "ACK {ack} = {ack_less_one} + 1：確認訊框 {frame} 中{receiver}的 SYN。{Sender}自己的 SYN "
        "使其序號從 {seq} 開始。{receiver}已進入 ESTABLISHED，{sender}還沒有。",
    [WORDING_WHY_SYN_ACK_AGAIN] =
        "{Sender}的 SYN 沒有得到 ACK，因此重新傳送。",
    [WORDING_WHY_HANDSHAKE_ACK] =
        "ACK {ack} = {ack_less_one} + 1：確認訊框 {frame} 中{receiver}的 SYN。現在{receiver}也進入 "
        "ESTABLISHED；{sender}先前已經進入。",
    [WORDING_WHY_HANDSHAKE_ACK_UNLINKED] =
        "ACK {ack} 確認{receiver}的 SYN（未擷取到），交握至此完成。",
    [WORDING_WHY_BOTH_SYN] =
        "{Sender}也主動開啟：這是同時開啟，雙方都送出 SYN，沒有任何一方在監聽。",
    [WORDING_WHY_BOTH_ACK] =
        "ACK {ack} 確認訊框 {frame} 中{receiver}的 SYN；同時開啟時，雙方各自確認對方的 SYN。",
    [WORDING_WHY_DATA] =
        "{Sender}送出 {len} 位元組，序號 {seq} 到 {last}。",
    [WORDING_WHY_DATA_AGAIN] =
        "{Sender}再次送出序號 {seq} 到 {last}：其中沒有新的內容。",
    [WORDING_WHY_ACK_OF_DATA] =
        "ACK {ack}：{sender}已收到序號 {ack} 之前的所有內容，包括訊框 {about} 的資料。ACK "
        "本身不佔用序號。",
    [WORDING_WHY_ACK_AGAIN] =
        "ACK {ack} 所確認的內容，先前都已確認過。",
    [WORDING_WHY_KEEP_ALIVE] =
        "序號 {seq} 比下一個序號小 1：{sender}在詢問{receiver}是否還在。",
    [WORDING_WHY_KEEP_ALIVE_ACK] =
        "ACK {ack} 回應{receiver}的探測：{sender}還在。",
    [WORDING_WHY_WINDOW_PROBE] =
        "序號 {seq} 比下一個序號小 1：{sender}在詢問{receiver}的視窗是否已重新開啟。",
    [WORDING_WHY_ZERO_WINDOW] =
        "{Sender}的接收緩衝區已滿：視窗開啟之前，{receiver}必須停止傳送。",
    [WORDING_WHY_WINDOW_UPDATE] =
        "沒有確認新的內容：{sender}通告自己現在還能接收多少。",
    [WORDING_WHY_FIN_1] =
        "{Sender}沒有資料要傳送了，首先關閉：它的 FIN 佔用序號 {fin}，等待 ACK {end}。",
    [WORDING_WHY_FIN_2] =
        "{Sender}也沒有資料要傳送了：它的 FIN 佔用序號 {fin}，等待 ACK {end}。",
    [WORDING_WHY_ACK_AND_FIN] =
        "ACK {ack} = {ack_less_one} + 1：確認訊框 {frame} 中{receiver}的 FIN，同時帶上{sender}自己的 "
        "FIN（{fin}）：已沒有資料要傳送，所以是三個區段而不是四個。",
    [WORDING_WHY_ACK_AND_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1：確認訊框 {frame} 中{receiver}的 FIN，同時隨最後的資料帶上{sender}"
        "自己的 FIN（{fin}）：是三個區段而不是四個。",
    [WORDING_WHY_FIN_AGAIN] =
        "{Sender}的 FIN 沒有得到 ACK，因此重新傳送。",
    [WORDING_WHY_FIN_UNFIT] =
        "這個 FIN 不改變任何狀態：它的序號不符，或者連線已經關閉。",
    [WORDING_WHY_ACK_OF_FIN] =
        "ACK {ack} = {ack_less_one} + 1：確認訊框 {frame} 中{receiver}的 FIN；FIN "
        "像位元組一樣佔用一個序號。",
    [WORDING_WHY_ACK_OF_FIN_AGAIN] =
        "{receiver}的 FIN 又來了一次，所以 ACK {ack} 再次確認它。",
    [WORDING_WHY_ACK_OF_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1：同時確認訊框 {frame} 中{receiver}的 "
        "FIN：第二次揮手附在資料上。",
    [WORDING_WHY_TIME_WAIT] =
        "{Waiter}在 TIME_WAIT 中等待，以防這最後一個 ACK 遺失。",
    [WORDING_WHY_REFUSED] =
        "RST 帶有 ACK {ack}，確認訊框 {frame} 中的 SYN：這個連接埠上沒有程式監聽，或途中有設備拒絕。",
    [WORDING_WHY_HANDSHAKE_ABORTED] =
        "{Sender}在交握完成之前就放棄了。",
    [WORDING_WHY_RESET] =
        "{Sender}立即中止連線：雙方都已關閉，途中的資料遺失，RST 得不到 ACK。",
    [WORDING_WHY_RESET_AFTER_FIN] =
        "{Sender}立即中止了由 FIN 開始的正常關閉；RST 得不到 ACK。",
    [WORDING_WHY_NOTHING] =
        "其中沒有{receiver}尚未收到的內容：狀態不變。",
    [WORDING_WHY_RST_IGNORED] =
        "這個 RST 不改變任何狀態。",

    [WORDING_NOTE_COPY] =
        "同一個區段在訊框 {about} 已經擷取到：它只送出一次，也只起一次作用。",
    [WORDING_NOTE_SHORT_OF_FIN] =
        "ACK {ack} 還沒有確認到訊框 {about} 中{receiver}的 FIN，只確認到它之前的內容。",
    [WORDING_NOTE_CROSSED_FIN] =
        "兩個 FIN 都還沒有到達對方：雙方同時關閉。",
    [WORDING_NOTE_CROSSED_SYN_ACK] =
        "可見這個 SYN 送出時，訊框 {about} 的 SYN-ACK 還沒有到達{sender}。",
    [WORDING_NOTE_CROSSED_ACK] =
        "可見此區段送出時，訊框 {about} 的 ACK 還沒有到達{sender}。",
    [WORDING_NOTE_CROSSED_SYN] =
        "這個 SYN 送出時，訊框 {about} 的 SYN 還沒有到達，所以它不帶 ACK。",
    [WORDING_NOTE_RST_OUTSIDE] =
        "它的序號 {seq} 不在{receiver}可以接受的範圍之內（RFC 9293 3.10.7.4）。",
    [WORDING_NOTE_RST_INEXACT] =
        "它的序號 {seq} 在視窗之內，但不是所預期的下一個：{receiver}用挑戰 ACK 詢問（RFC 5961）。",
    [WORDING_NOTE_RST_TIME_WAIT] =
        "{receiver}在 TIME_WAIT 中等待，只有序號恰為所預期的下一個的 RST 才能讓它提前結束。",
    [WORDING_NOTE_RST_BAD_ACK] =
        "{receiver}處於 SYN_SENT，只接受確認了它的 SYN 的 RST。",
    [WORDING_NOTE_RST_CLOSED] =
        "{receiver}沒有可以重設的連線。",
    [WORDING_NOTE_RST_STAYS] =
        "這個 RST 拒絕一個不符的 ACK；{sender}繼續開啟自己的連線。",
    [WORDING_NOTE_CHALLENGE_ACK] =
        "挑戰 ACK：收到與連線不符的區段時，以此說明自己預期的序號。",
    [WORDING_NOTE_FIN_WAITS] =
        "FIN 之前還缺少資料：到齊之後，{receiver}才接受它。",
    [WORDING_NOTE_GAP_BEFORE] =
        "序號 {seq} 之前的位元組未擷取到，或者還在途中。",
    [WORDING_NOTE_ACKS_UNSEEN] =
        "ACK {ack} 所確認的資料未擷取到，或者從未送出。",
    [WORDING_NOTE_SYN_UNSEEN] =
        "{receiver}的 SYN 未擷取到，但一定送出過。",
    [WORDING_NOTE_SYN_ACK_UNSEEN] =
        "SYN-ACK 未擷取到，但一定送出過。",
    [WORDING_NOTE_ACK_UNSEEN] =
        "完成交握的 ACK 未擷取到，但一定送出過。",
    [WORDING_NOTE_WINDOW_PROBE] =
        "視窗先前已關閉，所以這是視窗探測。",
    [WORDING_NOTE_MIDSTREAM] =
        "中途開始擷取：這條連線的交握不在其中。",
    [WORDING_NOTE_SYN_DATA_TAKEN] =
        "SYN 的資料也得到確認：快速開啟省下一次往返。",
    [WORDING_NOTE_SYN_DATA_REFUSED] =
        "SYN 的資料沒有得到確認：必須再送一次。",
    [WORDING_NOTE_PORT_REUSED] =
        "同樣的位址和連接埠曾用於更早的一條連線（連接埠重複使用）。",
    [WORDING_NOTE_OLD_OPEN] =
        "在那條連線中，{receiver}仍處於 {state}，回應之前一直如此。",
    [WORDING_NOTE_HALF_CLOSE] =
        "FIN 只關閉一個方向：另一個方向仍在傳輸資料。",
    [WORDING_NOTE_BAD_HANDSHAKE_ACK] =
        "ACK {ack} 不是訊框 {about} 的 SYN 之後的序號：它不被接受，對方以 RST 回應。",
    [WORDING_NOTE_NO_ACK_FLAG] =
        "連線中的 TCP 既不送出、也不接受這樣的旗標組合：掃描程式才會送出。",
    [WORDING_NOTE_OUTSIDE] =
        "序號 {seq} 不是{receiver}此時可以接受的：不改變任何狀態。",
    [WORDING_NOTE_FILLS_GAP] =
        "它在後續的資料之後才到：順序錯亂，或者是遺失後重新傳送的區段。",
    [WORDING_NOTE_LOST_DATA] =
        "從未得到確認的資料可能已經遺失。",
    [WORDING_NOTE_ACK_WITHOUT_SYN] =
        "對{receiver}的 SYN 的 ACK，如果沒有 SYN 同來，就無法開啟連線。",

    OPENING(THREE_WAY) = "三向交握",
    OPENING(SIMULTANEOUS) = "同時開啟",
    OPENING(FAST_OPEN) = "TCP 快速開啟",
    OPENING(REFUSED) = "SYN 得到的回應是 RST",
    OPENING(UNANSWERED) = "SYN 沒有得到回應",
    OPENING(INCOMPLETE) = "SYN-ACK 始終沒有得到確認",
    OPENING(REJECTED) = "SYN 之後是 ICMP 錯誤訊息",
    OPENING(MID_STREAM) = "未擷取到交握",
    CLOSING(NONE) = "沒有關閉",
    CLOSING(HALF_CLOSED) = "只有{closer}送出 FIN",
    CLOSING(FOUR_SEGMENT) = "{closer}主動關閉，四次揮手",
    CLOSING(THREE_SEGMENT) = "{closer}主動關閉，三次揮手（第二、三次合併）",
    CLOSING(SIMULTANEOUS) = "同時關閉",
    CLOSING(RESET) = "由{closer}重設",
    CLOSING(RESET_AFTER_FIN) = "{closer}送出 FIN 之後重設",
    VERDICT(ORDERLY) = "正常關閉（訊框 {decided_in}，{decider}的 FIN）",
    VERDICT(OPEN) = "仍然開啟（自訊框 {decided_in} 起）",
    VERDICT(HALF_CLOSED) = "半關閉（訊框 {decided_in}，{decider}的 FIN）",
    VERDICT(UNANSWERED) = "始終無回應（自訊框 {decided_in} 起）",
    VERDICT(REFUSED) = "連線遭拒（訊框 {decided_in}，{decider}的 RST）",
    VERDICT(REJECTED) = "遭 ICMP 拒絕（訊框 {decided_in}）",
    VERDICT(HANDSHAKE_UNFINISHED) = "交握未完成（自訊框 {decided_in} 起）",
    VERDICT(HANDSHAKE_ABORTED) = "交握中止（訊框 {decided_in}，{decider}的 RST）",
    VERDICT(ABORTED) = "異常中止（訊框 {decided_in}，{decider}的 RST）",
    VERDICT(LATE_RESET) = "關閉過程中遭重設（訊框 {decided_in}，{decider}的 RST）",
    VERDICT(PEER_GONE) = "對方失去聯繫（到訊框 {decided_in} 為止，{decider}沒有得到回應）",
    [WORDING_SUMMARY] =
        "{verdict}：{opening}，用戶端傳送 {bytes_client} 位元組，伺服器傳送 {bytes_server} 位元組，{closing}",
    [WORDING_SUMMARY_HALF_CLOSE] = "，其間曾半關閉",
    [WORDING_SUMMARY_TIME_WAIT] = "，{waiter}處於 TIME_WAIT",
    [WORDING_SUMMARY_TIME_WAIT_BOTH] = "，雙方都處於 TIME_WAIT",
    [WORDING_ANSWER] = "答案",

    [WORDING_LADDER_PHASE_FIRST] = "交握",
    [WORDING_LADDER_PHASE_FIRST + 1] = "資料",
    [WORDING_LADDER_PHASE_FIRST + 2] = "揮手",
    [WORDING_LADDER_PHASE_FIRST + 3] = "重設",
    [WORDING_LADDER_PHASE_FIRST + 4] = "關閉之後",
    [WORDING_LADDER_ABOUT] = "TCP 串流 {stream}，訊框 {first} 至 {last}，{time}",
    [WORDING_LADDER_FRAME] = "訊框",
    [WORDING_LADDER_TIME] = "時間",
    [WORDING_LADDER_FOLD] = "… {count} 個區段，{size} …",
    [WORDING_LADDER_FOLD_AGAIN] = "… {count} 個區段，{size}，其中 {again} 個重新傳送 …",
    [WORDING_LADDER_PAUSE] = "靜默 {time}",
    [WORDING_LADDER_SYN_UNSEEN] = "SYN，未擷取到",
    [WORDING_LADDER_SYN_ACK_UNSEEN] = "SYN+ACK，未擷取到",
    [WORDING_LADDER_ACK_UNSEEN] = "ACK，未擷取到",
    [WORDING_LADDER_DATA_UNSEEN] = "位元組 {seq} 至 {end}，未擷取到",
    [WORDING_LADDER_DATA_LATE] = "位元組 {seq} 至 {end}，遺失或遲到：訊框 {frame}",
    [WORDING_LADDER_ICMP] = "ICMP 錯誤訊息引用了這個 SYN：訊框 {frame}",
    [WORDING_LADDER_KEY_AGAIN] = "重新傳送",
    [WORDING_LADDER_KEY_UNSEEN] = "未擷取到",
    [WORDING_LADDER_KEY_LOST] = "遺失或遲到",
    [WORDING_LADDER_RELATIVE] =
        "序號為相對值。狀態：傳送端為送出之後，接收端為到達之後。",

    [WORDING_STORY_ABOUT] =
        "TCP 串流 {stream}：用戶端是 {client}，伺服器是 {server}。",
    [WORDING_STORY_BYTE] = "1 位元組",
    [WORDING_STORY_BYTES] = "{count} 位元組",
    [WORDING_STORY_FINE] =
        "沒有出現任何問題。",
    [WORDING_STORY_REFUSED] =
        "連線遭拒：訊框 {frame} 中{who}的 RST 回應了 SYN。",
    [WORDING_STORY_UNANSWERED] =
        "無人回應：沒有擷取到對 SYN 的任何回應。",
    [WORDING_STORY_NO_ANSWER] =
        "沒有擷取到任何回應。",
    [WORDING_STORY_REJECTED] =
        "連線遭拒：訊框 {frame} 的 ICMP 錯誤訊息回應了 SYN。",
    [WORDING_STORY_UNFINISHED] =
        "交握始終沒有完成：沒有擷取到對 SYN-ACK 的 ACK。",
    [WORDING_STORY_HANDSHAKE_ABORTED] =
        "訊框 {frame} 中{who}的 RST 中止了交握。",
    [WORDING_STORY_ABORTED] =
        "訊框 {frame} 中{who}的 RST 異常中止了連線，先前沒有 FIN。",
    [WORDING_STORY_LATE_RESET] =
        "正常關閉已經開始，但訊框 {frame} 中{who}的 RST 讓它提前結束。",
    [WORDING_STORY_PEER_GONE] =
        "{other}已失去聯繫：{who}送出的內容再也沒有得到回應。",
    [WORDING_STORY_SYN] = "SYN ",
    [WORDING_STORY_SYN_ACK] = "SYN-ACK ",
    [WORDING_STORY_FIN] = "FIN ",
    [WORDING_STORY_DATA] = "資料",
    [WORDING_STORY_AGAIN_ONCE] =
        "{What}重新傳送了一次，在訊框 {frame}。",
    [WORDING_STORY_AGAIN_TIMES] =
        "{What}重新傳送了 {count} 次，首次在訊框 {frame}。",
    [WORDING_STORY_UNSEEN] =
        "送出的內容沒有全部擷取到；首先從訊框 {frame} 可以看出。",
    [WORDING_STORY_OUT_OF_ORDER] =
        "有資料遲到，順序錯亂或者遺失後重新傳送，首次在訊框 {frame}。",
    [WORDING_STORY_RST_IGNORED] =
        "訊框 {frame} 中{who}的 RST 不符，遭忽略。",
    [WORDING_STORY_ACK_MISMATCH] =
        "訊框 {frame} 在交握中確認了一個從未送出的序號。",
    [WORDING_STORY_ZERO_WINDOW] =
        "{who}的接收緩衝區已滿，在訊框 {frame} 讓{other}停止傳送。",

    [WORDING_STORY_OPEN_THREE_WAY] =
        "用戶端以訊框 {syn} 的 SYN 開啟。{time} 之後，伺服器的 SYN-ACK 在訊框 {syn_ack} 到來；再過 {time2}，"
        "用戶端在訊框 {ack} 的 ACK 完成了三向交握。",
    [WORDING_STORY_OPEN_PARTLY] =
        "以三向交握開啟，但只擷取到其中一部分。",
    [WORDING_STORY_OPEN_SIMULTANEOUS] =
        "雙方同時開啟：訊框 {first} 和訊框 {syn} 的 SYN 相互交錯，雙方各自確認對方的 SYN。",
    [WORDING_STORY_OPEN_FAST] =
        "用戶端在訊框 {syn} 的 SYN 已經附帶資料，伺服器接受了這些資料：這是 TCP 快速開啟，省下一次往返。",
    [WORDING_STORY_OPEN_ASKED] =
        "用戶端以訊框 {syn} 的 SYN 要求建立連線。",
    [WORDING_STORY_OPEN_ANSWERED] =
        "伺服器以訊框 {syn_ack} 的 SYN-ACK 回應。",

    [WORDING_STORY_NO_DATA] =
        "沒有傳送資料。",
    [WORDING_STORY_DATA_OF_ONE] =
        "只有{who}傳送了資料：{size}。",
    [WORDING_STORY_DATA_OF_BOTH] =
        "用戶端傳送的資料為 {size}，伺服器為 {size2}。",
    [WORDING_STORY_TURNS] =
        "雙方輪流傳送：兩個方向上共有 {count} 段連續的資料。",
    [WORDING_STORY_KEEP_ALIVE] =
        "訊框 {frame} 的保持連線詢問對方是否還在。",
    [WORDING_STORY_KEEP_ALIVES] =
        "保持連線 {count} 次詢問對方是否還在，首次在訊框 {frame}。",
    [WORDING_STORY_SILENCE] =
        "最長的靜默為 {time}，在訊框 {frame} 之前。",

    [WORDING_STORY_END_FOUR] =
        "{who}首先關閉，FIN 在訊框 {fin}。{other}在訊框 {ack} 確認了它，並在訊框 {fin2} 送出自己的 "
        "FIN：四次揮手。",
    [WORDING_STORY_END_THREE] =
        "{who}首先關閉，FIN 在訊框 {fin}。{other}已沒有資料要傳送：它在訊框 {fin2} 的 FIN "
        "同時確認了前一個 FIN，所以三個區段就夠了。",
    [WORDING_STORY_END_SIMULTANEOUS] =
        "雙方同時關閉：訊框 {fin} 和訊框 {fin2} 的 FIN 送出時，都還沒有收到對方的 FIN。",
    [WORDING_STORY_END_HALF_CLOSE] =
        "第一個 FIN 之後，另一個方向仍在傳輸資料：連線處於半關閉。",
    [WORDING_STORY_END_HALF_CLOSED] =
        "{who}以訊框 {fin} 的 FIN 關閉了自己的方向；沒有擷取到{other}的 FIN。",
    [WORDING_STORY_END_FIRST_FIN] =
        "{who}已經開始關閉，FIN 在訊框 {fin}。",
    [WORDING_STORY_END_LAST_ACK] =
        "訊框 {frame} 的 ACK 是最後一步。",
    [WORDING_STORY_END_NO_LAST_ACK] =
        "沒有擷取到最後的 ACK。",
    [WORDING_STORY_END_RESET] =
        "自訊框 {frame} 的 RST 起，雙方都處於 CLOSED。",
    [WORDING_STORY_END_NEVER] =
        "連線沒有建立。",
    [WORDING_STORY_END_OPEN] =
        "擷取結束時，雙方都還沒有關閉。",
    [WORDING_STORY_TIME_WAIT] =
        "{who}在 TIME_WAIT 中等待。",
    [WORDING_STORY_TIME_WAIT_BOTH] =
        "雙方都在 TIME_WAIT 中等待。",
    [WORDING_STORY_TOOK] =
        "從訊框 {first} 到訊框 {last}，歷時 {time}。",
};
/* clang-format on */
