# install_manual(PAGE...): installs man pages as systems keep them, compressed, and without the time of
# the build in them.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
include(GNUInstallDirs)
find_program(GZIP gzip REQUIRED)

# compressed(SOURCE NAME RESULT): SOURCE as NAME.gz in the build folder, whose path RESULT becomes.
function(compressed source name result)
    set(target "${CMAKE_CURRENT_BINARY_DIR}/${name}.gz")
    add_custom_command(
        OUTPUT "${target}"
        COMMAND "${GZIP}" -9nc "${source}" > "${target}"
        DEPENDS "${source}"
        VERBATIM
    )
    add_custom_target("compressed_${name}" ALL DEPENDS "${target}")
    set(${result} "${target}" PARENT_SCOPE)
endfunction()

function(install_manual)
    foreach(page IN LISTS ARGN)
        get_filename_component(name "${page}" NAME)
        get_filename_component(source "${page}" ABSOLUTE)
        string(REGEX MATCH "[0-9]$" section "${name}")
        compressed("${source}" "${name}" file)
        install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
    endforeach()
endfunction()
