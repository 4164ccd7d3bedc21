/* See receive-pace.h. SPDX-License-Identifier: Apache-2.0 */
#include "receive-pace.h"

/* So many wake-ups in so many times between looks cost more than the looks. */
#define MANY_ARRIVALS 4
#define WINDOW_LOOKS 8

bool pace_arrived(struct receive_pace *pace, uint64_t now_ms)
{
	if (now_ms - pace->window_from_ms > WINDOW_LOOKS * (uint64_t)pace->look_ms) {
		pace->window_from_ms = now_ms;
		pace->arrivals = 0;
	}
	pace->arrivals++;
	if (pace->arrivals < MANY_ARRIVALS && !pace->expects_burst)
		return false;
	pace->arrivals = 0;
	pace->burst = 0;
	return true;
}

bool pace_looked(struct receive_pace *pace, int packets)
{
	pace->burst += packets;
	if (packets > 0)
		return true;
	pace->expects_burst = pace->burst >= MANY_ARRIVALS;
	return false;
}
