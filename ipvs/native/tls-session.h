/* The TLS of exchanges, as clients, by the OpenSSL that is part of Node. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_TLS_SESSION_H
#define IPVS_NETLINK_TLS_SESSION_H

#include "exchange-state.h"

/* False when there is no memory. */
bool exchange_tls_new(struct exchanges *, struct exchange *, const struct exchange_plan *);
/* Before its descriptor is closed. */
void exchange_tls_end(struct exchange *);
void exchange_tls_close(struct exchanges *);

#endif
