/* How the connection of an exchange begins. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_CONNECTION_H
#define IPVS_NETLINK_CONNECTION_H

#include "exchange.h"

/* A non-blocking socket whose connection is under way, or -1 with errno and, in *call, the call that failed (CALL_*). */
int connection_open(const struct exchange_plan *, int *call);

#endif
