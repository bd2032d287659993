# SPDX-License-Identifier: MIT
# How a plugin of contain is built and tested. Our own plugins use these functions, and so does everybody who says
# find_package(contain REQUIRED).

set(CONTAIN_PLUGIN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/contain-plugin.map)

# contain_add_plugin(NAME SOURCE... [INSTALL])
#
# The target plugin-NAME (a plugin may be called as what CMake keeps for itself, such as test), built as NAME.so from C or
# C++; further libraries and options are added to the target as to any other. INSTALL: `cmake --install` puts it into
# CONTAIN_PLUGIN_DIR, which is where contain looks, and may be set to another directory.
#
# The flags are for starting fast, as a container's start loads each plugin twice: one segment for code and constants takes
# 0.73 of the time of separate ones. All symbols are bound at load anyway, so that a missing one is found there.
function(contain_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg INSTALL "" "")
  if(NOT name MATCHES "^[a-z][a-z0-9-]*$")
    message(FATAL_ERROR "contain_add_plugin: '${name}' can't be the name of a plugin: it begins with a letter and has "
      "small letters, digits and '-' alone")
  endif()
  add_library(plugin-${name} MODULE ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(plugin-${name} PRIVATE contain::plugin)
  set_target_properties(plugin-${name} PROPERTIES PREFIX "" SUFFIX .so OUTPUT_NAME ${name}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${CONTAIN_PLUGIN_EXPORTS})
  target_link_options(plugin-${name} PRIVATE -Wl,-z,relro -Wl,-z,now -Wl,--hash-style=gnu -Wl,-O1
    -Wl,-z,noseparate-code -Wl,--as-needed -Wl,--version-script=${CONTAIN_PLUGIN_EXPORTS})
  # The interface is used by designated initialisers, which C++ has since C++20.
  if(CMAKE_CXX_COMPILER_LOADED AND NOT DEFINED CMAKE_CXX_STANDARD)
    set_target_properties(plugin-${name} PROPERTIES CXX_STANDARD 20)
  endif()
  if(arg_INSTALL)
    install(TARGETS plugin-${name} LIBRARY DESTINATION ${CONTAIN_PLUGIN_DIR})
  endif()
endfunction()

# contain_add_plugin_test(NAME SOURCE...)
#
# The program test-NAME from these sources, the plugin's own, the fake host (contain/fakehost.h) and cmocka, as the test
# plugin.NAME. It needs neither root nor contain.
function(contain_add_plugin_test name)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  get_target_property(sources plugin-${name} SOURCES)
  get_target_property(folder plugin-${name} SOURCE_DIR)
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder} NORMALIZE OUTPUT_VARIABLE path)
    list(APPEND paths ${path})
  endforeach()
  add_executable(test-${name} ${ARGN} ${paths})
  target_link_libraries(test-${name} PRIVATE contain::fakehost PkgConfig::CMOCKA
    $<TARGET_PROPERTY:plugin-${name},LINK_LIBRARIES>)
  foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES)
    set_property(TARGET test-${name} APPEND PROPERTY ${property} $<TARGET_PROPERTY:plugin-${name},${property}>)
  endforeach()
  get_target_property(standard plugin-${name} CXX_STANDARD)
  if(standard)
    set_target_properties(test-${name} PROPERTIES CXX_STANDARD ${standard})
  endif()
  add_test(NAME plugin.${name} COMMAND test-${name})
  set_tests_properties(plugin.${name} PROPERTIES LABELS plugin)
endfunction()
