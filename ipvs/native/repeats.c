/* See repeats.h. SPDX-License-Identifier: Apache-2.0 */
#include "repeats.h"

#include <stdlib.h>
#include <string.h>

#define TELL_AFTER_NS 1000000000LL /* whoever looks at what passes does not look more often */

bool repeats_reserve(struct repeats *all, int slots)
{
	struct repeat *grown;
	int *passed;

	if (slots <= all->slots)
		return true;
	if (!deadlines_reserve(&all->due, slots))
		return false;
	if ((grown = realloc(all->repeat, slots * sizeof(*grown))))
		all->repeat = grown;
	if ((passed = realloc(all->passed, slots * sizeof(*passed))))
		all->passed = passed;
	if (!grown || !passed)
		return false;
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
	free(all->passed);
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
	wait_from(all, plan->slot, now_ns);
	return true;
}

void repeats_remove(struct repeats *all, int slot)
{
	struct repeat *repeat;

	if (!repeats_has(all, slot))
		return;
	repeat = &all->repeat[slot];
	repeat->on = repeat->news = false;
	free(repeat->memory);
	repeat->memory = NULL;
	deadlines_remove(&all->due, slot);
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

void repeats_passed(struct repeats *all, int slot, int64_t now_ns, int64_t latency_ns)
{
	struct repeat *repeat = &all->repeat[slot];

	repeat->news = true;
	repeat->passed_ns = now_ns;
	repeat->latency_ns = latency_ns;
	if (!repeat->listed) {
		repeat->listed = true;
		all->passed[all->passed_count++] = slot;
	}
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

	while (all->passed_count > 0 && (size_t)(count + 1) * PASS_FIELDS <= rows.length) {
		int slot = all->passed[--all->passed_count];
		struct repeat *repeat = &all->repeat[slot];
		int32_t *row = rows.data + count * PASS_FIELDS;

		repeat->listed = false;
		if (!repeat->news)
			continue;
		repeat->news = false;
		row[PASS_SLOT] = slot;
		row[PASS_MICROSECONDS] = repeat->latency_ns / 1000;
		row[PASS_AGE_MS] = (now_ns - repeat->passed_ns) / 1000000;
		count++;
	}
	if (all->passed_count == 0)
		all->tell_ns = -1;
	return count;
}
