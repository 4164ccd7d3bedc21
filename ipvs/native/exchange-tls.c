/* See exchange-tls.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

static bool watch_for(struct exchanges *all, int slot, uint32_t events)
{
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->watched == events || exchange_watch(all, slot, EPOLL_CTL_MOD, events))
		return true;
	exchange_tell(all, slot, EXCHANGE_FAILED, errno, CALL_SOCKET);
	return false;
}

static void tell_error(struct exchanges *all, int slot, unsigned long error)
{
	const char *text = ERR_reason_error_string(error);
	size_t length;

	if (!text)
		text = "unknown error";
	length = strlen(text);
	memcpy(all->arena.data + all->arena_used, text, length);
	exchange_tell(all, slot, EXCHANGE_TLS_FAILED, length, all->arena_used);
	all->arena_used += length;
}

/* What a call of OpenSSL that did not succeed means: it waits, or the exchange gets no further. */
static void stopped(struct exchanges *all, int slot, int result)
{
	int failure = errno;
	struct exchange *exchange = &all->exchange[slot];
	int reason = SSL_get_error(exchange->ssl, result);
	unsigned long error = ERR_peek_error();
	bool handshake = exchange->state != RECEIVING;

	if (reason == SSL_ERROR_WANT_READ)
		watch_for(all, slot, EPOLLIN | EPOLLRDHUP);
	else if (reason == SSL_ERROR_WANT_WRITE)
		watch_for(all, slot, EPOLLOUT);
	else if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && failure == 0) ||
		 (reason == SSL_ERROR_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING))
		exchange_tell(all, slot, EXCHANGE_END, handshake, 0);
	else if (reason == SSL_ERROR_SYSCALL)
		exchange_tell(all, slot, EXCHANGE_FAILED, failure, handshake ? CALL_HANDSHAKE : CALL_RECEIVE);
	else
		tell_error(all, slot, error);
}

/* Seconds since the epoch, in two words. */
static void tell_expiry(struct exchanges *all, int slot)
{
	X509 *certificate = SSL_get1_peer_certificate(all->exchange[slot].ssl);
	struct tm tm;
	int64_t expiry;

	if (!certificate)
		return;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm)) {
		expiry = timegm(&tm);
		exchange_tell(all, slot, EXCHANGE_SECURED, (int32_t)(uint32_t)expiry, (int32_t)(expiry >> 32));
	}
	X509_free(certificate);
}

void exchange_tls_go_on(struct exchanges *all, int slot)
{
	struct exchange *exchange = &all->exchange[slot];
	int result;

	ERR_clear_error();
	errno = 0;
	if (exchange->state == CONNECTING) {
		exchange->state = HANDSHAKING;
		if (!SSL_set_fd(exchange->ssl, exchange->fd)) {
			tell_error(all, slot, ERR_peek_error());
			return;
		}
	}
	if (!SSL_is_init_finished(exchange->ssl)) {
		result = SSL_do_handshake(exchange->ssl);
		if (result != 1) {
			stopped(all, slot, result);
			return;
		}
		tell_expiry(all, slot);
	}
	result = SSL_write(exchange->ssl, exchange->request, exchange->length);
	if (result <= 0) {
		stopped(all, slot, result);
		return;
	}
	exchange->state = RECEIVING;
	/* What the server said in the same breath as the end of its handshake makes no descriptor ready. */
	if (watch_for(all, slot, EPOLLIN | EPOLLRDHUP) && SSL_has_pending(exchange->ssl))
		exchange_tls_readable(all, slot);
}

void exchange_tls_readable(struct exchanges *all, int slot)
{
	struct exchange *exchange = &all->exchange[slot];
	int received;

	do {
		if (!exchanges_have_room_left(all)) {
			exchange->pending = true;
			all->pending++;
			return;
		}
		ERR_clear_error();
		errno = 0;
		received = SSL_read(exchange->ssl, all->arena.data + all->arena_used, PIECE_BYTES);
		if (received <= 0) {
			stopped(all, slot, received);
			return;
		}
		exchange_tell(all, slot, EXCHANGE_DATA, received, all->arena_used);
		all->arena_used += received;
	} while (SSL_has_pending(exchange->ssl));
}
