/* What the parts of exchange.h share. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_EXCHANGE_STATE_H
#define IPVS_NETLINK_EXCHANGE_STATE_H

#include "deadlines.h"
#include "exchange.h"
#include "repeats.h"

enum state { FREE, FAILED_AT_ONCE, CONNECTING, RECEIVING };

struct exchange {
	enum state state;
	int fd, error, call;
	bool reset, extended;
	int64_t started_ns, timeout_ns;
	uint8_t *request;       /* kept for the next exchange of the slot */
	size_t length, sent, capacity;
};

struct exchanges {
	int epoll, active, failed_at_once, slots;
	struct exchange *exchange;      /* by slot */
	struct deadlines deadlines;
	struct repeats repeats;
	int repeating, repeating_at_most; /* under way */
	struct words results;
	struct bytes arena;
	size_t arena_used;
	int rows;
};

/* Makes room for the slot; false when there is no memory. */
bool exchange_has_slot(struct exchanges *, int slot);

#endif
