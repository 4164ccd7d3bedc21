/*
 * Whether arrivals wake the process, or a clock: with hundreds of senders at short intervals a wake-up for each datagram costs more than
 * the datagram. Senders send what is due together: a look that finds nothing ends a burst, and the first datagram of the next one begins
 * to be looked at again. Time is given, and nothing waited for here. SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_RECEIVE_PACE_H
#define IPVS_NETLINK_RECEIVE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct receive_pace {
	int look_ms;            /* from one look to the next */
	int arrivals, burst;
	bool expects_burst;
	uint64_t window_from_ms;
};

/* Something came and woke the process. Answers whether it is looked by the clock from now on. */
bool pace_arrived(struct receive_pace *, uint64_t now_ms);
/* It was time to look, and so much was there. Answers whether it goes on so. */
bool pace_looked(struct receive_pace *, int packets);

#endif
