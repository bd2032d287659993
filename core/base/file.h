/* SPDX-License-Identifier: MIT */
/* Whole small files, and paths beneath a root. Each returns 0 (or a descriptor) or -errno, without a message. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Read at most size - 1 bytes, end with NUL. Returns the number of bytes. */
ssize_t file_read_at(int dir, const char *path, char *text, size_t size);

/* A whole file of at most `most` bytes (-EFBIG), NUL added behind; the caller frees *bytes. */
int file_read_all(int fd, size_t most, char **bytes, size_t *length);

/* Write to a file that exists. One write(2): kernel files take their value so. */
int file_write_at(int dir, const char *path, const char *text);

/* A file in memory (memfd_create(2)) that can be sealed: to be executed, or never. Close-on-exec. */
int file_memory(const char *name, bool executable);

/* Whether two descriptors lead to one file. */
bool fd_same_file(int a, int b);

/* All bytes, through short writes and EINTR. */
int fd_write_all(int fd, const void *bytes, size_t length);

/* Open a path of the image beneath its root: RESOLVE_IN_ROOT, no magic links. O_CLOEXEC. Retries EAGAIN (a rename
 * race). */
int root_open(int root, const char *path, int flags, mode_t mode, unsigned long long resolve);

/*
 * A target to mount on, beneath root, made with its missing parents if it is not there: a directory, or an empty file.
 * Returns an O_PATH descriptor. resolve: further RESOLVE_* flags.
 */
int root_make(int root, const char *path, int as_file, unsigned long long resolve);
