/* What the parts of exchange.h share. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_EXCHANGE_STATE_H
#define IPVS_NETLINK_EXCHANGE_STATE_H

#include "deadlines.h"
#include "exchange.h"
#include "repeats.h"

#define PIECE_BYTES 65536       /* received from one exchange at a time, so that none keeps the others waiting */

enum state { FREE, FAILED_AT_ONCE, CONNECTING, HANDSHAKING, RECEIVING };

struct exchange {
	enum state state;
	int fd, error, call;
	bool reset, extended;
	uint32_t watched;       /* events of epoll */
	struct ssl_st *ssl;     /* NULL: no TLS */
	bool compliant;
	bool pending;           /* octets that were received and decrypted already wait for room */
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
	bool repeat_failed;             /* one has ended whose passes were perhaps not told yet */
	struct ssl_ctx_st *tls;         /* NULL: none is prepared */
	int pending;                    /* exchanges */
	struct words results;
	struct bytes arena;
	size_t arena_used;
	int rows;
};

/* Makes room for the slot; false when there is no memory. */
bool exchange_has_slot(struct exchanges *, int slot);
/* The connection; what is repeated is repeated all the same. */
void exchange_end_connection(struct exchanges *, int slot);
bool exchange_watch(struct exchanges *, int slot, int operation, uint32_t events);
/* For what one event brings: two rows and PIECE_BYTES. */
bool exchanges_have_room_left(const struct exchanges *);
/* A row of what happened, which may be the end of it. */
void exchange_tell(struct exchanges *, int slot, int kind, int value, int detail);

#endif
