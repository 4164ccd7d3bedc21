/*
 * Packets that somebody has read before and that come to the same again: recognized by their octets, and counted. One octet says which of
 * 256 a packet could be. No socket here. SPDX-License-Identifier: Apache-2.0
 */
#ifndef IPVS_NETLINK_KNOWN_PACKETS_H
#define IPVS_NETLINK_KNOWN_PACKETS_H

#include "batch.h"

#define KEYS 256
#define HEARD_FIELDS 3

struct known_packet;

struct known_packets {
	size_t key_at;                          /* which octet */
	struct known_packet *by_key[KEYS];
	int heard;                              /* of how many has something come that was not taken */
};

/* A packet as it was received. */
struct packet {
	const uint8_t *data, *addresses;        /* ADDRESS_BYTES of addresses, with zeros where there is none */
	size_t length;
	int hop_limit;
};

/* In place of what was known by that key. Octets whose mask is 0 may be others each time. False when there is no memory. */
bool known_learn(struct known_packets *, int key, const struct packet *, const uint8_t *mask);
/* It is a stranger again. What it was counted until now can still be taken. */
void known_forget(struct known_packets *, int key);
/* Which one this packet repeats; NULL: none. */
struct known_packet *known_find(const struct known_packets *, const struct packet *);
void known_count(struct known_packets *, struct known_packet *, double arrived_ms);
/* Fills rows of HEARD_FIELDS {key, how many, when the last one came} with what came since the last call; answers how many. */
int known_take(struct known_packets *, struct doubles rows);
void known_free(struct known_packets *);

#endif
