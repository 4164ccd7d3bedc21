/* Exchanges that are repeated: see exchange.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-state.h"

bool exchange_repeat(struct exchanges *all, const struct exchange_plan *plan)
{
	return exchange_has_slot(all, plan->slot) && all->exchange[plan->slot].state == FREE &&
	       repeats_add(&all->repeats, plan, monotonic_ns());
}

void exchanges_prepare_repeats(struct exchanges *all, int at_most, int phase_us)
{
	all->repeating_at_most = at_most;
	all->repeats.grid_origin_ns = monotonic_ns() - phase_us * 1000LL;
}

void exchange_expedite(struct exchanges *all, int slot)
{
	repeats_expedite(&all->repeats, slot, monotonic_ns());
}

void exchanges_start_due(struct exchanges *all)
{
	int64_t now = monotonic_ns();
	int slot;

	while (all->repeating < all->repeating_at_most && (slot = repeats_begin(&all->repeats, now)) >= 0) {
		all->repeating++;
		exchange_start(all, &all->repeats.repeat[slot].plan);
	}
}

int exchanges_read_passes(struct exchanges *all, struct words rows)
{
	all->repeat_failed = false;
	return repeats_take(&all->repeats, rows, monotonic_ns());
}

struct repeat_lateness exchanges_read_lateness(struct exchanges *all)
{
	struct repeat_lateness lateness = all->repeats.lateness;

	all->repeats.lateness = (struct repeat_lateness){ 0 };
	return lateness;
}

bool exchanges_have_passes_to_tell(const struct exchanges *all)
{
	return all->repeats.passed > 0 && (all->repeat_failed || all->repeats.tell_ns <= monotonic_ns());
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int64_t exchanges_next_ns(const struct exchanges *all)
{
	int slot = deadlines_first(&all->deadlines);
	int64_t next = slot < 0 ? -1 : deadlines_at(&all->deadlines, slot);

	/* While all that may be under way are, what is due waits for one of them to end. */
	if (all->repeating < all->repeating_at_most)
		next = earlier(next, repeats_next_ns(&all->repeats));
	return all->repeats.passed > 0 ? earlier(next, all->repeats.tell_ns) : next;
}
