/* Numbers with a moment each, earliest first: a binary heap that knows where each is. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_DEADLINES_H
#define IPVS_NETLINK_DEADLINES_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, which is the event loop's clock, too. */
static inline int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

struct deadlines {
	int64_t *at;    /* by number */
	int *place;     /* by number: where in the heap, plus one; 0: not there */
	int *heap;
	int count, capacity;
};

/* Makes room for the numbers below `capacity`; false when there is no memory. */
bool deadlines_reserve(struct deadlines *, int capacity);
void deadlines_free(struct deadlines *);
/* Adds the number, or moves it. */
void deadlines_set(struct deadlines *, int number, int64_t at);
void deadlines_remove(struct deadlines *, int number);
bool deadlines_has(const struct deadlines *, int number);
/* The number whose moment is the earliest, or -1. */
int deadlines_first(const struct deadlines *);
int64_t deadlines_at(const struct deadlines *, int number);

#endif
