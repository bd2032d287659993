# SPDX-License-Identifier: MIT
# `cpack` in the build tree makes contain_VERSION_ARCHITECTURE.deb, one package with all that a plugin needs to be built.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME contain)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "container runtime of which each isolation is a plugin")
set(CPACK_PACKAGE_DESCRIPTION "contain runs a process in namespaces of its own with resource limits. Process ids, host \
name, mounts, memory, cpu, network: each of them is a plugin, chosen and ordered by a profile. What is needed to write \
one's own is in this package too: the header, a CMake package, pkg-config's files, a fake host for tests, and `contain \
plugin new`.")
# A packager gives a true one: -DCPACK_PACKAGE_CONTACT=...
set(CPACK_PACKAGE_CONTACT "The contain authors <authors@contain.invalid>" CACHE STRING "maintainer of the package")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/tools/cmake/package-modes.cmake)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# It is loaded when it is needed (plugins/veth), so the libraries of the files do not tell.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libnftables1)

# A profile that the administrator has changed stays as it is (deb-conffiles(5)).
foreach(profile ${CONTAIN_PROFILES})
  get_filename_component(name ${profile} NAME)
  string(APPEND conffiles "/etc/contain/${name}\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/package/conffiles CONTENT "${conffiles}" @ONLY)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/package/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
configure_file(${PROJECT_SOURCE_DIR}/LICENSE ${CMAKE_BINARY_DIR}/package/copyright COPYONLY)
install(FILES ${CMAKE_BINARY_DIR}/package/copyright DESTINATION share/doc/contain)
include(CPack)
