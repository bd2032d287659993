# SPDX-License-Identifier: MIT
# The layout of an installed tree, which is also that of the build tree: the executable finds its plugins, profiles and
# templates relative to itself, and so do the CMake package and pkg-config's files, so each can be moved as a whole. No
# multiarch or lib64 directory, as nobody could tell from bin/ which.
#
# Where the profiles are is decided when it is installed, as `cmake --install --prefix` and cpack may choose another prefix:
# what is in /usr is configured in /etc (hier(7)). core/cli/where.c knows the same rule, and so does contain.pc.
install(CODE [[
  set(CONTAIN_ETC etc)
  set(CONTAIN_PKGCONFIG lib/pkgconfig)
  if(CMAKE_INSTALL_PREFIX MATCHES "/usr/*$")
    set(CONTAIN_ETC ../etc)
    set(CONTAIN_PKGCONFIG package/pkgconfig)
  endif()
]])
set(CONTAIN_PLUGIN_DIR lib/contain/plugins)
include(${PROJECT_SOURCE_DIR}/tools/cmake/contain-plugin.cmake)

add_library(contain_plugin INTERFACE)
target_include_directories(contain_plugin INTERFACE ${PROJECT_SOURCE_DIR}/core/include)
add_library(contain::plugin ALIAS contain_plugin)

# contain_share(DIRECTORY FILE...): into DIRECTORY of both trees.
function(contain_share directory)
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME)
    configure_file(${file} ${CMAKE_BINARY_DIR}/${directory}/${name} COPYONLY)
  endforeach()
  install(FILES ${ARGN} DESTINATION ${directory})
endfunction()

contain_share(include/contain ${PROJECT_SOURCE_DIR}/core/include/contain/plugin.h)

# The CMake package. Members of the interface are only ever added, so a newer contain is as good as the one asked for.
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lib/cmake/contain/contain-config-version.cmake
  COMPATIBILITY AnyNewerVersion)
install(FILES ${CMAKE_BINARY_DIR}/lib/cmake/contain/contain-config-version.cmake DESTINATION lib/cmake/contain)
foreach(name contain-config.cmake contain-plugin.cmake contain-plugin.map)
  contain_share(lib/cmake/contain ${PROJECT_SOURCE_DIR}/tools/cmake/${name})
endforeach()

# pkg-config's files, for the build tree and what is installed alike, and those for /usr.
set(CONTAIN_VERSION ${PROJECT_VERSION})
foreach(name contain contain-fakehost)
  set(CONTAIN_ETC etc)
  configure_file(${PROJECT_SOURCE_DIR}/tools/cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/lib/pkgconfig/${name}.pc @ONLY)
  set(CONTAIN_ETC ../etc)
  configure_file(${PROJECT_SOURCE_DIR}/tools/cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/package/pkgconfig/${name}.pc @ONLY)
  install(FILES "${CMAKE_BINARY_DIR}/\${CONTAIN_PKGCONFIG}/${name}.pc" DESTINATION lib/pkgconfig)
endforeach()

# What `contain plugin new` makes folders of.
foreach(which common c c++)
  file(GLOB TEMPLATES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/plugin-template/${which}/*)
  contain_share(share/contain/plugin-template/${which} ${TEMPLATES})
endforeach()
