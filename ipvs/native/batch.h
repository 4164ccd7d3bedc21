/* Many datagrams per call, for the sources that receive. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_BATCH_H
#define IPVS_NETLINK_BATCH_H

#include "native.h"

#include <sys/socket.h>
#include <time.h>

#define SLOTS_MAX 256
#define ADDRESS_BYTES 128       /* struct sockaddr_storage */
#define DESTINATION_OFFSET 64   /* within a slot of addresses; no sender's address is that long here */
#define CONTROL_BYTES 128       /* of in6_pktinfo and a hop limit, or of their IPv4 kind, and a time */

/* What info tells of a datagram. */
enum {
	INFO_LENGTH, INFO_FLAGS, INFO_ADDRESS_LENGTH, INFO_FIELDS,
	INFO_HOP_LIMIT = INFO_FIELDS, INFO_INTERFACE, INFO_AGE_US, PACKET_INFO_FIELDS
};

/* Where datagrams go: as many equal slots of each. */
struct receive {
	int fd, slots, flags;
	struct bytes data, addresses;
	struct words info;
};

/* recvmmsg(2), again after EINTR. `control` is CONTROL_BYTES per slot, or NULL. */
int receive_batch(const struct receive *, struct mmsghdr *messages, size_t address_bytes, uint8_t *control);
/* Fills PACKET_INFO_FIELDS words, and the destination unless it is NULL. `now` is of the wall clock. */
void tell_packet(int32_t *info, uint8_t *destination, struct mmsghdr *message, const struct timespec *now);

#endif
