/* See known-packets.h. SPDX-License-Identifier: Apache-2.0 */
#include "known-packets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Of a slot of addresses: the sender's, and the destination. */
#define COMPARED_ADDRESS_BYTES (DESTINATION_OFFSET + sizeof(struct in6_addr))

struct known_packet {
	bool on;
	int heard, hop_limit;
	double arrived_ms;
	size_t length;
	uint8_t *octets;                        /* the data, and the mask behind it */
	uint8_t addresses[COMPARED_ADDRESS_BYTES];
};

bool known_learn(struct known_packets *all, int key, const struct packet *packet, const uint8_t *mask)
{
	struct known_packet *known = all->by_key[key];
	uint8_t *octets;

	if (!known && !(known = all->by_key[key] = calloc(1, sizeof(*known))))
		return false;
	octets = realloc(known->octets, 2 * packet->length + 1);
	if (!octets)
		return false;
	memcpy(octets, packet->data, packet->length);
	memcpy(octets + packet->length, mask, packet->length);
	memcpy(known->addresses, packet->addresses, COMPARED_ADDRESS_BYTES);
	known->octets = octets;
	known->length = packet->length;
	known->hop_limit = packet->hop_limit;
	known->on = true;
	return true;
}

void known_forget(struct known_packets *all, int key)
{
	if (all->by_key[key])
		all->by_key[key]->on = false;
}

struct known_packet *known_find(const struct known_packets *all, const struct packet *packet)
{
	struct known_packet *known;
	uint8_t difference = 0;

	if (packet->length <= all->key_at)
		return NULL;
	known = all->by_key[packet->data[all->key_at]];
	if (!known || !known->on || known->length != packet->length || known->hop_limit != packet->hop_limit ||
	    memcmp(known->addresses, packet->addresses, COMPARED_ADDRESS_BYTES) != 0)
		return NULL;
	for (size_t at = 0; at < packet->length; at++)
		difference |= (known->octets[at] ^ packet->data[at]) & known->octets[packet->length + at];
	return difference ? NULL : known;
}

void known_count(struct known_packets *all, struct known_packet *known, double arrived_ms)
{
	if (known->heard++ == 0)
		all->heard++;
	known->arrived_ms = arrived_ms;
}

int known_take(struct known_packets *all, struct doubles rows)
{
	int count = 0;

	for (int key = 0; key < KEYS && all->heard > 0 && (size_t)(count + 1) * HEARD_FIELDS <= rows.length; key++) {
		struct known_packet *known = all->by_key[key];
		double *row = rows.data + count * HEARD_FIELDS;

		if (!known || known->heard == 0)
			continue;
		row[0] = key;
		row[1] = known->heard;
		row[2] = known->arrived_ms;
		known->heard = 0;
		all->heard--;
		count++;
	}
	return count;
}

void known_free(struct known_packets *all)
{
	for (int key = 0; key < KEYS; key++) {
		if (all->by_key[key])
			free(all->by_key[key]->octets);
		free(all->by_key[key]);
		all->by_key[key] = NULL;
	}
}
