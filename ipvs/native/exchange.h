/*
 * Many short exchanges over TCP at once: connect, send a request, receive an answer, each under a deadline. No JavaScript
 * here; exchange-calls.c binds it. SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_EXCHANGE_H
#define IPVS_NETLINK_EXCHANGE_H

#include "native.h"

#include <sys/socket.h>

/* What happened, as a row of five int32. An exchange is over and its descriptor closed, unless it was DATA or END. */
enum { EXCHANGE_CONNECTED, EXCHANGE_DATA, EXCHANGE_END, EXCHANGE_FAILED, EXCHANGE_DEADLINE };
/*
 * VALUE: octets of DATA, errno of FAILED; for DEADLINE whether the connection stood.
 * DETAIL: where DATA begins in the arena; of FAILED the call, one of CALL_*.
 */
enum { RESULT_SLOT, RESULT_KIND, RESULT_VALUE, RESULT_DETAIL, RESULT_MICROSECONDS, RESULT_FIELDS };
/* The system call that failed, after which the exchange did not get any further. */
enum { CALL_SOCKET, CALL_SETSOCKOPT, CALL_BIND, CALL_CONNECT, CALL_SEND, CALL_RECEIVE };

/* How an exchange begins. The pointers are only used during exchange_start. */
struct exchange_plan {
	int slot;               /* chosen by the caller, free until the exchange is over */
	int timeout_ms;
	int64_t mark;           /* SO_MARK; below 0: none */
	bool reset;             /* ends with RST instead of FIN */
	struct bytes address;   /* struct sockaddr_in or sockaddr_in6 */
	struct bytes source;    /* the same, to bind to; empty: none */
	struct bytes device;    /* SO_BINDTODEVICE; empty: none */
	struct bytes request;   /* empty: the connection is all that is wanted */
};

#define EXCHANGE_SLOTS_MAX 1048576 /* as many descriptors as a process may have (fs.nr_open) */

struct exchanges;

/* Whether there is room for at least one result. */
bool exchanges_have_room(struct words results, struct bytes arena);
/* NULL and errno when there is no memory or no descriptor. */
struct exchanges *exchanges_open(struct words results, struct bytes arena);
void exchanges_close(struct exchanges *);
/* Readable while there is something to harvest, but for what failed at once. */
int exchanges_descriptor(const struct exchanges *);
int exchanges_active(const struct exchanges *);
/* Answers false when there is no memory. What fails at once is told by the next harvest. */
bool exchange_start(struct exchanges *, const struct exchange_plan *);
/* Ends it without a result; a slot that is free is left alone. */
void exchange_end(struct exchanges *, int slot);
/* Exchanges that failed at once and were not told yet. */
int exchanges_failed_at_once(const struct exchanges *);
/*
 * Fills results and arena with what happened; answers the number of rows. `*more` says that there was no room for all of it:
 * to be called again when the rows have been read.
 */
int exchanges_harvest(struct exchanges *, bool *more);
/*
 * The same for exchanges whose deadline has passed. One that is found late is extended once by as much as it is late: a
 * stall of this process condemns no server. To be called after a harvest that left nothing.
 */
int exchanges_expire(struct exchanges *, bool *more);
/* Milliseconds until the next deadline, rounded up; below 0: none. */
int64_t exchanges_next_deadline_ms(const struct exchanges *);

#endif
