/*
 * Many datagrams per call, in memory that the caller uses again and again: nothing is allocated here or there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* What a row of sendBatch's table says; the result comes back in it. */
enum { ROW_FD, ROW_DATA, ROW_DATA_LENGTH, ROW_ADDRESS, ROW_ADDRESS_LENGTH, ROW_CONTROL, ROW_CONTROL_LENGTH, ROW_RESULT, ROW_FIELDS };

/* The arguments fd, data, slots, info, addresses, flags. */
static bool get_receive(napi_env env, napi_callback_info info, size_t fields, struct receive *out)
{
	napi_value values[6];

	if (!get_arguments(env, info, 6, values) || !get_int(env, values[0], "fd", &out->fd) ||
	    !get_bytes(env, values[1], "data", &out->data) || !get_int(env, values[2], "slots", &out->slots) ||
	    !get_words(env, values[3], "info", &out->info) ||
	    !get_optional_bytes(env, values[4], "addresses", &out->addresses) ||
	    !get_int(env, values[5], "flags", &out->flags))
		return false;
	if (out->slots < 1 || out->slots > SLOTS_MAX || (size_t)out->slots > out->data.length ||
	    out->info.length < out->slots * fields ||
	    (out->addresses.data && out->addresses.length < (size_t)out->slots * ADDRESS_BYTES)) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "slots must be 1 to 256 and fit data, info and addresses");
		return false;
	}
	return true;
}

int receive_batch(const struct receive *in, struct mmsghdr *messages, size_t address_bytes, uint8_t *control)
{
	struct iovec buffers[SLOTS_MAX];
	size_t slot_bytes = in->data.length / in->slots;
	int received;

	memset(messages, 0, in->slots * sizeof(*messages));
	for (int i = 0; i < in->slots; i++) {
		struct msghdr *header = &messages[i].msg_hdr;

		buffers[i].iov_base = in->data.data + i * slot_bytes;
		buffers[i].iov_len = slot_bytes;
		header->msg_iov = &buffers[i];
		header->msg_iovlen = 1;
		if (in->addresses.data) {
			header->msg_name = in->addresses.data + i * ADDRESS_BYTES;
			header->msg_namelen = address_bytes;
		}
		if (control) {
			header->msg_control = control + i * CONTROL_BYTES;
			header->msg_controllen = CONTROL_BYTES;
		}
	}
	do
		received = recvmmsg(in->fd, messages, in->slots, in->flags, NULL);
	while (received < 0 && errno == EINTR);
	return received;
}

static void tell(int32_t *info, const struct mmsghdr *message)
{
	info[INFO_LENGTH] = message->msg_len;
	info[INFO_FLAGS] = message->msg_hdr.msg_flags;
	info[INFO_ADDRESS_LENGTH] = message->msg_hdr.msg_namelen;
}

/*
 * recvmmsg(fd, data, slots, info, addresses | null, flags): datagrams received.
 * data is cut into equal slots, one datagram each; info (Int32Array) gets {length, msg_flags, address length} per
 * slot; addresses gets ADDRESS_BYTES per slot. MSG_TRUNC in msg_flags: the datagram was longer than its slot.
 */
static napi_value receive_messages(napi_env env, napi_callback_info info)
{
	struct mmsghdr messages[SLOTS_MAX];
	struct receive in;
	int received;

	if (!get_receive(env, info, INFO_FIELDS, &in))
		return NULL;
	received = receive_batch(&in, messages, ADDRESS_BYTES, NULL);
	for (int i = 0; i < received; i++)
		tell(in.info.data + i * INFO_FIELDS, &messages[i]);
	return result_of(env, received);
}

/* Microseconds from then to now, on the wall clock, which may have been set meanwhile: what cannot be is cut off. */
static int32_t age_us(const struct timespec *then, const struct timespec *now)
{
	int64_t us = ((int64_t)now->tv_sec - then->tv_sec) * 1000000 + (now->tv_nsec - then->tv_nsec) / 1000;

	return us < 0 ? 0 : us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

/* Hop limit, interface, destination and time of arrival from the control messages that the socket's options asked for. */
static void tell_control(int32_t *info, uint8_t *destination, struct msghdr *header, const struct timespec *now)
{
	info[INFO_HOP_LIMIT] = -1;
	info[INFO_INTERFACE] = 0;
	info[INFO_AGE_US] = -1;
	if (destination)
		memset(destination, 0, sizeof(struct in6_addr));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			int value;

			memcpy(&value, CMSG_DATA(c), sizeof(value));
			info[INFO_HOP_LIMIT] = value;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo packet;

			memcpy(&packet, CMSG_DATA(c), sizeof(packet));
			info[INFO_INTERFACE] = packet.ipi_ifindex;
			if (destination)
				memcpy(destination, &packet.ipi_addr, sizeof(packet.ipi_addr));
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo packet;

			memcpy(&packet, CMSG_DATA(c), sizeof(packet));
			info[INFO_INTERFACE] = packet.ipi6_ifindex;
			if (destination)
				memcpy(destination, &packet.ipi6_addr, sizeof(packet.ipi6_addr));
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec arrived;

			memcpy(&arrived, CMSG_DATA(c), sizeof(arrived));
			info[INFO_AGE_US] = age_us(&arrived, now);
		}
	}
}

