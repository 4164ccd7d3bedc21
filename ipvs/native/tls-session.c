/* See tls-session.h. SPDX-License-Identifier: Apache-2.0 */
#include "tls-session.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

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
