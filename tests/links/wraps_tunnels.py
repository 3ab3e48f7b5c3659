"""The wraps that are tunnels, and combinations of wraps.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from layers import *  # noqa: F403
from wraps import fragmented, in_ethernet, in_mpls, nsh, simple, vlan, wrap

TUNNEL = "Tunnels"

simple("ipip", TUNNEL, "IP in IPv4 (IPIP; 6in4)", lambda p: over_ipv4(p, p.octets, p.protocol))
simple(
    "ip-in-ipv6", TUNNEL, "IP in IPv6 (4in6; 6in6)", lambda p: over_ipv6(p, p.octets, p.protocol)
)
simple(
    "ipip-fragments",
    TUNNEL,
    "IP in IPv4, the outer packet in fragments",
    lambda p: fragmented(p, p.protocol, p.octets),
)
simple("gre", TUNNEL, "GRE", lambda p: over_ipv4(p, gre(p.octets, p.ethertype), PROTO_GRE))
simple(
    "gre-all",
    TUNNEL,
    "GRE with checksum, key and sequence number",
    lambda p: over_ipv4(p, gre(p.octets, p.ethertype, 1, p.number, True), PROTO_GRE),
)
simple(
    "gre-ipv6",
    TUNNEL,
    "GRE over IPv6",
    lambda p: over_ipv6(p, gre(p.octets, p.ethertype), PROTO_GRE),
)
simple(
    "gre-bridged",
    TUNNEL,
    "Ethernet in GRE",
    lambda p: over_ipv4(p, gre(ethernet(p), BRIDGED), PROTO_GRE),
)
simple(
    "gre-mpls", TUNNEL, "MPLS in GRE", lambda p: over_ipv4(p, gre(in_mpls(p, 1), MPLS), PROTO_GRE)
)
simple(
    "gre-fragments",
    TUNNEL,
    "GRE, the outer packet in fragments",
    lambda p: fragmented(p, PROTO_GRE, gre(p.octets, p.ethertype)),
)
simple(
    "nvgre",
    TUNNEL,
    "NVGRE",
    lambda p: over_ipv4(p, gre(ethernet(p), BRIDGED, key=77 << 8 | 3), PROTO_GRE),
)


@wrap("pptp", TUNNEL, "PPTP: PPP in GRE version 1")
def pptp(p):
    body = b"\xff\x03" + ppp(p)
    return over_ipv4(p, be16(0x3001, 0x880B, len(body), 7) + be32(p.number) + body, PROTO_GRE)


simple(
    "wccp",
    TUNNEL,
    "WCCP redirection in GRE",
    lambda p: over_ipv4(p, gre(be32(0) + p.octets, 0x883E), PROTO_GRE),
    versions="4",
)


def erspan(ethertype, header):
    """A mirrored frame in GRE with a sequence number."""
    return lambda p: over_ipv4(p, gre(header + ethernet(p), ethertype, None, p.number), PROTO_GRE)


simple(
    "erspan-1", TUNNEL, "ERSPAN type I", lambda p: over_ipv4(p, gre(ethernet(p), 0x88BE), PROTO_GRE)
)
simple(
    "erspan-2",
    TUNNEL,
    "ERSPAN type II",
    erspan(0x88BE, be16(0x1005, 0x0009) + be32(3)),
)
simple(
    "erspan-3",
    TUNNEL,
    "ERSPAN type III",
    erspan(0x22EB, be16(0x2005, 0x0009) + be32(5, 0)),
)
simple("mpls-in-ip", TUNNEL, "MPLS in IP", lambda p: over_ipv4(p, in_mpls(p, 1), PROTO_MPLS))
simple("mpls-in-udp", TUNNEL, "MPLS in UDP", lambda p: over_udp(p, in_mpls(p, 1), 6635, 49999))
simple(
    "etherip", TUNNEL, "EtherIP", lambda p: over_ipv4(p, be16(0x3000) + ethernet(p), PROTO_ETHERIP)
)
simple("vxlan", TUNNEL, "VXLAN", lambda p: over_udp(p, vxlan(ethernet(p)), 4789, 49999))
simple(
    "vxlan-ipv6",
    TUNNEL,
    "VXLAN over IPv6",
    lambda p: over_ipv6(p, udp(vxlan(ethernet(p)), 4789), PROTO_UDP),
)
simple(
    "vxlan-fragments",
    TUNNEL,
    "VXLAN, the outer packet in fragments",
    lambda p: fragmented(p, PROTO_UDP, udp(vxlan(ethernet(p)), 4789)),
)


def vxlan_gpe(payload, next_protocol):
    return bytes([0x0C, 0, 0, next_protocol]) + be32(77 << 8) + payload


simple(
    "vxlan-gpe",
    TUNNEL,
    "VXLAN-GPE, IP",
    lambda p: over_udp(p, vxlan_gpe(p.octets, 2 if p.is_ipv6 else 1), 4790),
)
simple(
    "vxlan-gpe-ethernet",
    TUNNEL,
    "VXLAN-GPE, Ethernet",
    lambda p: over_udp(p, vxlan_gpe(ethernet(p), 3), 4790),
)
simple(
    "vxlan-gpe-nsh",
    TUNNEL,
    "VXLAN-GPE, NSH",
    lambda p: over_udp(p, vxlan_gpe(nsh(p, 3, ethernet(p)), 4), 4790),
)
GENEVE_OPTION = bytes.fromhex("0102800100000000")
simple("geneve", TUNNEL, "GENEVE", lambda p: over_udp(p, geneve(ethernet(p), BRIDGED), 6081))
simple(
    "geneve-options",
    TUNNEL,
    "GENEVE with options",
    lambda p: over_udp(p, geneve(ethernet(p), BRIDGED, GENEVE_OPTION), 6081),
)
simple(
    "geneve-ip", TUNNEL, "GENEVE, IP", lambda p: over_udp(p, geneve(p.octets, p.ethertype), 6081)
)
simple("gtp-u", TUNNEL, "GTP-U", lambda p: over_udp(p, gtp_u(p, p.octets), 2152))
simple(
    "gtp-u-extension",
    TUNNEL,
    "GTP-U with an extension header",
    lambda p: over_udp(p, gtp_u(p, p.octets, bytes.fromhex("8501000900")), 2152),
)
simple(
    "l2tpv2",
    TUNNEL,
    "L2TP version 2, PPP",
    lambda p: over_udp(p, be16(2, 9, 8) + b"\xff\x03" + ppp(p), 1701),
)
L2TP_PREFERENCES = (
    "-o",
    "l2tp.cookie_size:None",
    "-o",
    "l2tp.l2_specific:None",
    "-d",
    "l2tp.pw_type==0,eth",
)
simple(
    "l2tpv3-ip",
    TUNNEL,
    "L2TP version 3 over IP",
    lambda p: over_ipv4(p, be32(9) + ethernet(p), PROTO_L2TP),
    options=L2TP_PREFERENCES,
)
simple(
    "l2tpv3-udp",
    TUNNEL,
    "L2TP version 3 over UDP",
    lambda p: over_udp(p, be32(0x00030000, 9) + ethernet(p), 1701),
    options=L2TP_PREFERENCES,
)
simple("lisp", TUNNEL, "LISP data", lambda p: over_udp(p, be32(0x80000001, 0) + p.octets, 4341))
simple("teredo", TUNNEL, "Teredo", lambda p: over_udp(p, p.octets, 3544), versions="6")
simple(
    "teredo-authentication",
    TUNNEL,
    "Teredo with authentication and origin indication",
    lambda p: over_udp(p, be16(1, 0) + bytes(9) + be16(0, 0xF1F1) + bytes(4) + p.octets, 3544),
    versions="6",
)
simple(
    "ayiya",
    TUNNEL,
    "AYIYA",
    lambda p: over_udp(p, bytes.fromhex("4100012900000000") + OUTER6[0] + p.octets, 5072),
    versions="6",
)
simple(
    "ah-tunnel",
    TUNNEL,
    "AH, tunnel mode",
    lambda p: over_ipv4(
        p, bytes([p.protocol, 4, 0, 0]) + be32(7, p.number) + bytes(12) + p.octets, PROTO_AH
    ),
)


@wrap("ah-transport", TUNNEL, "AH, transport mode", versions="4")
def ah_transport(p):
    header = bytes([p.octets[9], 4, 0, 0]) + be32(7, p.number) + bytes(12)
    start = p.octets[:2] + be16(len(p.octets) + len(header)) + p.octets[4:9] + bytes([PROTO_AH])
    return ethernet(p, start + p.octets[10:20] + header + p.octets[20:])


def esp_null(p):
    """ESP with the NULL cipher and a checksum of 12 octets."""
    pad = -(len(p.octets) + 2) % 4
    return (
        be32(7, p.number)
        + p.octets
        + bytes(range(1, pad + 1))
        + bytes([pad, p.protocol])
        + bytes(12)
    )


ESP_PREFERENCE = ("-o", "esp.enable_null_encryption_decode_heuristic:TRUE")
simple(
    "esp-null",
    TUNNEL,
    "ESP with the NULL cipher, by preference",
    lambda p: over_ipv4(p, esp_null(p), PROTO_ESP),
    options=ESP_PREFERENCE,
)
simple(
    "esp-null-udp",
    TUNNEL,
    "ESP with the NULL cipher in UDP, by preference",
    lambda p: over_udp(p, esp_null(p), 4500),
    options=ESP_PREFERENCE,
)
simple("tzsp", TUNNEL, "TZSP", lambda p: over_udp(p, bytes([1, 0, 0, 1, 1]) + ethernet(p), 37008))
simple(
    "hp-erm",
    TUNNEL,
    "HP remote mirroring",
    lambda p: over_udp(p, bytes(12) + ethernet(p), 7932),
    options=("-o", "hp_erm.udp.port:7932"),
)
simple(
    "jmirror",
    TUNNEL,
    "Juniper packet mirror",
    lambda p: over_udp(p, be32(0x40000001, 2) + p.octets, 30030),
)
simple(
    "pim-register",
    TUNNEL,
    "PIM register",
    lambda p: over_ipv4(p, bytes([0x21, 0, 0xDE, 0xFF]) + be32(0) + p.octets, 103),
)


def capwap(p, payload, wireless):
    return be32(0x00100000 | 1 << 9 | wireless << 8, 0) + payload


simple(
    "capwap",
    TUNNEL,
    "CAPWAP data, 802.11",
    lambda p: over_udp(p, capwap(p, ieee80211(p, llc_snap(p)), 1), 5247),
    options=("-o", "capwap.swap_fc:FALSE"),
)
simple(
    "capwap-802.3",
    TUNNEL,
    "CAPWAP data, 802.3",
    lambda p: over_udp(p, capwap(p, ethernet(p), 0), 5247),
)

# --- combinations ---------------------------------------------------------------------------------

MIXED = "Combinations"

simple(
    "vxlan-in-vlan",
    MIXED,
    "VXLAN in a VLAN",
    lambda p: in_ethernet(p, vlan(p, 5, IPV4, ipv4(p, udp(vxlan(ethernet(p)), 4789), PROTO_UDP))),
)
simple(
    "vlan-in-vxlan",
    MIXED,
    "VLAN in VXLAN",
    lambda p: over_udp(p, vxlan(in_ethernet(p, vlan(p))), 4789),
)
simple(
    "vxlan-in-vxlan",
    MIXED,
    "VXLAN in VXLAN",
    lambda p: over_udp(p, vxlan(over_udp(p, vxlan(ethernet(p), 5), 4789)), 4789),
)
simple(
    "ip-in-ipv4-vlans",
    MIXED,
    "IP in IPv4 with two VLAN tags",
    lambda p: ethernet(
        p, tag(PROVIDER_VLAN, 9, *vlan(p, 5, IPV4, ipv4(p, p.octets, p.protocol)))[1], PROVIDER_VLAN
    ),
)
simple(
    "geneve-ipv6-vlan",
    MIXED,
    "VLAN in GENEVE over IPv6",
    lambda p: over_ipv6(p, udp(geneve(in_ethernet(p, vlan(p)), BRIDGED), 6081), PROTO_UDP),
)
simple(
    "gre-in-ipip",
    MIXED,
    "GRE in IPIP",
    lambda p: over_ipv4(p, ipv4(p, gre(p.octets, p.ethertype), PROTO_GRE), PROTO_IPIP),
)
simple(
    "gtp-u-in-mpls",
    MIXED,
    "GTP-U in MPLS",
    lambda p: ethernet(p, in_mpls(p, 2, ipv4(p, udp(gtp_u(p, p.octets), 2152), PROTO_UDP)), MPLS),
)
simple(
    "pppoe-in-qinq",
    MIXED,
    "PPPoE in QinQ",
    lambda p: ethernet(p, tag(PROVIDER_VLAN, 9, *vlan(p, 5, 0x8864, pppoe(p)))[1], PROVIDER_VLAN),
)
simple(
    "gtp-u-ip-in-gre",
    MIXED,
    "GTP-U in GRE with a key",
    lambda p: over_ipv4(
        p, gre(ipv4(p, udp(gtp_u(p, p.octets), 2152), PROTO_UDP), IPV4, 5), PROTO_GRE
    ),
)
simple(
    "mpls-erspan",
    MIXED,
    "MPLS in ERSPAN type II",
    lambda p: over_ipv4(
        p,
        gre(be16(0x1005, 9) + be32(3) + ethernet(p, in_mpls(p, 1), MPLS), 0x88BE, None, p.number),
        PROTO_GRE,
    ),
)
simple(
    "ipip-five",
    MIXED,
    "IP in IPv4, five times",
    lambda p: over_ipv4(p, ipv4(p, ipv4(p, ipv4(p, ipv4(p, p.octets, p.protocol), 4), 4), 4), 4),
)
simple(
    "ah-gre",
    MIXED,
    "GRE in AH over IPv6",
    lambda p: over_ipv6(
        p,
        bytes([47, 4, 0, 0]) + be32(7, p.number) + bytes(12) + gre(p.octets, p.ethertype),
        PROTO_AH,
    ),
)