void tell_packet(int32_t *info, uint8_t *destination, struct mmsghdr *message, const struct timespec *now)
{
	tell(info, message);
	tell_control(info, destination, &message->msg_hdr, now);
}

/*
 * receivePackets(fd, data, slots, info, addresses | null, flags): like recvmmsg, with {length, msg_flags, address length,
 * hop limit or -1, interface or 0, microseconds since it arrived or -1} per slot, and the destination's address at
 * DESTINATION_OFFSET of the slot in addresses.
 */
static napi_value receive_packets(napi_env env, napi_callback_info info)
{
	struct mmsghdr messages[SLOTS_MAX];
	_Alignas(struct cmsghdr) uint8_t control[SLOTS_MAX * CONTROL_BYTES];
	struct timespec now;
	struct receive in;
	int received;

	if (!get_receive(env, info, PACKET_INFO_FIELDS, &in))
		return NULL;
	received = receive_batch(&in, messages, DESTINATION_OFFSET, control);
	clock_gettime(CLOCK_REALTIME, &now);
	for (int i = 0; i < received; i++) {
		int32_t *row = in.info.data + i * PACKET_INFO_FIELDS;
		uint8_t *destination = in.addresses.data ? in.addresses.data + i * ADDRESS_BYTES + DESTINATION_OFFSET : NULL;

		tell_packet(row, destination, &messages[i], &now);
	}
	return result_of(env, received);
}

static bool part_of(const struct bytes *memory, int32_t offset, int32_t length)
{
	return offset >= 0 && length >= 0 && (size_t)offset + (size_t)length <= memory->length;
}

/* Sends the messages of consecutive rows with one descriptor; what fails is told in its row and the rest goes on. */
static int send_rows(int fd, struct mmsghdr *messages, int32_t *rows, int count, int flags)
{
	int good = 0;

	for (int at = 0; at < count;) {
		int sent = sendmmsg(fd, messages + at, count - at, flags | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		/* It stops before a message that fails, and says why only when that is the first. */
		if (sent < 0) {
			rows[at * ROW_FIELDS + ROW_RESULT] = -errno;
			at++;
			continue;
		}
		for (int i = at; i < at + sent; i++)
			rows[i * ROW_FIELDS + ROW_RESULT] = messages[i].msg_len;
		good += sent;
		at += sent;
	}
	return good;
}

/*
 * sendBatch(memory, table, count, flags): how many of the rows were sent. A row (eight int32) is {fd, offset and length of
 * the data, of the address, of the control messages (length 0: none), result: octets sent or -errno}; offsets are into
 * memory. Consecutive rows with one descriptor are one system call.
 */
static napi_value send_batch(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct mmsghdr messages[SLOTS_MAX];
	struct iovec buffers[SLOTS_MAX];
	struct bytes memory;
	struct words table;
	int count, flags, good = 0;

	if (!get_arguments(env, info, 4, values) || !get_bytes(env, values[0], "memory", &memory) ||
	    !get_words(env, values[1], "table", &table) || !get_int(env, values[2], "count", &count) ||
	    !get_int(env, values[3], "flags", &flags))
		return NULL;
	if (count < 0 || (size_t)count > table.length / ROW_FIELDS) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "count must fit the table");
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		const int32_t *row = table.data + i * ROW_FIELDS;

		if (!part_of(&memory, row[ROW_DATA], row[ROW_DATA_LENGTH]) ||
		    !part_of(&memory, row[ROW_ADDRESS], row[ROW_ADDRESS_LENGTH]) ||
		    !part_of(&memory, row[ROW_CONTROL], row[ROW_CONTROL_LENGTH])) {
			napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a row of the table points beyond memory");
			return NULL;
		}
	}
	for (int start = 0; start < count;) {
		int32_t *rows = table.data + start * ROW_FIELDS;
		int run = 0;

		for (; start + run < count && run < SLOTS_MAX && rows[run * ROW_FIELDS + ROW_FD] == rows[ROW_FD]; run++) {
			const int32_t *row = rows + run * ROW_FIELDS;
			struct msghdr *header = &messages[run].msg_hdr;

			memset(&messages[run], 0, sizeof(messages[run]));
			buffers[run].iov_base = memory.data + row[ROW_DATA];
			buffers[run].iov_len = row[ROW_DATA_LENGTH];
			header->msg_iov = &buffers[run];
			header->msg_iovlen = 1;
			header->msg_name = row[ROW_ADDRESS_LENGTH] ? memory.data + row[ROW_ADDRESS] : NULL;
			header->msg_namelen = row[ROW_ADDRESS_LENGTH];
			header->msg_control = row[ROW_CONTROL_LENGTH] ? memory.data + row[ROW_CONTROL] : NULL;
			header->msg_controllen = row[ROW_CONTROL_LENGTH];
		}
		good += send_rows(rows[ROW_FD], messages, rows, run, flags);
		start += run;
	}
	return number(env, good);
}

bool define_batch_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "recvmmsg", receive_messages) &&
	       define_function(env, exports, "receivePackets", receive_packets) &&
	       define_function(env, exports, "sendBatch", send_batch);
}
