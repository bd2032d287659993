/* SPDX-License-Identifier: MIT */
/* Cleanup attributes: what a function holds is released on every way out of it. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)       __attribute__((cleanup(f)))
#define _cleanup_close_    _cleanup_(cleanup_close)
#define _cleanup_free_     _cleanup_(cleanup_free)
#define _cleanup_fclose_   _cleanup_(cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

static inline void cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Hand over: the variable that is cleaned up no longer holds it. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define steal_ptr(p)                                                                                                   \
	({                                                                                                             \
		__typeof__(p) *from_ = &(p);                                                                           \
		__typeof__(p) taken_ = *from_;                                                                         \
		*from_ = NULL;                                                                                         \
		taken_;                                                                                                \
	})
