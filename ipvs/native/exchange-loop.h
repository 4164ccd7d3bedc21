/* Exchanges driven by the event loop. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_EXCHANGE_LOOP_H
#define IPVS_NETLINK_EXCHANGE_LOOP_H

#include "exchange.h"

#include <uv.h>

/* What the callback is told when there are passes to be read. */
#define CALLBACK_PASSES (-1)

struct engine {
	napi_env env;
	struct exchanges *exchanges;
	/* The callback is told how many rows there are, one call per wake-up, with all that happened; or CALLBACK_PASSES. */
	napi_ref results, arena, callback;
	napi_async_cleanup_hook_handle cleanup;
	uv_poll_t poll;
	uv_timer_t timer;
	int64_t armed_at_ms; /* of the event loop's clock; below 0: not at all */
	int closing;         /* handles still to be closed */
	bool closed;
};

/* False when the event loop does not take them. The handles begin to live: from here on engine_close ends it. */
bool engine_open(struct engine *);
void engine_close(struct engine *);
/* Tells what has happened, until so many results are told or none is left. */
void engine_deliver(struct engine *, int results);
/* To be called after anything that may change what there is to wait for. */
void engine_watch_over(struct engine *);

#endif
