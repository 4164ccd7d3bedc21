/* TLS clients within exchanges, by the OpenSSL that is part of Node. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_EXCHANGE_TLS_H
#define IPVS_NETLINK_EXCHANGE_TLS_H

#include "exchange-state.h"

/* False when there is no memory. */
bool exchange_tls_new(struct exchanges *, struct exchange *, const struct exchange_plan *);
/* The connection stands, or something has become ready: handshake, then the request. */
void exchange_tls_go_on(struct exchanges *, int slot);
void exchange_tls_readable(struct exchanges *, int slot);
/* Before its descriptor is closed. */
void exchange_tls_end(struct exchange *);
void exchange_tls_close(struct exchanges *);

#endif
