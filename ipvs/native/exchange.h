/*
 * Many short exchanges over TCP at once: connect, send a request, receive an answer, each under a deadline. No JavaScript
 * here; exchange-calls.c binds it. SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_EXCHANGE_H
#define IPVS_NETLINK_EXCHANGE_H

#include "native.h"

#include <sys/socket.h>

/* What happened, as a row of five int32. An exchange is over and its descriptor closed, unless it was SECURED, DATA or END. */
enum {
	EXCHANGE_CONNECTED, EXCHANGE_DATA, EXCHANGE_END, EXCHANGE_FAILED, EXCHANGE_DEADLINE, EXCHANGE_SECURED, EXCHANGE_TLS_FAILED
};
/*
 * VALUE: octets of DATA, and of the text of TLS_FAILED; errno of FAILED; for DEADLINE REACHED_*; 1 for an END within the
 * handshake; lower half of the expiry of the certificate, seconds since the epoch, of SECURED.
 * DETAIL: where those octets begin in the arena; of FAILED the call, one of CALL_*; upper half of that expiry.
 */
enum { RESULT_SLOT, RESULT_KIND, RESULT_VALUE, RESULT_DETAIL, RESULT_MICROSECONDS, RESULT_FIELDS };
/* The system call that failed, after which the exchange did not get any further. */
enum { CALL_SOCKET, CALL_SETSOCKOPT, CALL_BIND, CALL_CONNECT, CALL_SEND, CALL_RECEIVE, CALL_HANDSHAKE };
enum { REACHED_CONNECTION = 1, REACHED_HANDSHAKE };

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
	bool tls;               /* with exchanges_prepare_tls */
	bool compliant;         /* TLS ends with a close_notify (RFC 8446 6.1) */
	struct bytes server_name; /* a C string; empty: none is told */
	/* Of exchange_repeat: the time from the end of one to the start of the next, which may be a little earlier, on this grid. */
	int every_ms, grid_us;
};

/* How late those were started, since the last exchanges_read_lateness. */
struct repeat_lateness {
	int64_t runs, max_ns, sum_ns;
};

/* A pass of an exchange that is repeated: how long it took, and how long ago that was. */
enum { PASS_SLOT, PASS_MICROSECONDS, PASS_AGE_MS, PASS_FIELDS };

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
/* That wait to be repeated. */
int exchanges_waiting(const struct exchanges *);
/* Answers false when there is no memory. What fails at once is told by the next harvest. */
bool exchange_start(struct exchanges *, const struct exchange_plan *);
/* Ends it without a result; a slot that is free is left alone. */
void exchange_end(struct exchanges *, int slot);
/* How all of them do TLS, as OpenSSL has it. Nothing is verified. */
struct tls_settings {
	int min_version;
	const char *ciphers, *cipher_suites, *groups;
};

/* To be called before the first plan with TLS: 0, or -ENOTSUP where it cannot be done. */
int exchanges_prepare_tls(struct exchanges *, const struct tls_settings *);
/* Exchanges that failed at once and were not told yet. */
int exchanges_failed_at_once(const struct exchanges *);
/*
 * Repeats an exchange without a request, in a free slot, beginning with the wait, for as long as it passes: nothing is told of it until it
 * does not, which ends it. exchange_end ends it, too. At most so many are under way at once; what is due beyond that waits. False: no memory.
 */
bool exchange_repeat(struct exchanges *, const struct exchange_plan *);
/* To be called before; `phase_us` after a moment of all grids. */
void exchanges_prepare_repeats(struct exchanges *, int at_most, int phase_us);
/* Repeats it now, if it waits. */
void exchange_expedite(struct exchanges *, int slot);
/* Starts what is due. */
void exchanges_start_due(struct exchanges *);
/* Fills rows of PASS_FIELDS with the passes since the last call; to be called again if it fills them all. */
int exchanges_read_passes(struct exchanges *, struct words rows);
struct repeat_lateness exchanges_read_lateness(struct exchanges *);
/* Whether there are passes to be read now: before the results of a harvest, and after a second. */
bool exchanges_have_passes_to_tell(const struct exchanges *);
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
/* The moment of CLOCK_MONOTONIC at which there is something to do: a deadline, a start, passes to tell; below 0: none. */
int64_t exchanges_next_ns(const struct exchanges *);

#endif
