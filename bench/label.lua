-- label.lua
-- What one would write instead of the plugin: a Lua post-dissector that labels handshake and
-- teardown. bench/run --lua compares the two. It knows the plain three-way handshake and the plain
-- teardown only.
--
-- Handshark - TCP connections, explained
-- SPDX-License-Identifier: GPL-2.0-or-later

local proto = Proto("lua_phase", "TCP Phases in Lua")
local label_field = ProtoField.string("lua_phase.label", "Label")
proto.fields = { label_field }

local stream_of = Field.new("tcp.stream")
local syn_of = Field.new("tcp.flags.syn")
local ack_of = Field.new("tcp.flags.ack")
local fin_of = Field.new("tcp.flags.fin")
local rst_of = Field.new("tcp.flags.reset")
local len_of = Field.new("tcp.len")
local number_of = Field.new("tcp.seq_raw")
local ack_number_of = Field.new("tcp.ack_raw")
local port_of = Field.new("tcp.srcport")

local conversations, labels = {}, {}

function proto.init()
    conversations, labels = {}, {}
end

-- The label of a segment; changes what is known of its conversation.
local function label_of(stream)
    local c = conversations[stream] or { fin_end = {} }
    conversations[stream] = c
    local port, other = port_of().value, nil
    local syn, ack = syn_of().value, ack_of().value
    if syn and not ack then
        c.client = port
        return "Handshake 1/3: SYN"
    elseif syn then
        c.answered = true
        return "Handshake 2/3: SYN-ACK"
    elseif rst_of().value then
        return "Reset"
    elseif c.answered and not c.established then
        c.established = true
        return "Handshake 3/3: ACK"
    end

    for sender, number in pairs(c.fin_end) do
        if sender ~= port and ack and ack_number_of().value == number then
            other = sender
        end
    end
    if fin_of().value then
        c.fin_end[port] = (number_of().value + len_of().value + 1) % 4294967296
        if next(c.fin_end, next(c.fin_end)) == nil then
            c.first_fin = port
            return "Teardown 1/4: FIN"
        end
        return other and "Teardown 2+3/4: ACK and FIN" or "Teardown 3/4: FIN"
    elseif other then
        return other == c.first_fin and "Teardown 2/4: ACK" or "Teardown 4/4: ACK"
    end
    return len_of().value > 0 and "Data" or "ACK"
end

function proto.dissector(_, pinfo, tree)
    local stream = stream_of()
    if not stream or not len_of() then
        return
    end
    local label = labels[pinfo.number]
    if not label then
        label = label_of(stream.value)
        labels[pinfo.number] = label
    end
    tree:add(proto):add(label_field, label):set_generated()
    if label ~= "Data" and label ~= "ACK" then
        pinfo.cols.info:prepend(label .. " | ")
    end
end

register_postdissector(proto)
