# InstallPersonal.cmake
# Puts the plugin into the personal plugin folder of whoever runs it, and the profiles beside his own:
# cmake -DPLUGIN=FILE -DVERSION=X.Y -DPROFILES=FOLDER -P InstallPersonal.cmake
#
# Wireshark keeps what a person changes in a profile in the profile itself: a file there that is not
# ours any more is left alone.
#
# A script of its own and no install() rule, because $HOME counts when it runs, not when CMake
# configured the project.
#
# Handshark - TCP connections, explained
# SPDX-License-Identifier: GPL-2.0-or-later
if("$ENV{HOME}" STREQUAL "")
    message(FATAL_ERROR "HOME is not set: there is no personal plugin folder to install to.")
endif()

set(folder "$ENV{HOME}/.local/lib/wireshark/plugins/${VERSION}/epan")
file(INSTALL "${PLUGIN}" DESTINATION "${folder}")

# Where Wireshark keeps its configuration (Help > About > Folders).
if(NOT "$ENV{WIRESHARK_CONFIG_DIR}" STREQUAL "")
    set(configuration "$ENV{WIRESHARK_CONFIG_DIR}")
elseif(NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "" AND IS_ABSOLUTE "$ENV{XDG_CONFIG_HOME}")
    set(configuration "$ENV{XDG_CONFIG_HOME}/wireshark")
else()
    set(configuration "$ENV{HOME}/.config/wireshark")
endif()
# It stays with the folder of its older versions where there is no newer one.
if(
    "$ENV{WIRESHARK_CONFIG_DIR}" STREQUAL ""
    AND NOT IS_DIRECTORY "${configuration}"
    AND IS_DIRECTORY "$ENV{HOME}/.wireshark"
)
    set(configuration "$ENV{HOME}/.wireshark")
endif()

file(GLOB_RECURSE files RELATIVE "${PROFILES}" "${PROFILES}/*")
foreach(file IN LISTS files)
    set(target "${configuration}/profiles/${file}")
    get_filename_component(folder "${target}" DIRECTORY)
    if(NOT EXISTS "${target}")
        file(INSTALL "${PROFILES}/${file}" DESTINATION "${folder}")
        continue()
    endif()
    file(SHA256 "${PROFILES}/${file}" ours)
    file(SHA256 "${target}" theirs)
    if(NOT ours STREQUAL theirs)
        message(
            WARNING
            "${target} is not the one of this version, and is kept as it is. To get this version's, "
            "remove it and install again."
        )
    endif()
endforeach()
