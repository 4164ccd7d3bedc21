/* See repeats.h. SPDX-License-Identifier: Apache-2.0 */
#include "repeats.h"

#include <stdlib.h>
#include <string.h>

#define TELL_AFTER_NS 1000000000LL /* whoever looks at what passes does not look more often */

bool repeats_reserve(struct repeats *all, int slots)
{
	struct repeat *grown;

	if (slots <= all->slots)
		return true;
	if (!deadlines_reserve(&all->due, slots))
		return false;
	grown = realloc(all->repeat, slots * sizeof(*grown));
	if (!grown)
		return false;
	all->repeat = grown;
	memset(grown + all->slots, 0, (slots - all->slots) * sizeof(*grown));
	if (all->slots == 0)
		all->tell_ns = -1;
	all->slots = slots;
	return true;
}

void repeats_free(struct repeats *all)
{
	for (int slot = 0; slot < all->slots; slot++)
		free(all->repeat[slot].memory);
	free(all->repeat);
	free(all->passes);
	deadlines_free(&all->due);
}

static struct bytes keep(uint8_t **memory, struct bytes part)
{
	struct bytes kept = { .data = *memory, .length = part.length };

	if (part.length)
		memcpy(*memory, part.data, part.length);
	/* The next part is an address. */
	*memory += (part.length + 7) & ~(size_t)7;
	return kept;
}

/* Up to a grid early, and never late: see checkers/src/together.ts, whose grid it is. */
static void wait_from(struct repeats *all, int slot, int64_t now_ns)
{
	const struct repeat *repeat = &all->repeat[slot];
	int64_t due = now_ns + repeat->plan.every_ms * 1000000LL;

	if (repeat->plan.grid_us > 0)
		due -= (due - all->grid_origin_ns) % (repeat->plan.grid_us * 1000LL);
	deadlines_set(&all->due, slot, due);
}

bool repeats_add(struct repeats *all, const struct exchange_plan *plan, int64_t now_ns)
{
	struct repeat *repeat = &all->repeat[plan->slot];
	uint8_t *memory = malloc(plan->address.length + plan->source.length + plan->device.length + 3 * 8);

	if (!memory)
		return false;
	free(repeat->memory);
	repeat->memory = memory;
	repeat->plan = *plan;
	repeat->plan.address = keep(&memory, plan->address);
	repeat->plan.source = keep(&memory, plan->source);
	repeat->plan.device = keep(&memory, plan->device);
	repeat->plan.request = (struct bytes){ 0 };
	repeat->on = true;
	repeat->life++;
	wait_from(all, plan->slot, now_ns);
	return true;
}

void repeats_remove(struct repeats *all, int slot)
{
	struct repeat *repeat;

	if (!repeats_has(all, slot))
		return;
	repeat = &all->repeat[slot];
	repeat->on = false;
	free(repeat->memory);
	repeat->memory = NULL;
	deadlines_remove(&all->due, slot);
}

void repeats_forget(struct repeats *all, int slot)
{
	if (slot < all->slots)
		all->repeat[slot].life++;
}

bool repeats_has(const struct repeats *all, int slot)
{
	return slot >= 0 && slot < all->slots && all->repeat[slot].on;
}

void repeats_expedite(struct repeats *all, int slot, int64_t now_ns)
{
	if (repeats_has(all, slot) && deadlines_has(&all->due, slot))
		deadlines_set(&all->due, slot, now_ns);
}

int repeats_begin(struct repeats *all, int64_t now_ns)
{
	int slot = deadlines_first(&all->due);
	int64_t late;

	if (slot < 0 || (late = now_ns - deadlines_at(&all->due, slot)) < 0)
		return -1;
	deadlines_remove(&all->due, slot);
	all->lateness.runs++;
	all->lateness.sum_ns += late;
	if (late > all->lateness.max_ns)
		all->lateness.max_ns = late;
	return slot;
}

static struct pass *another_pass(struct repeats *all)
{
	if (all->passed == all->passes_max) {
		int max = all->passes_max ? 2 * all->passes_max : 256;
		struct pass *grown = realloc(all->passes, max * sizeof(*grown));

		if (!grown)
			return NULL;
		all->passes = grown;
		all->passes_max = max;
	}
	return &all->passes[all->passed++];
}

void repeats_passed(struct repeats *all, int slot, int64_t now_ns, int64_t latency_ns)
{
	struct pass *pass = another_pass(all);

	if (pass)
		*pass = (struct pass){ slot, all->repeat[slot].life, now_ns, latency_ns };
	if (all->tell_ns < 0)
		all->tell_ns = now_ns + TELL_AFTER_NS;
	wait_from(all, slot, now_ns);
}

int64_t repeats_next_ns(const struct repeats *all)
{
	int slot = deadlines_first(&all->due);

	return slot < 0 ? -1 : deadlines_at(&all->due, slot);
}

int repeats_take(struct repeats *all, struct words rows, int64_t now_ns)
{
	int count = 0;

	while (all->told < all->passed && (size_t)(count + 1) * PASS_FIELDS <= rows.length) {
		const struct pass *pass = &all->passes[all->told++];
		int32_t *row = rows.data + count * PASS_FIELDS;

		if (pass->life != all->repeat[pass->slot].life)
			continue;
		row[PASS_SLOT] = pass->slot;
		row[PASS_MICROSECONDS] = pass->latency_ns / 1000;
		row[PASS_AGE_MS] = (now_ns - pass->passed_ns) / 1000000;
		count++;
	}
	if (all->told == all->passed) {
		all->told = all->passed = 0;
		all->tell_ns = -1;
	}
	return count;
}
