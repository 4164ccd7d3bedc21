/* See exchange-tls.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-tls.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

/* Whoever does not verify need not look for authorities either; the certificate is looked at for its expiry only. */
static int accept_chain(X509_STORE_CTX *store, void *data)
{
	(void)store;
	(void)data;
	return 1;
}

int exchanges_prepare_tls(struct exchanges *all, const struct tls_settings *settings)
{
	SSL_CTX *context;

	if (all->tls)
		return 0;
	/* A Node that was built with another library of TLS, or with none. */
	if (!dlsym(RTLD_DEFAULT, "SSL_CTX_new") || !dlsym(RTLD_DEFAULT, "SSL_get1_peer_certificate"))
		return -ENOTSUP;
	context = SSL_CTX_new(TLS_client_method());
	if (!context || !SSL_CTX_set_min_proto_version(context, settings->min_version) ||
	    !SSL_CTX_set_cipher_list(context, settings->ciphers) ||
	    !SSL_CTX_set_ciphersuites(context, settings->cipher_suites)) {
		SSL_CTX_free(context);
		ERR_clear_error();
		return -ENOTSUP;
	}
	/* An OpenSSL that does not know one of them has defaults of its own. */
	SSL_CTX_set1_groups_list(context, settings->groups);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(context, accept_chain, NULL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	ERR_clear_error();
	all->tls = context;
	return 0;
}

void exchange_tls_close(struct exchanges *all)
{
	if (all->tls)
		SSL_CTX_free(all->tls);
}

bool exchange_tls_new(struct exchanges *all, struct exchange *exchange, const struct exchange_plan *plan)
{
	SSL *ssl = all->tls ? SSL_new(all->tls) : NULL;

	if (!ssl || (plan->server_name.length &&
		     !SSL_set_tlsext_host_name(ssl, (const char *)plan->server_name.data))) {
		SSL_free(ssl);
		return false;
	}
	SSL_set_connect_state(ssl);
	exchange->ssl = ssl;
	exchange->compliant = plan->compliant;
	return true;
}

void exchange_tls_end(struct exchange *exchange)
{
	/* The notice waits for no answer: it is handed to the kernel and that is all. */
	if (exchange->compliant && exchange->state == RECEIVING) {
		ERR_clear_error();
		SSL_shutdown(exchange->ssl);
	}
	SSL_free(exchange->ssl);
	exchange->ssl = NULL;
	ERR_clear_error();
}

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
