/*
 * Exchanges that are done again and again as long as they pass: when each is due, and which have passed since somebody last
 * asked. No socket here; exchange.c does them. SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_REPEATS_H
#define IPVS_NETLINK_REPEATS_H

#include "deadlines.h"
#include "exchange.h"

struct repeat {
	bool on;
	struct exchange_plan plan;      /* points into memory */
	uint8_t *memory;
	uint32_t life;                  /* of the slot: passes of an earlier one are not told */
};

struct pass {
	int slot;
	uint32_t life;
	int64_t passed_ns, latency_ns;
};

struct repeats {
	struct repeat *repeat;          /* by slot */
	int slots;
	struct deadlines due;           /* of those that wait */
	struct pass *passes;            /* not told yet */
	int passed, told, passes_max;
	int64_t tell_ns;                /* when they are to be told; below 0: there are none */
	int64_t grid_origin_ns;         /* a moment of all grids */
	struct repeat_lateness lateness;
};

/* Makes room for the slots below `slots`; false when there is no memory. */
bool repeats_reserve(struct repeats *, int slots);
void repeats_free(struct repeats *);
/* Begins with a wait. False when there is no memory. */
bool repeats_add(struct repeats *, const struct exchange_plan *, int64_t now_ns);
/* It is not repeated any more. */
void repeats_remove(struct repeats *, int slot);
/* Passes of the slot that were not told yet are not told. */
void repeats_forget(struct repeats *, int slot);
bool repeats_has(const struct repeats *, int slot);
/* It is due now, unless it is under way. */
void repeats_expedite(struct repeats *, int slot, int64_t now_ns);
/* The slot that is due, which does not wait any more; -1: none. */
int repeats_begin(struct repeats *, int64_t now_ns);
/* It has passed and waits again. That it has is not told where there is no memory. */
void repeats_passed(struct repeats *, int slot, int64_t now_ns, int64_t latency_ns);
/* When the next is due; below 0: none waits. */
int64_t repeats_next_ns(const struct repeats *);
/* Fills rows of PASS_FIELDS with what passed since the last call, in order; answers how many, to be called again if all are full. */
int repeats_take(struct repeats *, struct words rows, int64_t now_ns);

#endif
