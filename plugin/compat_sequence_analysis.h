/* compat_sequence_analysis.h
 * What Wireshark's flow graph asks of those who register a flow type.
 *
 * Its own header, epan/sequence_analysis.h, is not among those that are installed. The layout below is
 * that of the releases 4.0 to 4.6, which differ in the kind of truth value alone; what comes after
 * these members in each structure is Wireshark's, who also makes both.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMPAT_SEQUENCE_ANALYSIS_H
#define HANDSHARK_COMPAT_SEQUENCE_ANALYSIS_H

#include <epan/address.h>
#include <epan/packet_info.h>
#include <epan/tap.h>

#include "compat.h"

/** An arrow. Made by sequence_analysis_create_sai_with_addresses(). */
typedef struct _seq_analysis_item {
    uint32_t frame_number;
    address src_addr; /**< owned by the item, as the other address and the texts */
    uint16_t port_src;
    address dst_addr;
    uint16_t port_dst;
    char *frame_label; /**< over the arrow, g_free()d; tshark shows its first 20 characters */
    char *time_str;
    char *comment;     /**< at the right side, g_free()d */
    uint16_t conv_num; /**< chooses a colour where there is none below */
    unsigned fg_color; /**< 0xRRGGBB */
    unsigned bg_color;
    compat_bool has_color_filter; /**< both colours count */
    compat_bool display;          /**< it is drawn */
    unsigned src_node;
    unsigned dst_node;
    uint16_t line_style; /**< width of the arrow */
} seq_analysis_item_t;

/** What a listener's data is. */
typedef struct _seq_analysis_info {
    const char *name;
    compat_bool any_addr;
    int nconv;
    GQueue *items; /**< of seq_analysis_item_t, owned */
} seq_analysis_info_t;

/** Offer a flow type.
 *  @param name     in `tshark -z flow,NAME`; static, as the next
 *  @param ui_name  in the window
 *  @param proto    of whom: nothing is shown where it is disabled
 *  @param tap      which tap is listened to
 *  @param flags    as register_tap_listener()'s
 *  @param packet   called for what is tapped, with a seq_analysis_info_t; adds items to it */
WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto,
                                         const char *tap, unsigned flags, tap_packet_cb packet);

/** @return an item with the packet's time and addresses, zeroed otherwise; NULL where it has no
 *  addresses. The caller owns it, until it is in the list of @p info. */
WS_DLL_PUBLIC seq_analysis_item_t *
sequence_analysis_create_sai_with_addresses(packet_info *pinfo, seq_analysis_info_t *info);

#endif
