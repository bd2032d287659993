# SPDX-License-Identifier: MIT
# Run by cpack before it packs. Directories have what the umask of whoever builds the package gives: under 077 nobody
# could use them, and plugins in a directory that others can write, as under 002, are not loaded.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_INSTALL_DIRECTORY} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
