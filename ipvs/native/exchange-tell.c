/* The rows of what happened: see exchange-state.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-state.h"

bool exchanges_have_room_left(const struct exchanges *all)
{
	/* An event may be both octets and an end. */
	return (size_t)(all->rows + 2) * RESULT_FIELDS <= all->results.length &&
	       all->arena_used + PIECE_BYTES <= all->arena.length;
}

void exchange_tell(struct exchanges *all, int slot, int kind, int value, int detail)
{
	int64_t now = monotonic_ns();
	int64_t elapsed_ns = now - all->exchange[slot].started_ns;
	int32_t *row;

	if (kind == EXCHANGE_CONNECTED && repeats_has(&all->repeats, slot)) {
		exchange_end_connection(all, slot);
		repeats_passed(&all->repeats, slot, now, elapsed_ns);
		return;
	}
	if (repeats_has(&all->repeats, slot))
		all->repeat_failed = true;
	row = all->results.data + all->rows++ * RESULT_FIELDS;
	row[RESULT_SLOT] = slot;
	row[RESULT_KIND] = kind;
	row[RESULT_VALUE] = value;
	row[RESULT_DETAIL] = detail;
	row[RESULT_MICROSECONDS] = elapsed_ns / 1000;
	if (kind == EXCHANGE_SECURED || kind == EXCHANGE_DATA || kind == EXCHANGE_END)
		return;
	exchange_end_connection(all, slot);
	repeats_remove(&all->repeats, slot);
}
