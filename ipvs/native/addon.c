/* Where Node.js enters the addon. SPDX-License-Identifier: Apache-2.0 */
#include "native.h"

NAPI_MODULE_INIT()
{
	/* First, as it throws where the addon cannot live; the others own descriptors by it. */
	if (!define_descriptor_functions(env, exports))
		return NULL;
	define_socket_functions(env, exports);
	define_batch_functions(env, exports);
	define_listener_functions(env, exports);
	define_exchange_functions(env, exports);
	define_interface_functions(env, exports);
	define_process_functions(env, exports);
	define_privilege_functions(env, exports);
	define_spawn_functions(env, exports);
	define_signal_functions(env, exports);
	define_timer_functions(env, exports);
	return exports;
}
