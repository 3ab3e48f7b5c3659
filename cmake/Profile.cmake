# Profile.cmake
# The Wireshark profile, from plugin/profiles to the build: handshark_profile(SOURCE DESTINATION COLOURS)
#
# Files that end in .in have ${NAME} replaced by the colour rule's grounds and inks of that name in
# the header COLOURS, as Wireshark writes them: [red,green,blue][red,green,blue], 16 bits each.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later

# Wireshark's notation of 0xRRGGBB.
function(handshark_wireshark_colour variable number)
    set(parts)
    foreach(at IN ITEMS 2 4 6)
        string(SUBSTRING "${number}" ${at} 2 octet)
        math(EXPR part "0x${octet} * 257") # 0xFF becomes 0xFFFF
        list(APPEND parts "${part}")
    endforeach()
    list(JOIN parts "," parts)
    set(${variable} "[${parts}]" PARENT_SCOPE)
endfunction()

function(handshark_profile source destination colours)
    file(STRINGS "${colours}" lines REGEX "^#define COLOUR_[A-Z_]+_(GROUND|INK) +0x[0-9A-F]+$")
    set(names)
    foreach(line IN LISTS lines)
        string(REGEX MATCH "COLOUR_([A-Z_]+)_(GROUND|INK) +(0x[0-9A-F]+)$" matched "${line}")
        list(APPEND names "${CMAKE_MATCH_1}")
        handshark_wireshark_colour(${CMAKE_MATCH_1}_${CMAKE_MATCH_2} "${CMAKE_MATCH_3}")
    endforeach()
    list(REMOVE_DUPLICATES names)

    file(GLOB files CONFIGURE_DEPENDS RELATIVE "${source}" "${source}/*")
    foreach(file IN LISTS files)
        string(REGEX REPLACE "\\.in$" "" name "${file}")
        if(name STREQUAL file)
            configure_file("${source}/${file}" "${destination}/${name}" COPYONLY)
            continue()
        endif()
        file(READ "${source}/${file}" text)
        foreach(colour IN LISTS names)
            string(REPLACE "\${${colour}}" "${${colour}_GROUND}${${colour}_INK}" text "${text}")
        endforeach()
        if(text MATCHES "\\\${[^}]*}")
            message(FATAL_ERROR "${source}/${file}: ${CMAKE_MATCH_0} is no colour of ${colours}")
        endif()
        file(WRITE "${destination}/${name}" "${text}")
        set_property(
            DIRECTORY
            APPEND
            PROPERTY CMAKE_CONFIGURE_DEPENDS "${colours}" "${source}/${file}"
        )
    endforeach()
endfunction()
