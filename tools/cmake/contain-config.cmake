# SPDX-License-Identifier: MIT
# find_package(contain REQUIRED): how to build plugins for the contain that is installed here.
#
#   contain::plugin       the header <contain/plugin.h>
#   contain::fakehost     the fake host for tests, <contain/fakehost.h>
#   contain::contain      the program
#   CONTAIN_PLUGIN_DIR    where it looks for plugins; stays as it is if it is set before
#   contain_add_plugin(), contain_add_plugin_test()    see contain-plugin.cmake
#
# Everything is found from where this file is, so that the tree can be moved: PREFIX/lib/cmake/contain. Links are resolved
# first, as /lib may be one to /usr/lib.
file(REAL_PATH ${CMAKE_CURRENT_LIST_DIR} contain_PREFIX)
foreach(level RANGE 2)
  cmake_path(GET contain_PREFIX PARENT_PATH contain_PREFIX)
endforeach()

if(NOT TARGET contain::plugin)
  add_library(contain::plugin INTERFACE IMPORTED)
  set_target_properties(contain::plugin PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${contain_PREFIX}/include)
  add_library(contain::fakehost STATIC IMPORTED)
  set_target_properties(contain::fakehost PROPERTIES IMPORTED_LOCATION ${contain_PREFIX}/lib/libcontain_fakehost.a
    INTERFACE_LINK_LIBRARIES contain::plugin)
  add_executable(contain::contain IMPORTED)
  set_target_properties(contain::contain PROPERTIES IMPORTED_LOCATION ${contain_PREFIX}/bin/contain)
endif()
if(NOT CONTAIN_PLUGIN_DIR)
  set(CONTAIN_PLUGIN_DIR ${contain_PREFIX}/lib/contain/plugins)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/contain-plugin.cmake)
