/* How an exchange goes on within its TLS session. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_EXCHANGE_TLS_H
#define IPVS_NETLINK_EXCHANGE_TLS_H

#include "exchange-state.h"

/* The connection stands, or something has become ready: handshake, then the request. */
void exchange_tls_go_on(struct exchanges *, int slot);
void exchange_tls_readable(struct exchanges *, int slot);

#endif
