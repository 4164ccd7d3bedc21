/*
 * A socket whose senders say the same again and again: such packets are recognized and counted here (known-packets.h), and only others
 * enter JavaScript (listener-calls.c). SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_LISTENER_H
#define IPVS_NETLINK_LISTENER_H

#include "known-packets.h"
#include "receive-pace.h"

#include <uv.h>

#define BATCH_SLOTS 32
#define BATCH_SLOT_BYTES 4352   /* the longest advert: 255 addresses of IPv6 and a signature */

struct listener {
	napi_env env;
	napi_ref callback;      /* there are strangers */
	napi_async_cleanup_hook_handle cleanup;
	uv_poll_t poll;
	uv_timer_t timer;
	int fd, closing;
	bool closed, collected, listens;
	double last_look_ms;    /* nothing that had come before was left */
	uint32_t drops;         /* by the kernel, for want of room */
	bool lost_some;         /* of those that came since the last look */
	struct known_packets known;
	struct receive_pace pace;
	int received;           /* at the last look */
};

/* A packet that is not known; valid until the next call. */
struct stranger {
	const uint8_t *data, *addresses;
	const int32_t *info;
	double arrived_ms;
};

/* 0, or -errno: it never began, and is as good as ended. */
int listener_open(struct listener *);
int listener_start(struct listener *, int look_ms);
void listener_stop(struct listener *);
/* Nothing is told any more. The memory goes when libuv has let go of it and listener_collect was called, in whichever order. */
void listener_end(struct listener *);
/* JavaScript has no reference any more. */
void listener_collect(struct listener *);
/*
 * The next packet that is not known, which it stays at; false: all that had come was read, or the rest of a flood waits for the next look.
 * Who ends before may lose a batch to the next listener that is read.
 */
bool listener_next(struct listener *, struct stranger *);
/* Goes on behind that packet; false: there is none directly behind it that was received with it and is not known. */
bool listener_pass(struct listener *);

#endif
