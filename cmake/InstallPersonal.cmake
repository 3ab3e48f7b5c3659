# InstallPersonal.cmake
# Puts the plugin into the personal plugin folder of whoever runs it:
# cmake -DPLUGIN=FILE -DVERSION=X.Y -P InstallPersonal.cmake
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
